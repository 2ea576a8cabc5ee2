"""The dates of a call as points on a line, each with what it is in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from notifier.items import BRUSSELS, Item
from notifier.words import Words
from store.states import moment

MOST = 12
"""Points of one line: a call with more cut-offs shows the next ones in its list alone."""
EDGES = (4.0, 96.0)
"""Per cent of the width within which points stand, so that their numbers are not cut."""

Kind = Literal["opening", "deadline", "today"]


@dataclass(frozen=True)
class Point:
    """A date of a call. `place` is in per cent of the line's width; `number` counts those that the call states."""

    day: date
    kind: Kind
    said: str
    past: bool
    number: int = 0
    place: float = 0.0


def timeline(item: Item, words: Words, now: datetime) -> tuple[Point, ...]:
    """The opening, the dated deadlines and today in the order of time; none for a call without any date."""
    today = now.astimezone(BRUSSELS).date()
    stated = sorted(_stated(item, words, now, today), key=lambda point: (point.day, point.kind != "opening"))
    if not stated:
        return ()
    if len(stated) > MOST:
        past = sum(point.past for point in stated)
        first = min(max(0, past - 1), len(stated) - MOST)
        stated = stated[first : first + MOST]
    numbered = [
        Point(point.day, point.kind, point.said, point.past, number)
        for number, point in enumerate(stated, start=1)
    ]
    mark = Point(today, "today", words.gettext("today"), past=False)
    points = sorted([*numbered, mark], key=lambda point: (point.day, point.kind != "today"))
    return tuple(_placed(points))


def _stated(item: Item, words: Words, now: datetime, today: date) -> Iterator[Point]:
    call = item.call
    if call.opening:
        said = words.gettext("Opening: %(day)s", day=words.full_date(call.opening))
        yield Point(call.opening, "opening", said, call.opening < today)
    several = len(call.deadlines) > 1
    for place, deadline in enumerate(call.deadlines, start=1):
        if deadline.day is None:
            continue
        text = words.deadline(deadline)
        if several and deadline.stage:
            said = words.gettext("stage %(stage)s: %(deadline)s", stage=deadline.stage, deadline=text)
        elif several:
            said = words.gettext("cut-off %(place)s: %(deadline)s", place=place, deadline=text)
        else:
            said = words.gettext("Deadline: %(title)s", title=text)
        instant = moment(deadline)
        past = instant is not None and instant < now
        yield Point(
            deadline.day,
            "deadline",
            words.gettext("%(deadline)s (past)", deadline=said) if past else said,
            past,
        )


def _placed(points: list[Point]) -> Iterator[Point]:
    first, last = points[0].day, points[-1].day
    length = (last - first).days
    low, high = EDGES
    for point in points:
        share = (point.day - first).days / length if length else 0.5
        place = round(low + share * (high - low), 2)
        yield Point(point.day, point.kind, point.said, point.past, point.number, place)
