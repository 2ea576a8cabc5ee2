"""The calls of an organisation as they stand at a moment, ranked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from config.organisation import Organisation
from notifier.history import Change
from store.models import Call, Deadline, Match
from store.same_calls import copies
from store.states import State, days_left, entry_deadline, moment, state

BRUSSELS = ZoneInfo("Europe/Brussels")


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
    def maybe_open(self) -> bool:
        """A call whose source does not say whether it is open must not be missed: its sheet says that this is unknown."""
        return self.state in (State.OPEN, State.UNKNOWN)

    @property
    def enterable(self) -> bool:
        """Whether a newcomer can still enter: a deadline is ahead, or none is dated."""
        return self.deadline is not None or all(one.day is None for one in self.call.deadlines)

    @property
    def sources(self) -> tuple[Call, ...]:
        """The call as each source states it, the face first."""
        return (self.call, *self.also)


def ranked_items(session: Session, organisation: Organisation, now: datetime) -> list[Item]:
    """Every match of `organisation`, the best first; a call that several sources state is one item."""
    statement = (
        select(Match, Call)
        .join(Call, col(Call.id) == Match.call_id)
        .where(Match.organisation == organisation.key)
    )
    same = ordered_copies(session, organisation)
    shown_elsewhere = {copy.id for group in same.values() for copy in group}
    items = [
        item_of(call, match, same.get(match.call_id, ()), now)
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


def ordered_copies(
    session: Session, organisation: Organisation, of: Collection[int] | None = None
) -> dict[int, list[Call]]:
    """`store.same_calls.copies`, the sources in the order of the configuration."""
    order = {source.key: place for place, source in enumerate(organisation.sources)}
    return {
        face_id: sorted(those, key=lambda copy: order.get(copy.source, len(order)))
        for face_id, those in copies(session, of).items()
    }


def model_of(items: Sequence[Item]) -> str:
    """What the calls were ranked by; empty when there is none."""
    return items[0].match.model if items else ""


def folded(items: Iterable[Item], *, by_change: bool = False) -> list[Item]:
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


def item_of(call: Call, match: Match, also: Sequence[Call], now: datetime) -> Item:
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
