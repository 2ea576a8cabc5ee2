"""What is remembered of pages of details."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from store.calls import save
from store.database import Database
from store.details import details_of, note_details
from store.records import CallRecord

MakeRecord = Callable[..., CallRecord]
DAY = timedelta(days=1)


def test_notes_are_kept_by_source_and_replaced(database: Database, now: datetime) -> None:
    with database.writing() as session:
        note_details(session, "test", {"TEST-1": "first", "TEST-2": "second"}, now)
        note_details(session, "other", {"TEST-1": "elsewhere"}, now)
        note_details(session, "test", {}, now)
    with database.writing() as session:
        note_details(session, "test", {"TEST-1": "third"}, now + DAY)
    with database.reading() as session:
        assert details_of(session, "test", now + DAY) == {
            "TEST-1": ("third", now + DAY),
            "TEST-2": ("second", now),
        }


def test_details_from_before_an_opening_are_asked_for_again_after_it(
    database: Database, now: datetime, record: MakeRecord
) -> None:
    opening = date(2026, 8, 23)
    with database.writing() as session:
        save(session, [record(opening=opening)], None, now)
        note_details(session, "test", {"TEST-1": "row"}, now)
    with database.reading() as session:
        assert details_of(session, "test", now)["TEST-1"] == ("row", now)
        assert details_of(session, "test", now + DAY)["TEST-1"] == ("", now)
    with database.writing() as session:
        note_details(session, "test", {"TEST-1": "row"}, now + DAY)
    with database.reading() as session:
        assert details_of(session, "test", now + 2 * DAY)["TEST-1"] == ("row", now + DAY)
