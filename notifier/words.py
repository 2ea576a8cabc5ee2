"""Dates, amounts, ranks and sentences in the reader's language."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from config.organisation import Language
from notifier.catalogue import translations
from store.models import Deadline

MADRID = ZoneInfo("Europe/Madrid")
MILLION = Decimal(1_000_000)
# Babel's plain "en" is the American one.
BABEL_LOCALES: dict[Language, str] = {"ca": "ca", "es": "es", "en": "en_GB", "fr": "fr"}
AMOUNT = re.compile(r"(?P<number>[\d.,\u202f\u00a0]*\d)(?P<unit>\D*)")


class Words:
    """The words of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._locale = Locale.parse(BABEL_LOCALES[language])
        self._catalogue = translations(language)

    def gettext(self, message: str, **values: Any) -> str:
        """`message` in this language, its `%(name)s` filled in."""
        translated = self._catalogue.gettext(message)
        return translated % values if values else translated

    def ngettext(self, one: str, many: str, n: int, **values: Any) -> str:
        """The form of the sentence that `n` takes; `%(n)s` is the number as this language writes it."""
        return self._catalogue.ngettext(one, many, n) % {"n": self.number(n), **values}

    def moved(self, days: int) -> str:
        """What a demonstration says of itself, whose dates are moved by `days`; nothing where none is moved."""
        return (
            self.ngettext(
                "Demonstration: real calls, with every date moved by %(n)s day.",
                "Demonstration: real calls, with every date moved by %(n)s days.",
                days,
            )
            if days
            else ""
        )

    def number(self, value: float | Decimal) -> str:
        return format_decimal(value, locale=self._locale)

    def percent(self, value: int) -> str:
        """`95 %`."""
        return format_percent(value / 100, locale=self._locale)

    def listed(self, parts: Sequence[str]) -> str:
        """`a, b and c`."""
        text = format_list(parts, locale=self._locale)
        return self._smooth_joint(text, parts)

    def chained(self, parts: Sequence[str]) -> str:
        """`a; b`: sentences without a full stop, one after the other."""
        return self.gettext("; ").join(parts)

    def quoted(self, words: str) -> str:
        """Words of somebody else, between this language's quotation marks."""
        return self.gettext("“%(words)s”", words=words)

    def full_date(self, day: date) -> str:
        """`18 de març del 2026`."""
        return self.smooth(format_date(day, "long", locale=self._locale))

    def weekday(self, day: date) -> str:
        """`dimecres, 18 de març del 2026`."""
        return self.smooth(format_date(day, "full", locale=self._locale))

    def short_date(self, day: date, today: date) -> str:
        """`18 de març`, with the year when it is not this one."""
        if day.year != today.year:
            return self.full_date(day)
        return self.smooth(format_skeleton("MMMMd", day, locale=self._locale))

    def span(self, before: date, after: date, today: date) -> tuple[str, str]:
        """Two dates as they stand in "from … to …": `4`, `18 de març`."""
        end = self.short_date(after, today)
        if (before.year, before.month) == (after.year, after.month):
            return str(before.day), end
        if before.year != after.year:
            return self.full_date(before), self.full_date(after)
        return self.short_date(before, before), end

    def on(self, instant: datetime, now: datetime) -> str:
        """The day of `instant` as people in Madrid say it at `now`: `avui`, `ahir`, `el 12 de juny`."""
        day, today = instant.astimezone(MADRID).date(), now.astimezone(MADRID).date()
        if day == today:
            return self.gettext("today")
        if (today - day).days == 1:
            return self.gettext("yesterday")
        return self.smooth(self.gettext("on %(day)s", day=self.short_date(day, today)))

    def deadline(self, deadline: Deadline) -> str:
        """`18 de març del 2026, 17:00 (Brussel·les)`; prose of the source where there is no date."""
        if deadline.day is None:
            return deadline.prose
        if deadline.at is None:
            return self.full_date(deadline.day)
        return f"{self.full_date(deadline.day)}, {deadline.at:%H:%M} ({self.place(deadline.zone)})"

    def place(self, zone: str) -> str:
        """The city that a time zone is named after."""
        if zone == "Europe/Brussels":
            return self.gettext("Brussels")
        return zone.rsplit("/", 1)[-1].replace("_", " ")

    def days_left(self, days: int) -> str:
        """`tanca avui`, `tanca demà`, `queden 12 dies`."""
        if days <= 0:
            return self.gettext("closes today")
        if days == 1:
            return self.gettext("closes tomorrow")
        return self.ngettext("%(n)s day left", "%(n)s days left", days)

    def opens_in(self, days: int) -> str:
        if days <= 0:
            return self.gettext("opens today")
        return self.ngettext("opens in %(n)s day", "opens in %(n)s days", days)

    def standing(self, percentile: float) -> str:
        """`entre el 3 % millor`: never more exact than a whole per cent."""
        share = max(1, ceil(100 - percentile))
        text = self.gettext("in the top %(share)s", share=format_percent(share / 100, locale=self._locale))
        return self.smooth(text)

    def money(self, cents: int, currency: str = "EUR") -> str:
        """`24 M€`, `600.000 €`; `cents` are whole cents of `currency`."""
        euros = Decimal(cents) / 100
        if euros >= MILLION:
            millions = (euros / MILLION).quantize(Decimal("0.01"), ROUND_HALF_UP)
            amount = format_decimal(millions, "#,##0.##", locale=self._locale)
            if currency == "EUR":
                return self.gettext("€%(amount)sM", amount=amount)
            return self.gettext("%(currency)s %(amount)s million", amount=amount, currency=currency)
        amount = format_decimal(euros.quantize(Decimal(1), ROUND_HALF_UP), "#,##0", locale=self._locale)
        if currency == "EUR":
            return self.gettext("€%(amount)s", amount=amount)
        return self.gettext("%(currency)s %(amount)s", amount=amount, currency=currency)

    def amounts(self, first: int, second: int, currency: str) -> tuple[str, str]:
        """Two amounts as they stand in "from … to …": `12`, `15 M€`; the unit is said once where it ends both."""
        one, two = self.money(first, currency), self.money(second, currency)
        left, right = AMOUNT.fullmatch(one), AMOUNT.fullmatch(two)
        if left and right and left["unit"] == right["unit"]:
            return left["number"], two
        return one, two

    def smooth(self, text: str) -> str:
        """`text` of our own with what numbers ask for: an article elided before 1 and 11, `1er mars`."""
        if self.language == "ca":
            text = re.sub(r"\b([Dd]e|[Aa])l (?=(?:1(?!\.?\d)|11(?!\d)))", r"\1 l’", text)
            text = re.sub(r"\b([Ee])l (?=(?:1(?!\.?\d)|11(?!\d)))", "l’", text)
            return re.sub(r"\b([Dd])e (?=(?:1(?!\.?\d)|11(?!\d)))", r"\1’", text)
        if self.language == "fr":
            return re.sub(rf"\b1(?= (?:{FRENCH_MONTHS})\b| au \d)", "1er", text)
        return text

    def _smooth_joint(self, text: str, parts: Iterable[str]) -> str:
        last = list(parts)[-1:]
        if self.language == "es" and last and re.match(r"(?i)h?i(?![aeou])", last[0]):
            head = text[: -len(last[0])]
            return re.sub(r" y $", " e ", head) + last[0]
        return text


FRENCH_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"


@cache
def words_in(language: Language) -> Words:
    """The words of `language`, made once."""
    return Words(language)
