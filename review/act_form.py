"""What a form of the review asks for, as an act: whatever does not fit is said in a sentence."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Never

from babel.numbers import NumberFormatError, is_currency, parse_decimal
from pydantic import BaseModel, Field, ValidationError

from config.clock import local_day
from config.organisation import Organisation
from notifier.words import BABEL_LOCALES, Words
from review.activity import stage_name
from store.acts import Act, Action, AssignmentRecord
from store.assignments import NOBODY
from store.decisions import DecisionRecord, Reason, Verdict
from store.notes import NoteRecord
from store.stages import MOST_CENTS, WITH_MONEY, CallStage, StageRecord

UNDO = str(Action.UNDO)
SEEN = re.compile(r"[0-9]{1,18}")
"""A revision: no more digits than a database has room for."""
WRITTEN = re.compile(r"[0-9][0-9.,]{0,29}")
PLAIN = re.compile(r"[0-9]+\.[0-9]{1,2}")
"""An amount as a keyboard's own block of digits writes it, which no language takes for thousands."""
QUOTED = 40
"""Characters of what was written that are told again."""
EXAMPLE = Decimal("1234567.50")
FIRST_DAY = date(1970, 1, 1)


class UnfitError(ValueError):
    """A field holds what does not belong there: one sentence in the visitor's language."""


class Asked(BaseModel):
    """The fields of a form that say what is to be done. `back` is the path that the visitor comes from."""

    action: str = ""
    reason: str = ""
    note: str = ""
    officer: str = ""
    amount: str = ""
    currency: str = ""
    day: str = ""
    back: str = ""


class OneForm(Asked):
    """To one call: `seen` is its revision as the visitor saw it (`store.audit.revision_of`)."""

    seen: str = ""


class ManyForm(Asked):
    """To several calls: `call` are `source:key`, `seen` `source:key=revision`."""

    call: list[str] = Field(default_factory=list)
    seen: list[str] = Field(default_factory=list)

    @property
    def calls(self) -> list[str]:
        """Each once."""
        return list(dict.fromkeys(self.call))

    @property
    def revisions(self) -> dict[str, int]:
        """By call, as far as they are stated: of the others it is taken that nothing done to them was seen."""
        parts = (one.rpartition("=") for one in self.seen)
        return {name: int(revision) for name, _, revision in parts if SEEN.fullmatch(revision)}


def revision_in(words: Words, seen: str) -> int:
    """Raises UnfitError."""
    if not SEEN.fullmatch(seen):
        raise UnfitError(
            words.gettext("The form does not say which state of the call you saw. Load it anew.")
        )
    return int(seen)


def act_in(words: Words, organisation: Organisation, form: Asked, now: datetime) -> Act | None:
    """What is to be done; None: the visitor's last act is to be taken back. Raises UnfitError."""
    action = form.action
    _refuse_lost(words, form)
    if action in set(Verdict):
        return _decision(words, form)
    if action in set(CallStage):
        return StageRecord(
            stage=CallStage(action),
            day=_day(words, form.day, now),
            cents=_cents(words, form.amount),
            currency=_currency(words, form.currency),
        )
    match action:
        case Action.ASSIGN:
            return AssignmentRecord(officer=_officer(words, organisation, form.officer))
        case Action.NOTE:
            return _note(words, form.note)
        case Action.UNDO:
            return None
        case _:
            raise UnfitError(words.gettext("“%(action)s” cannot be done to a call.", action=_short(action)))


def _refuse_lost(words: Words, form: Asked) -> None:
    """Nothing that somebody wrote may be dropped in silence."""
    if form.reason and form.action != Verdict.NOT_RELEVANT:
        raise UnfitError(words.gettext("A reason goes with “Not for us” alone."))
    if form.note.strip() and form.action not in {*Verdict, Action.NOTE}:
        raise UnfitError(words.gettext("A note goes with a decision, or is kept by itself."))
    if form.day.strip() and form.action not in set(CallStage):
        raise UnfitError(words.gettext("A day goes with a stage alone."))
    if form.amount.strip() and form.action not in WITH_MONEY:
        stages = [stage_name(words, stage) for stage in CallStage if stage in WITH_MONEY]
        raise UnfitError(
            words.gettext("An amount goes with these stages alone: %(stages)s.", stages=words.listed(stages))
        )


def _decision(words: Words, form: Asked) -> DecisionRecord:
    if form.reason not in set(Reason):
        raise UnfitError(words.gettext("“%(reason)s” is none of the reasons.", reason=_short(form.reason)))
    try:
        return DecisionRecord(verdict=Verdict(form.action), reason=Reason(form.reason), note=form.note)
    except ValidationError:
        _too_long(words)


def _note(words: Words, text: str) -> NoteRecord:
    if not text.strip():
        raise UnfitError(words.gettext("The note is empty."))
    try:
        return NoteRecord(text=text)
    except ValidationError as error:
        if error.errors()[0]["type"] == "string_too_short":  # of what cannot be stored nothing was left
            raise UnfitError(words.gettext("The note is empty.")) from None
        _too_long(words)


def _too_long(words: Words) -> Never:
    most = words.number(2_000)
    raise UnfitError(words.gettext("The note is too long: at most %(n)s characters.", n=most)) from None


def _officer(words: Words, organisation: Organisation, key: str) -> str:
    if key != NOBODY and organisation.officer(key) is None:
        raise UnfitError(words.gettext("“%(officer)s” is none of the officers.", officer=_short(key)))
    return key


def _cents(words: Words, amount: str) -> int | None:
    """Of an amount as the visitor's language writes it, `1.234.567,50`, or as `1234567.50`."""
    bare = "".join(amount.replace("€", "").split())
    if not amount.strip():
        return None
    euros = _decimal(words, bare) if WRITTEN.fullmatch(bare) else None
    if euros is None or _decimals(euros) > len("50") or euros * 100 > MOST_CENTS:
        raise UnfitError(
            words.gettext(
                "“%(amount)s” is no amount: write it as %(example)s, and no more than %(most)s.",
                amount=_short(amount),
                example=words.number(EXAMPLE),
                most=words.money(MOST_CENTS),
            )
        )
    return int(euros * 100)


def _decimals(number: Decimal) -> int:
    """Those that are written: 1,200 is a slip where it means 1.20."""
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _decimal(words: Words, bare: str) -> Decimal | None:
    try:
        return parse_decimal(bare, locale=BABEL_LOCALES[words.language], strict=True)
    except NumberFormatError:
        return Decimal(bare) if PLAIN.fullmatch(bare) else None


def _currency(words: Words, code: str) -> str:
    code = code.strip().upper() or "EUR"
    if not is_currency(code):
        raise UnfitError(words.gettext("“%(code)s” is no currency, such as EUR.", code=_short(code)))
    return code


def _day(words: Words, written: str, now: datetime) -> date | None:
    """The day on which it came to a stage: not one that is still to come."""
    if not written.strip():
        return None
    today = local_day(now)
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        day = None
    if day is None or not FIRST_DAY <= day <= today:
        raise UnfitError(
            words.gettext(
                "“%(day)s” is no day up to today: write it as %(example)s.",
                day=_short(written),
                example=today.isoformat(),
            )
        )
    return day


def _short(written: str) -> str:
    return written if len(written) <= QUOTED else f"{written[:QUOTED]}…"
