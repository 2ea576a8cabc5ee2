"""A digest in words: subject, HTML and plain text."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

import css_inline

from config.organisation import Organisation
from config.schema import Officer
from notifier.health_words import health_sentence
from notifier.mail import Letter
from notifier.selection import BRUSSELS, Item, Section, Selection
from notifier.sheet import Sheet, write_sheet
from notifier.templating import templates
from notifier.tiers import ranking_sentence
from notifier.words import MADRID, Words, words_in


@dataclass(frozen=True)
class Chapter:
    """A section of the digest in words."""

    title: str
    lead: str
    sheets: tuple[Sheet, ...]


def write_letter(
    selection: Selection, organisation: Organisation, officer: Officer, now: datetime, moved_days: int = 0
) -> Letter:
    """The digest of `selection` in the officer's language; one that has no items says so."""
    words = words_in(officer.language)
    environment = templates(officer.language)
    subject = _subject(words, organisation, selection, now)
    context = {
        "words": words,
        "organisation": organisation,
        "officer": officer,
        "notice": words.moved(moved_days),
        "subject": subject,
        "date": words.weekday(now.astimezone(MADRID).date()),
        "lead": _lead(words, selection),
        "preheader": _preheader(words, selection),
        "sections": [
            Chapter(
                *_headings(words, section), tuple(write_sheet(i, words, organisation, now) for i in items)
            )
            for section, items in selection.sections.items()
        ],
        "closing": _closing(words, selection),
        "health": [health_sentence(words, health, now) for health in selection.health],
    }
    html = environment.get_template("digest.html.j2").render(context)
    text = environment.get_template("digest.txt.j2").render(context)
    return Letter(subject, text, _inliner().inline(html), officer.language)


@cache
def _inliner() -> css_inline.CSSInliner:
    # What follows the reader's dark mode cannot stand in an attribute: those rules stay in <style>.
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def _nearest(selection: Selection) -> Item | None:
    dated = [item for item in selection.calls if item.days_left is not None]
    return min(dated, key=lambda item: item.days_left or 0, default=None)


def _subject(words: Words, organisation: Organisation, selection: Selection, now: datetime) -> str:
    name, count, nearest = organisation.profile.short_name, len(selection.items), _nearest(selection)
    if not count:
        return words.gettext("%(name)s: nothing new this week", name=name)
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


def _lead(words: Words, selection: Selection) -> str:
    counts = {section: len(items) for section, items in selection.sections.items()}
    if not counts:
        return words.gettext(
            "Nothing new this week: no call that fits your areas opened, changed or closes soon."
        )
    said = {
        Section.CLOSING: lambda n: words.ngettext("%(n)s closes soon", "%(n)s close soon", n),
        Section.NEW: lambda n: words.ngettext("%(n)s is new", "%(n)s are new", n),
        Section.CHANGED: lambda n: words.ngettext("%(n)s changed", "%(n)s changed", n),
        Section.FORTHCOMING: lambda n: words.ngettext("%(n)s opens soon", "%(n)s open soon", n),
    }
    parts = words.listed([said[section](count) for section, count in counts.items()])
    total = sum(counts.values())
    return words.ngettext("%(n)s call: %(parts)s.", "%(n)s calls: %(parts)s.", total, parts=parts)


def _preheader(words: Words, selection: Selection) -> str:
    best = min(selection.items, key=lambda item: item.own_rank or item.rank, default=None)
    if best is None:
        return words.gettext("How the sources stand is told below.")
    title = best.call.titles.get(words.language) or best.call.title
    return words.gettext("Ranked first: %(title)s", title=title)


def _headings(words: Words, section: Section) -> tuple[str, str]:
    return {
        Section.CLOSING: (
            words.gettext("Closing soon"),
            words.gettext("The deadline is at most 30 days away."),
        ),
        Section.NEW: (words.gettext("New"), words.gettext("Open, and not sent to you before.")),
        Section.CHANGED: (
            words.gettext("Changed"),
            words.gettext("Sent to you before; this is what is different."),
        ),
        Section.FORTHCOMING: (
            words.gettext("Opening soon"),
            words.gettext("Opening within six months: time to find partners."),
        ),
    }[section]


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
