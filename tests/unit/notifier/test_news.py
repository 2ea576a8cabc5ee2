"""Which changes of a call are news to an officer who was told of it."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.history import Change, Version, is_news, merge
from store.database import Database
from store.records import DeadlineRecord
from tests.unit.notifier.builders import NOW, deadline, matched, record, store
from tests.unit.notifier.telling import sections, selected, tell

TODAY = date(2026, 3, 2)
MILLION = 1_000_000_00


def news(field: str, before: Any, after: Any, *, forthcoming: bool = False) -> bool:
    return is_news([Change(field, before, after)], TODAY, forthcoming=forthcoming)


@pytest.mark.parametrize("field", ["budget_cents", "grant_min_cents", "grant_max_cents"])
@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (100 * MILLION, 105 * MILLION, True),
        (100 * MILLION, 95 * MILLION, True),
        (100 * MILLION, 105 * MILLION - 1, False),
        (100 * MILLION, 95 * MILLION + 1, False),
        (None, MILLION, True),
        (0, MILLION, True),
        (MILLION, None, False),
        (None, 0, False),
    ],
)
def test_amounts_count_from_a_twentieth_on(
    field: str, before: int | None, after: int | None, expected: bool
) -> None:
    assert news(field, before, after) is expected


@pytest.mark.parametrize(
    ("field", "before", "after", "expected"),
    [
        ("status", "forthcoming", "open", True),
        ("status", "open", "unknown", False),
        ("expected_grants", 3, 4, True),
        ("expected_grants", None, 4, True),
        ("expected_grants", 4, None, False),
        ("currency", "EUR", "USD", True),
        ("titles", {"en": "A"}, {"en": "B"}, False),
        ("texts", {"en": "A"}, {"en": "B"}, False),
        ("conditions", {}, {"en": "B"}, False),
        ("types_of_action", ["A"], ["B"], False),
        ("countries", [], ["ES"], False),
    ],
)
def test_facts_count_and_prose_does_not(field: str, before: Any, after: Any, expected: bool) -> None:
    assert news(field, before, after) is expected


def test_an_opening_counts_as_long_as_it_is_ahead() -> None:
    moved = ("opening", "2026-05-01", "2026-05-02")
    assert news(*moved, forthcoming=True)
    assert not news(*moved, forthcoming=False)
    assert not news("opening", "2026-05-01", None, forthcoming=True)


def days(*stated: DeadlineRecord) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in stated]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (days(deadline("2026-06-04")), days(deadline("2026-06-05")), True),
        (days(deadline("2026-06-04")), days(deadline("2026-06-04", at=None)), True),
        (days(deadline("2026-06-04")), days(deadline("2026-06-04", 1)), False),
        (days(deadline("2026-06-04")), days(deadline("2026-06-04", 2)), True),
        (days(deadline("2026-06-04")), [], True),
        (None, days(deadline("2026-06-04")), True),
        (days(deadline("2026-03-01"), deadline("2026-06-04")), days(deadline("2026-06-04")), False),
        (days(DeadlineRecord(day=None, prose="soon")), days(DeadlineRecord(day=None, prose="Soon.")), False),
        (
            days(DeadlineRecord(day=date(2026, 6, 4), prose="4 June")),
            days(DeadlineRecord(day=date(2026, 6, 4), prose="4.6.")),
            False,
        ),
    ],
)
def test_deadlines_count_by_day_hour_and_stage(before: Any, after: Any, expected: bool) -> None:
    assert news("deadlines", before, after) is expected


def test_small_steps_add_up_to_news(database: Database) -> None:
    matched(database, record("TEST-1", budget_cents=100 * MILLION))
    tell(database)
    store(database, record("TEST-1", budget_cents=103 * MILLION))
    assert sections(selected(database)) == {}
    store(database, record("TEST-1", budget_cents=106 * MILLION))
    selection = selected(database)
    assert sections(selection) == {"changed": ["TEST-1"]}
    (change,) = selection.items[0].changes
    assert (change.before, change.after) == (100 * MILLION, 106 * MILLION)


def test_a_forthcoming_call_that_is_put_off_is_news(database: Database) -> None:
    def coming(day: str) -> Any:
        return record("TEST-1", "2026-09-01", status="forthcoming", opening=date.fromisoformat(day))

    matched(database, coming("2026-05-01"))
    assert tell(database) == {"forthcoming": ["TEST-1"]}
    store(database, coming("2026-05-20"))
    assert tell(database, now=NOW + timedelta(days=7)) == {"changed": ["TEST-1"]}
    assert tell(database, now=NOW + timedelta(days=14)) == {}


@given(st.lists(st.none() | st.integers(0, 10**12), min_size=2, max_size=8))
def test_what_was_undone_is_no_change_and_what_stands_is_one(values: list[int | None]) -> None:
    versions = [
        Version(number, NOW, (Change("budget_cents", before, after),))
        for number, (before, after) in enumerate(pairwise(values), start=2)
    ]
    changes = merge(versions)
    assert bool(changes) is (values[0] != values[-1])
    assert (
        is_news(changes, TODAY, forthcoming=False) is news("budget_cents", values[0], values[-1])
        or not changes
    )
    back = [*versions, Version(99, NOW, (Change("budget_cents", values[-1], values[0]),))]
    assert merge(back) == ()
