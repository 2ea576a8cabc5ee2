"""Which pages of details are asked for again."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.details import KEPT, Details
from store.records import digest

NOW = datetime(2026, 8, 22, 8, tzinfo=UTC)
ROW = {"key": "TEST-1", "title": "Made-up call"}


def details(row_hash: str, age: timedelta) -> Details:
    return Details(NOW, {"TEST-1": (row_hash, NOW - age)})


@pytest.mark.parametrize(
    ("age", "known"),
    [
        (timedelta(0), True),
        (KEPT - timedelta(seconds=1), True),
        (KEPT, False),
        (-timedelta(hours=1), False),  # read in the future: the clock was set back
    ],
)
def test_details_are_known_while_they_are_young(age: timedelta, known: bool) -> None:
    assert details(digest(ROW), age).are_known("TEST-1", ROW) is known


def test_details_of_a_changed_or_a_new_row_are_asked_for() -> None:
    read = details(digest(ROW), timedelta(hours=1))
    assert not read.are_known("TEST-1", ROW | {"title": "Another title"})
    assert not read.are_known("TEST-2", ROW)


def test_a_note_waits_until_its_call_is_stored() -> None:
    read = Details(NOW)
    read.note("TEST-1", ROW, is_call=True)
    read.note("TEST-2", ROW, is_call=False)
    assert read.take_stored(set()) == {"TEST-2": digest(ROW)}
    assert read.take_stored({"TEST-1", "TEST-3"}) == {"TEST-1": digest(ROW)}
    assert read.take_stored({"TEST-1"}) == {}
