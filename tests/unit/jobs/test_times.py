"""When a time of day is due, over nights in which the clock is changed."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.times import DAYS, DailyTrigger, due_times

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 8, 17, 5, tzinfo=UTC)
"""A Monday's 07:00 in Madrid."""
SECOND = timedelta(seconds=1)
TIMES = st.times(timezones=st.none()).map(lambda at: at.replace(microsecond=0))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def days_due(at: time, day: str, after: date, until: date) -> list[datetime]:
    begin, end = (datetime(one.year, one.month, one.day, tzinfo=UTC) for one in (after, until))
    return [due.astimezone(MADRID) for due in due_times(DailyTrigger(at, MADRID, day), begin, end)]


@pytest.mark.parametrize("after", ["2026-03-15", "2026-10-11"])
def test_monday_stays_monday_at_seven_over_both_changes_of_the_clock(after: str) -> None:
    begin = date.fromisoformat(after)
    due = days_due(time(7), "mon", begin, begin + timedelta(days=30))
    assert {f"{one:%A %H:%M}" for one in due} == {"Monday 07:00"}
    assert len({one.utcoffset() for one in due}) == 2
    assert len(due) == 5


def test_the_night_that_lacks_the_time_has_it_an_hour_later() -> None:
    due = days_due(time(2, 30), "", date(2026, 3, 28), date(2026, 3, 31))
    assert [f"{one:%d %H:%M}" for one in due] == ["28 02:30", "29 03:30", "30 02:30"]


def test_the_night_that_repeats_the_time_has_it_once_the_first_time() -> None:
    due = days_due(time(2, 30), "", date(2026, 10, 24), date(2026, 10, 27))
    assert [f"{one:%d %H:%M %Z}" for one in due] == ["24 02:30 CEST", "25 02:30 CEST", "26 02:30 CET"]


@given(TIMES, st.sampled_from(["", *DAYS]), INSTANTS)
def test_every_day_has_one_time(at: time, day: str, begin: datetime) -> None:
    due = due_times(DailyTrigger(at, MADRID, day), begin, begin + timedelta(days=60))
    days = [one.astimezone(MADRID).date() for one in due]
    apart = timedelta(days=7 if day else 1)
    assert {later - earlier for earlier, later in pairwise(days)} == {apart}
    assert all(one > begin for one in due)


@given(TIMES, st.sampled_from(["", *DAYS]), INSTANTS)
def test_the_latest_time_is_the_one_before_the_next(at: time, day: str, now: datetime) -> None:
    trigger = DailyTrigger(at, MADRID, day)
    latest = trigger.latest(now)
    assert latest <= now
    assert due_times(trigger, latest, now) == []
    assert trigger.get_next_fire_time(None, latest) == latest
    assert trigger.get_next_fire_time(latest, now) > now


def test_a_due_time_counts_when_it_has_come() -> None:
    trigger = DailyTrigger(time(7), MADRID, "mon")
    assert due_times(trigger, MONDAY - SECOND, MONDAY) == [MONDAY]
    assert due_times(trigger, MONDAY, MONDAY + SECOND) == []
    assert trigger.latest(MONDAY - SECOND) == MONDAY - timedelta(days=7)
