"""The clock: read in one place, and set by `--today` where a run is to happen on another day."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

PEOPLE = ZoneInfo("Europe/Madrid")
"""The zone in which people read times."""


def clock(today: date | None = None) -> datetime:
    """Now in UTC; on another day, that day's beginning, at which it is the same day in Madrid and Brussels."""
    if today is None:
        return datetime.now(UTC)
    return datetime.combine(today, time.min, UTC)


def local_day(now: datetime) -> date:
    """The day that people here have at `now`."""
    return now.astimezone(PEOPLE).date()
