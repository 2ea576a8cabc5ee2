"""The clock: now, or the beginning of another day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.clock import clock, local_day


def test_now_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = clock()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "today", [date(2026, 8, 22), date(2026, 12, 22), date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25)]
)
def test_another_day_begins_when_it_is_that_day_in_madrid_and_brussels(today: date) -> None:
    instant = clock(today)
    assert instant == datetime(today.year, today.month, today.day, tzinfo=UTC)
    assert local_day(instant) == instant.astimezone(ZoneInfo("Europe/Brussels")).date() == today


@pytest.mark.parametrize(
    "midnight", [datetime(2026, 8, 21, 22, tzinfo=UTC), datetime(2026, 12, 21, 23, tzinfo=UTC)]
)
def test_the_day_of_people_changes_at_their_midnight(midnight: datetime) -> None:
    assert local_day(midnight) - local_day(midnight - timedelta(seconds=1)) == timedelta(days=1)
