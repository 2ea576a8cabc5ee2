"""Open or closed, at both sides of each deadline."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from store.calls import find_calls, save
from store.database import Database
from store.models import Call, Deadline
from store.records import CallRecord, DeadlineRecord, Status
from store.states import State, days_left, entry_deadline, moment, state

MakeRecord = Callable[..., CallRecord]
SECOND = timedelta(seconds=1)


def deadline(
    day: date | None, at: time | None = time(17), zone: str = "Europe/Brussels", stage: int | None = None
) -> Deadline:
    return Deadline(position=0, day=day, at=at, zone=zone, stage=stage, prose="" if day else "until spent")


def call(*deadlines: Deadline, status: str = "open", opening: date | None = None) -> Call:
    facts: dict[str, Any] = {"status": status, "opening": opening, "deadlines": list(deadlines)}
    return Call(**facts)


@pytest.mark.parametrize(
    ("day", "at", "zone", "instant"),
    [
        (date(2026, 9, 15), time(17), "Europe/Brussels", datetime(2026, 9, 15, 15, tzinfo=UTC)),
        (date(2026, 12, 15), time(17), "Europe/Brussels", datetime(2026, 12, 15, 16, tzinfo=UTC)),
        (date(2026, 9, 15), None, "Europe/Brussels", datetime(2026, 9, 15, 21, 59, 59, tzinfo=UTC)),
        (date(2026, 9, 15), time(17), "America/New_York", datetime(2026, 9, 15, 21, tzinfo=UTC)),
        # The night of the change to summer time has no 02:30; that of the change back has two, and the first counts.
        (date(2026, 3, 29), time(2, 30), "Europe/Brussels", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(2, 30), "Europe/Brussels", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 3, 29), None, "Europe/Brussels", datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)),
        (date(2026, 10, 25), None, "Europe/Brussels", datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 10, 24), time(17), "Europe/Brussels", datetime(2026, 10, 24, 15, tzinfo=UTC)),
        (date(2026, 10, 25), time(17), "Europe/Brussels", datetime(2026, 10, 25, 16, tzinfo=UTC)),
    ],
)
def test_open_until_the_deadline_and_closed_after_it(
    day: date, at: time | None, zone: str, instant: datetime
) -> None:
    last = deadline(day, at, zone)
    assert moment(last) == instant
    for now, expected, entry in (
        (instant - SECOND, State.OPEN, last),
        (instant, State.OPEN, last),
        (instant + SECOND, State.CLOSED, None),
    ):
        assert state(call(last), now) is expected
        assert entry_deadline(call(last), now) is entry


def test_first_stage_past_leaves_a_call_open_to_those_invited_only() -> None:
    first, second = deadline(date(2026, 9, 15), stage=1), deadline(date(2027, 3, 9), stage=2)
    two_stage = call(first, second)
    before, between, after = (
        datetime(*day, tzinfo=UTC) for day in ((2026, 9, 1), (2026, 10, 1), (2027, 4, 1))
    )
    assert entry_deadline(two_stage, before) is first
    assert (state(two_stage, between), entry_deadline(two_stage, between)) == (State.OPEN, None)
    assert (state(two_stage, after), entry_deadline(two_stage, after)) == (State.CLOSED, None)


def test_next_cut_off_is_the_way_in() -> None:
    first, second = deadline(date(2026, 9, 15)), deadline(date(2027, 3, 9))
    assert entry_deadline(call(first, second), datetime(2026, 9, 1, tzinfo=UTC)) is first
    assert entry_deadline(call(first, second), datetime(2026, 10, 1, tzinfo=UTC)) is second


@pytest.mark.parametrize("status", ["open", "forthcoming", "closed", "unknown"])
def test_without_a_date_the_source_s_word_counts(status: str) -> None:
    now = datetime(2026, 8, 22, tzinfo=UTC)
    for undated in (call(status=status), call(deadline(None, None), status=status)):
        assert state(undated, now) is State(status)
        assert entry_deadline(undated, now) is None


def test_a_deadline_in_prose_keeps_a_call_from_being_closed_by_the_others() -> None:
    mixed = call(deadline(date(2026, 1, 15)), deadline(None, None))
    assert state(mixed, datetime(2026, 8, 22, tzinfo=UTC)) is State.OPEN


def test_source_s_open_does_not_outlive_the_deadline_nor_its_closed_give_way() -> None:
    past, future = deadline(date(2026, 1, 15)), deadline(date(2027, 1, 15))
    now = datetime(2026, 8, 22, tzinfo=UTC)
    assert state(call(past, status="forthcoming"), now) is State.CLOSED
    assert state(call(past, status="unknown"), now) is State.CLOSED
    assert state(call(future, status="closed"), now) is State.CLOSED


def test_a_call_that_the_source_has_not_opened_is_forthcoming_even_past_its_opening() -> None:
    announced = call(deadline(date(2027, 1, 15)), status="forthcoming", opening=date(2026, 9, 1))
    assert state(announced, datetime(2026, 9, 20, tzinfo=UTC)) is State.FORTHCOMING


def test_days_left_count_to_the_day_itself() -> None:
    today = date(2026, 9, 15)
    days = [days_left(deadline(day), today) for day in (date(2026, 9, 16), today, date(2026, 9, 14), None)]
    assert days == [1, 0, -1, None]


def test_states_hold_for_calls_out_of_the_database(
    database: Database, record: MakeRecord, now: datetime
) -> None:
    past = (DeadlineRecord(day=date(2026, 8, 21), at=time(17)),)
    tonight = (DeadlineRecord(day=date(2026, 8, 22)),)
    with database.writing() as session:
        save(
            session,
            [
                record("TEST-past", deadlines=past),
                record("TEST-tonight", deadlines=tonight),
                record("TEST-none", deadlines=(), no_deadline="permanent scheme", status=Status.FORTHCOMING),
            ],
            None,
            now,
        )
    with database.reading() as session:
        found = {
            wanted: [c.source_key for c in find_calls(session, wanted, now)] for wanted in (*State, None)
        }
    assert found == {
        State.CLOSED: ["TEST-past"],
        State.OPEN: ["TEST-tonight"],
        State.FORTHCOMING: ["TEST-none"],
        State.UNKNOWN: [],
        None: ["TEST-past", "TEST-tonight", "TEST-none"],
    }
