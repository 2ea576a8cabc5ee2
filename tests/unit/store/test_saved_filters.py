"""Views of the inbox that officers keep."""

from datetime import datetime

import pytest

from store.database import Database
from store.saved_filters import MOST_FILTERS, TooManyError, delete_filter, filters_of, save_filter


def names(database: Database, officer: str = "mobility") -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(one.name, one.query) for one in filters_of(session, "test", officer)]


def keep(
    database: Database, now: datetime, name: str, query: str = "area=water", officer: str = "mobility"
) -> int:
    with database.writing() as session:
        found = save_filter(session, "test", officer, name, query, now)
        assert found.id is not None
        return found.id


def test_filters_are_kept_by_name_and_one_of_the_same_name_takes_the_place(
    database: Database, now: datetime
) -> None:
    keep(database, now, "Water")
    keep(database, now, "Air", "q=air")
    keep(database, now, "Water", "area=water&days=30")
    assert names(database) == [("Air", "q=air"), ("Water", "area=water&days=30")]


def test_each_officer_has_filters_of_their_own(database: Database, now: datetime) -> None:
    key = keep(database, now, "Water")
    keep(database, now, "Water", "q=other", officer="ecology")
    with database.writing() as session:
        assert not delete_filter(session, "test", "ecology", key)
        assert not delete_filter(session, "elsewhere", "mobility", key)
    assert names(database) == [("Water", "area=water")]
    with database.writing() as session:
        assert delete_filter(session, "test", "mobility", key)
    with database.writing() as session:
        assert not delete_filter(session, "test", "mobility", key)
    assert names(database) == []
    assert names(database, "ecology") == [("Water", "q=other")]


def test_an_officer_keeps_a_limited_number_and_can_still_change_them(
    database: Database, now: datetime
) -> None:
    for number in range(MOST_FILTERS):
        keep(database, now, f"{number:02}")
    with pytest.raises(TooManyError):
        keep(database, now, "one more")
    keep(database, now, "00", "q=changed")
    assert names(database)[0] == ("00", "q=changed")
    assert len(names(database)) == MOST_FILTERS
