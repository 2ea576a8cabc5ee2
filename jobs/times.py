"""Times by a clock on the wall, right on both nights on which it is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
INSTANT = timedelta(microseconds=1)
A_WEEK = 7


class DailyTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """One time of every day, or of one day of the week, by the clock of `zone`.

    Once on each such day: an hour later in the night that lacks the time, the first of both in the night that has it
    twice. APScheduler's CronTrigger leaves the one out and stays behind the other.
    """

    def __init__(self, at: time, zone: ZoneInfo, day: str = "") -> None:
        self._at = at
        self._zone = zone
        self._weekday = DAYS.index(day) if day else None

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first time after `previous_fire_time`; where there was none, `now` or the first one after it."""
        earliest = now if previous_fire_time is None else previous_fire_time + INSTANT
        begin = earliest.astimezone(self._zone).date() - timedelta(days=1)
        days = (begin + timedelta(days=number) for number in range(A_WEEK + 2))
        return next(due for day in days if self._falls_on(day) and (due := self._due(day)) >= earliest)

    def latest(self, now: datetime) -> datetime:
        """The last time up to `now`."""
        end = now.astimezone(self._zone).date() + timedelta(days=1)
        days = (end - timedelta(days=number) for number in range(A_WEEK + 2))
        return next(due for day in days if self._falls_on(day) and (due := self._due(day)) <= now)

    def _falls_on(self, day: date) -> bool:
        return self._weekday in (None, day.weekday())

    def _due(self, day: date) -> datetime:
        return datetime.combine(day, self._at, self._zone).astimezone(UTC)


def due_times(trigger: DailyTrigger, after: datetime, until: datetime) -> list[datetime]:
    """The times in (after, until], in UTC."""
    times: list[datetime] = []
    due = trigger.get_next_fire_time(after, after)
    while due <= until:
        times.append(due)
        due = trigger.get_next_fire_time(due, due)
    return times
