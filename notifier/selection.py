"""Which calls an officer hears of now, and which stand in the summary."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import pstdev
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from config.organisation import Organisation
from config.schema import Officer
from notifier.health import SourceHealth, source_health
from notifier.history import Change, Told, Version, is_news, later_versions, merge, told
from store.models import Call, Deadline, Match
from store.same_calls import copies
from store.states import State, days_left, entry_deadline, moment, state

CLOSING = timedelta(days=30)
"""How long before its deadline a call is told of as closing."""
AHEAD = timedelta(days=183)
"""How long before its opening a call is told of: consortia form some six months ahead."""
RELEVANT = 85.0
"""The percentile from which a call is worth an officer's mail; the others stand in the summary."""
FOCUS = 0.3
"""How many deviations of all scores a deviation of a call's strength in an area counts, to an officer of that area
alone. One of several areas shares it among them: some area is strong in nearly every call. Measured: docs/matching.md."""
BRUSSELS = ZoneInfo("Europe/Brussels")


class Section(StrEnum):
    """The parts of a digest, in their order."""

    CLOSING = "closing"
    NEW = "new"
    CHANGED = "changed"
    FORTHCOMING = "forthcoming"


@dataclass(frozen=True)
class Item:
    """A call and how it stands to the organisation at a moment.

    `deadline` is the next one by which a newcomer can enter and `days_left` the whole days until its day. `rank` is
    the place among the live calls that no rule excludes, from 1; 0 for the others. `changes` are those since the
    officer last heard of the call (digest) or of its latest version (summary), seen at `changed_at`. `also` is the
    call as other sources state it; where the call itself has no deadline ahead, `deadline` is one of theirs. `own_rank`
    is the place in the list of an officer who follows certain areas; 0 for the others. `alike` are calls with nearly
    the same text that are told with it, best first.
    """

    call: Call
    match: Match
    state: State
    deadline: Deadline | None
    days_left: int | None
    rank: int = 0
    changes: tuple[Change, ...] = ()
    changed_at: datetime | None = None
    also: tuple[Call, ...] = ()
    own_rank: int = 0
    alike: tuple["Item", ...] = ()

    @property
    def call_id(self) -> int:
        return self.match.call_id

    @property
    def excluded(self) -> bool:
        return self.match.verdict == "not_open"

    @property
    def live(self) -> bool:
        return self.state is not State.CLOSED

    @property
    def enterable(self) -> bool:
        """Whether a newcomer can still enter: a deadline is ahead, or none is dated."""
        return self.deadline is not None or all(one.day is None for one in self.call.deadlines)


@dataclass(frozen=True)
class Selection:
    """What one digest tells: items by section (empty sections are left out), best first.

    `more`: calls that were as good but did not fit; `hidden`: those that a rule excludes; `ranked`: live calls that
    the ranks count among, and `own_ranked` those of them that the officer's own ranks do; `model`: what ranked them.
    """

    sections: Mapping[Section, tuple[Item, ...]]
    more: int
    hidden: int
    ranked: int
    own_ranked: int
    health: tuple[SourceHealth, ...]
    model: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections.values() for item in section)

    @property
    def calls(self) -> tuple[Item, ...]:
        """The items, and those that are told with them."""
        return unfolded(self.items)


@dataclass(frozen=True)
class Overview:
    """All that is matched: `items` by rank, each with those like it, `hidden` by a rule, and how many are closed.

    `model`: what ranked them.
    """

    items: tuple[Item, ...]
    hidden: tuple[Item, ...]
    closed: int
    health: tuple[SourceHealth, ...]
    model: str = ""


def select_digest(session: Session, organisation: Organisation, officer: Officer, now: datetime) -> Selection:
    """The calls that `officer` is told of at `now`: at most `officer.limit`, each in one section."""
    items = _ranked(session, organisation, now)
    versions = later_versions(session, organisation.key)
    heard = told(session, organisation.key, officer.id)
    concerning = _in_own_order(items, officer)
    candidates = [item for item in concerning if item.match.percentile >= RELEVANT]
    eligible: dict[Section, list[Item]] = {section: [] for section in Section}
    for candidate in candidates:
        known = heard.get(candidate.call_id, [])
        item, news = _since(candidate, known, versions.get(candidate.call_id, []), now)
        section = None if item.excluded else _section(item, known, news, now)
        if section is not None:
            eligible[section].append(item)
    places = {section: _folded(found, by_change=True) for section, found in eligible.items()}
    chosen = _share(places, officer.limit)
    return Selection(
        sections=chosen,
        more=sum(map(len, eligible.values())) - sum(len(unfolded(found)) for found in chosen.values()),
        # A rule that excludes a call also ranks it low: its place must not hide that it was hidden.
        hidden=sum(item.excluded for item in concerning),
        ranked=sum(item.rank > 0 for item in items),
        own_ranked=sum(item.own_rank > 0 for item in concerning),
        health=source_health(session, organisation),
        model=_model(items),
    )


def select_all(session: Session, organisation: Organisation, now: datetime) -> Overview:
    """Every match of the organisation as it stands at `now`."""
    items = _ranked(session, organisation, now)
    versions = later_versions(session, organisation.key)
    live = [_with_latest(item, versions.get(item.call_id, [])) for item in items if item.live]
    return Overview(
        items=tuple(_folded([item for item in live if not item.excluded])),
        hidden=tuple(item for item in live if item.excluded),
        closed=len(items) - len(live),
        health=source_health(session, organisation),
        model=_model(items),
    )


def _model(items: Sequence[Item]) -> str:
    """What the calls were ranked by; empty when there is none."""
    return items[0].match.model if items else ""


