"""A digest in words: subject, HTML and plain text."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

import css_inline

from config.organisation import Organisation
from config.schema import Officer
from notifier.headings import section_lead, section_title
from notifier.health_words import health_sentence
from notifier.items import BRUSSELS, Item
from notifier.links import summary_address
from notifier.mail import Letter
from notifier.sections import Section
from notifier.selection import Selection
from notifier.sheet import Sheet, write_sheet
from notifier.templating import templates
from notifier.tiers import ranking_sentence
from notifier.words import MADRID, Words, words_in

FRESH = timedelta(days=8)
"""Since when a source must have been read for a quiet week to mean something: some are read weekly."""


@dataclass(frozen=True)
class Chapter:
    """A section of the digest in words."""

    title: str
    lead: str
    sheets: tuple[Sheet, ...]


def write_letter(
    selection: Selection,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    moved_days: int = 0,
    review_url: str = "",
) -> Letter:
    """The digest of `selection` in the officer's language; one that has no items says so.

    Where there is a review, at `review_url`, it leads to each call's page there and to the summary of all.
    """
    words = words_in(officer.language)
    environment = templates(officer.language)
    subject = _subject(words, organisation, officer, selection, now)
    context = {
        "words": words,
        "organisation": organisation,
        "officer": officer,
        "notice": words.moved(moved_days),
        "subject": subject,
        "date": words.weekday(now.astimezone(MADRID).date()),
        "lead": _lead(words, officer, selection, now),
        "preheader": _preheader(words, selection),
        "sections": [
            Chapter(
                section_title(words, section),
                section_lead(words, section),
                tuple(write_sheet(item, words, organisation, now, review_url) for item in items),
            )
            for section, items in selection.sections.items()
        ],
        "closing": _closing(words, selection),
        "summary": summary_address(review_url),
        "health": [health_sentence(words, health, now) for health in selection.health],
    }
    html = environment.get_template("digest.html.j2").render(context)
    text = environment.get_template("digest.txt.j2").render(context)
    # One character for the six of its name: Gmail cuts a mail off at 102 kB of HTML.
    html = _inliner().inline(html).replace("&nbsp;", "\N{NO-BREAK SPACE}")
    return Letter(subject, text, html, officer.language)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(minify_css=True, load_remote_stylesheets=False)


def _nearest(selection: Selection) -> Item | None:
    dated = [item for item in selection.calls if item.days_left is not None]
    return min(dated, key=lambda item: item.days_left or 0, default=None)


def _subject(
    words: Words, organisation: Organisation, officer: Officer, selection: Selection, now: datetime
) -> str:
    name, count, nearest = organisation.profile.short_name, len(selection.items), _nearest(selection)
    if not count and officer.cadence != "daily":
        return words.gettext("%(name)s: nothing new this week", name=name)
    if not count:
        return words.gettext("%(name)s: nothing new today", name=name)
    if nearest is None or nearest.deadline is None or nearest.deadline.day is None:
        return words.ngettext("%(name)s: %(n)s call", "%(name)s: %(n)s calls", count, name=name)
    day = words.short_date(nearest.deadline.day, now.astimezone(BRUSSELS).date())
    return words.smooth(
        words.ngettext(
            "%(name)s: %(n)s call, it closes on %(day)s",
            "%(name)s: %(n)s calls, the first closes on %(day)s",
            count,
            name=name,
            day=day,
        )
    )


def _lead(words: Words, officer: Officer, selection: Selection, now: datetime) -> str:
    counts = {section: len(items) for section, items in selection.sections.items()}
    if not counts:
        return f"{_quiet(words, officer)} {_all_read(words, selection, now)}".strip()
    said = {
        Section.CLOSING: lambda n: words.ngettext("%(n)s closes soon", "%(n)s close soon", n),
        Section.REMINDER: lambda n: words.ngettext(
            "%(n)s that was shortlisted comes closer", "%(n)s that were shortlisted come closer", n
        ),
        Section.NEW: lambda n: words.ngettext("%(n)s is new", "%(n)s are new", n),
        Section.CHANGED: lambda n: words.ngettext("%(n)s changed", "%(n)s changed", n),
        Section.PORTFOLIO: lambda n: words.ngettext(
            "%(n)s continues a project", "%(n)s continue projects", n
        ),
        Section.FORTHCOMING: lambda n: words.ngettext("%(n)s opens soon", "%(n)s open soon", n),
    }
    parts = words.listed([said[section](count) for section, count in counts.items()])
    total = sum(counts.values())
    return words.ngettext("%(n)s call: %(parts)s.", "%(n)s calls: %(parts)s.", total, parts=parts)


def _quiet(words: Words, officer: Officer) -> str:
    if officer.cadence != "daily":
        return words.gettext(
            "Nothing new this week: no call that fits your areas opened, changed or closes soon."
        )
    return words.gettext("Nothing new today: no call that fits your areas opened, changed or closes soon.")


def _all_read(words: Words, selection: Selection, now: datetime) -> str:
    """That the quiet is not of our making: how many of the sources were read whole, and not too long ago."""
    sources = len(selection.health)
    sound = sum(
        one.sound and one.read_at is not None and one.read_at >= now - FRESH for one in selection.health
    )
    if not sources:
        return ""
    if sound == sources:
        return words.ngettext("%(n)s source was read whole.", "All %(n)s sources were read whole.", sources)
    return words.ngettext(
        "%(sound)s of %(n)s source was read whole; what is missing is told below.",
        "%(sound)s of %(n)s sources were read whole; what is missing is told below.",
        sources,
        sound=words.number(sound),
    )


def _preheader(words: Words, selection: Selection) -> str:
    best = min(selection.items, key=lambda item: item.own_rank or item.rank, default=None)
    if best is None:
        return words.gettext("How the sources stand is told below.")
    title = best.call.titles.get(words.language) or best.call.title
    return words.gettext("Ranked first: %(title)s", title=title)


def _closing(words: Words, selection: Selection) -> list[str]:
    """What is not in the mail, counted."""
    said = []
    if selection.more:
        said.append(
            words.ngettext(
                "%(n)s more call fits your areas: it stands in the summary.",
                "%(n)s more calls fit your areas: they stand in the summary.",
                selection.more,
            )
        )
    if selection.hidden:
        said.append(
            words.ngettext(
                "%(n)s call is hidden because an eligibility rule excludes it; the summary names the rule.",
                "%(n)s calls are hidden because an eligibility rule excludes them; the summary names the rules.",
                selection.hidden,
            )
        )
    ranked = words.ngettext(
        "Ranks count among %(n)s live call.", "Ranks count among the %(n)s live calls.", selection.ranked
    )
    if selection.own_ranked:
        own = words.ngettext(
            "Ranks in your areas count among the %(n)s of them that touches these.",
            "Ranks in your areas count among the %(n)s of them that touch these.",
            selection.own_ranked,
        )
        ranked = f"{ranked} {own}"
    return [*said, ranked, ranking_sentence(words, selection.model)] if selection.items else said
