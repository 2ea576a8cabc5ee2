"""The parts of a digest, and in which of them a call stands."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from notifier.history import Told
from notifier.items import Item

CLOSING = timedelta(days=30)
"""How long before its deadline a call is told of as closing."""
REMINDERS = (30, 14, 7, 2)
"""Days before the deadline of a call that was shortlisted: a month to write, a fortnight, a week, the last papers."""

URGENT = 7
"""Of these days the last ones in which a reminder does not wait for the next week's digest."""


class Section(StrEnum):
    """The parts of a digest, in their order."""

    CLOSING = "closing"
    REMINDER = "reminder"
    NEW = "new"
    CHANGED = "changed"
    PORTFOLIO = "portfolio"
    FORTHCOMING = "forthcoming"


TOLD_OF_DEADLINE = (Section.CLOSING, Section.REMINDER)


def section_of(
    item: Item, known: Sequence[Told], *, news: bool, pursued: bool, settled: bool, opens_soon: bool
) -> Section | None:
    """Where a call stands that concerns an officer who was told `known` of it; None: not there this time.

    `pursued`: the organisation prepares for its next deadline; `settled`: it has decided, one way or the other.
    """
    if pursued and reminder_due(item, known):
        return Section.REMINDER
    if not settled and item.maybe_open and _closing_due(item, known):
        return Section.CLOSING
    if not known and item.maybe_open:
        return Section.PORTFOLIO if item.match.projects else Section.NEW
    if news:
        return Section.CHANGED
    if not known and opens_soon:
        return Section.FORTHCOMING
    return None


def reminder_due(item: Item, known: Sequence[Told]) -> bool:
    """Whether a threshold was crossed that the officer has not been reminded of: of several, the last one counts."""
    if item.days_left is None:
        return False
    crossed = [days for days in REMINDERS if item.days_left <= days]
    return bool(crossed) and not _told_since(item, known, min(crossed), TOLD_OF_DEADLINE)


def _closing_due(item: Item, known: Sequence[Told]) -> bool:
    if item.days_left is None or item.days_left > CLOSING.days:
        return False
    return not _told_since(item, known, CLOSING.days, TOLD_OF_DEADLINE)


def _told_since(item: Item, known: Sequence[Told], days: int, sections: Collection[Section]) -> bool:
    """Whether the call stood in one of `sections` in the last `days` before this very deadline.

    What was said earlier than that was about an earlier deadline.
    """
    if item.deadline is None or item.deadline.day is None:
        return False
    since, zone = item.deadline.day - timedelta(days=days), ZoneInfo(item.deadline.zone)
    return any(one.section in sections and one.at.astimezone(zone).date() >= since for one in known)