def _ranked(session: Session, organisation: Organisation, now: datetime) -> list[Item]:
    statement = (
        select(Match, Call)
        .join(Call, col(Call.id) == Match.call_id)
        .where(Match.organisation == organisation.key)
    )
    order = {source.key: place for place, source in enumerate(organisation.sources)}
    same = copies(session)
    shown_elsewhere = {copy.id for group in same.values() for copy in group}
    items = [
        _item(
            call,
            match,
            sorted(same.get(match.call_id, ()), key=lambda copy: order.get(copy.source, len(order))),
            now,
        )
        for match, call in session.exec(statement)
        if call.id not in shown_elsewhere
    ]
    items.sort(key=lambda item: (-item.match.score, _days(item), item.call_id))
    ranked, rank = [], 0
    for item in items:
        counts = item.live and not item.excluded
        rank += counts
        ranked.append(replace(item, rank=rank) if counts else item)
    return ranked


def _item(call: Call, match: Match, also: Sequence[Call], now: datetime) -> Item:
    stands = state(call, now)
    deadline = entry_deadline(call, now)
    if not any(instant and instant >= now for instant in map(moment, call.deadlines)):
        # A call must not be lost because its face does not know the deadline, or not yet that it moved.
        deadline = next((found for one in also if (found := entry_deadline(one, now))), None)
        stands = State.UNKNOWN if deadline and stands is State.CLOSED else stands
    days = days_left(deadline, now.astimezone(ZoneInfo(deadline.zone)).date()) if deadline else None
    return Item(call, match, stands, deadline, days, also=tuple(also))


def _days(item: Item) -> float:
    return float("inf") if item.days_left is None else item.days_left


def _concerns(item: Item, officer: Officer) -> bool:
    """Whether a call is of the officer's areas and can still be entered, however it ranks."""
    touched = not officer.areas or any(area["id"] in officer.areas for area in item.match.areas)
    timely = item.state is not State.CLOSED and item.enterable
    return touched and timely


def _in_own_order(items: Sequence[Item], officer: Officer) -> list[Item]:
    """The items that concern `officer`, the best first: to one who follows areas, the strength in them counts too."""
    concerning = [item for item in items if _concerns(item, officer)]
    if not officer.areas:
        return concerning
    deviation = pstdev([item.match.score for item in items]) or 1.0 if items else 1.0

    def worth(item: Item) -> float:
        strength = max(area["score"] for area in item.match.areas if area["id"] in officer.areas)
        return item.match.score / deviation + FOCUS / len(officer.areas) * float(strength)

    ordered, place = [], 0
    for item in sorted(concerning, key=worth, reverse=True):
        place += item.rank > 0
        ordered.append(replace(item, own_rank=place) if item.rank else item)
    return ordered


def _folded(items: Iterable[Item], *, by_change: bool = False) -> list[Item]:
    """Of calls with nearly the same text, the first with the others in its `alike`.

    `by_change`: only those to which the same happened, or news of one would be lost in another.
    """
    groups: dict[tuple[int, str], list[Item]] = {}
    for item in items:
        same = item.match.group_id or item.call_id
        groups.setdefault((same, repr(item.changes) if by_change else ""), []).append(item)
    return [replace(first, alike=tuple(others)) for first, *others in groups.values()]


def unfolded(items: Iterable[Item]) -> tuple[Item, ...]:
    """The items and those that stand with them."""
    return tuple(one for item in items for one in (item, *item.alike))


def _since(item: Item, known: list[Told], versions: list[Version], now: datetime) -> tuple[Item, bool]:
    """`item` with what changed since the officer last heard of it, and whether that is news."""
    if not known:
        return item, False
    fresh = [version for version in versions if not any(one.covers(version) for one in known)]
    changes = merge(fresh)
    seen_at = fresh[-1].seen_at if changes else None
    return replace(item, changes=changes, changed_at=seen_at), is_news(
        fresh, changes, now.astimezone(BRUSSELS).date()
    )


def _with_latest(item: Item, versions: list[Version]) -> Item:
    if not versions:
        return item
    return replace(item, changes=versions[-1].changes, changed_at=versions[-1].seen_at)


def _section(item: Item, known: list[Told], news: bool, now: datetime) -> Section | None:
    # A call whose source does not say whether it is open must not be missed: its sheet says that this is unknown.
    maybe_open = item.state in (State.OPEN, State.UNKNOWN)
    if maybe_open and _closes_soon(item) and not _reminded(item, known):
        return Section.CLOSING
    if not known and maybe_open:
        return Section.NEW
    if news:
        return Section.CHANGED
    if not known and _opens_soon(item.call, now):
        return Section.FORTHCOMING
    return None


def _closes_soon(item: Item) -> bool:
    return item.days_left is not None and item.days_left <= CLOSING.days


def _reminded(item: Item, known: list[Told]) -> bool:
    """Whether the officer was reminded of this very deadline: an earlier reminder was about an earlier one."""
    if item.deadline is None or item.deadline.day is None:
        return False
    since = item.deadline.day - CLOSING
    return any(one.section == Section.CLOSING and one.at.date() >= since for one in known)


def _opens_soon(call: Call, now: datetime) -> bool:
    today = now.astimezone(BRUSSELS).date()
    return call.opening is not None and call.opening <= today + AHEAD


def _share(eligible: Mapping[Section, list[Item]], limit: int) -> dict[Section, tuple[Item, ...]]:
    """The best of each section in turn until `limit` is reached; sections that stay empty are left out."""
    taken = dict.fromkeys(eligible, 0)
    for _ in range(min(limit, sum(map(len, eligible.values())))):
        waiting = [section for section, items in eligible.items() if len(items) > taken[section]]
        taken[min(waiting, key=taken.__getitem__)] += 1
    return {section: tuple(items[: taken[section]]) for section, items in eligible.items() if taken[section]}
