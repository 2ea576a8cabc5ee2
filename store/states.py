"""Open, forthcoming or closed: decided by the clock and the deadlines, not by what a portal still shows."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from store.models import Call, Deadline

END_OF_DAY = time(23, 59, 59)


class State(StrEnum):
    FORTHCOMING = "forthcoming"
    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


def moment(deadline: Deadline) -> datetime | None:
    """The instant of a deadline in UTC; a date without a time lasts until the end of its day. None: prose only."""
    if deadline.day is None:
        return None
    local = datetime.combine(deadline.day, deadline.at or END_OF_DAY, ZoneInfo(deadline.zone))
    return local.astimezone(UTC)


def state(call: Call, now: datetime) -> State:
    """The state of a call at `now` (aware).

    Past its last deadline a call is closed whatever the source says; before it, or while one of its deadlines has no
    date, the source's word counts.
    """
    instants = [moment(deadline) for deadline in call.deadlines]
    if instants and all(instant is not None and instant < now for instant in instants):
        return State.CLOSED
    return State(call.status)


def entry_deadline(call: Call, now: datetime) -> Deadline | None:
    """The next deadline by which a newcomer can still enter; None when there is none left or none is dated.

    After the first stage of a two-stage call only those invited go on, so later stages are no way in.
    """
    for deadline in call.deadlines:
        if deadline.stage is not None and deadline.stage > 1:
            continue
        instant = moment(deadline)
        if instant is not None and instant >= now:
            return deadline
    return None


def days_left(deadline: Deadline, today: date) -> int | None:
    """Whole days from `today` to the deadline's day: 0 on the day itself, negative after it."""
    return None if deadline.day is None else (deadline.day - today) // timedelta(days=1)
