"""An officer gets no mail while a stop stands: until its day, and at the address it is about."""

from datetime import UTC, datetime, timedelta

import pytest

from store.database import Database
from store.mail_stops import Cause, lift, standing_stop, stop

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ADDRESS = "ecology@example.org"


def cause_at(database: Database, now: datetime, address: str = ADDRESS, officer: str = "ecology") -> str:
    with database.reading() as session:
        found = standing_stop(session, "amb", officer, address, now)
        return found.cause if found else ""


@pytest.fixture
def paused(database: Database) -> Database:
    with database.writing() as session:
        stop(session, "amb", "ecology", Cause.PAUSED, NOW, until=NOW + timedelta(days=7))
    return database


def test_a_pause_ends_by_itself(paused: Database) -> None:
    assert cause_at(paused, NOW) == "paused"
    assert cause_at(paused, NOW + timedelta(days=7)) == ""


def test_it_stops_no_other_officer(paused: Database) -> None:
    assert cause_at(paused, NOW, officer="mobility") == ""


def test_what_an_address_refused_is_not_refused_at_another_one(database: Database) -> None:
    with database.writing() as session:
        stop(session, "amb", "ecology", Cause.REFUSED, NOW, reason="550 no such user", address=ADDRESS)
    assert cause_at(database, NOW, " Ecology@example.org") == "refused"
    assert cause_at(database, NOW, "ecology@example.net") == ""


def test_the_address_itself_is_not_kept(database: Database) -> None:
    with database.writing() as session:
        kept = stop(session, "amb", "ecology", Cause.UNSUBSCRIBED, NOW, address=ADDRESS)
        assert "ecology@" not in repr(kept.model_dump())


def test_lifted_by_cause_the_others_stand(paused: Database) -> None:
    with paused.writing() as session:
        stop(session, "amb", "ecology", Cause.UNSUBSCRIBED, NOW, address=ADDRESS)
        assert [one.cause for one in lift(session, "amb", "ecology", NOW, Cause.PAUSED)] == ["paused"]
    assert cause_at(paused, NOW) == "unsubscribed"


def test_a_second_pause_takes_the_place_of_the_first(paused: Database) -> None:
    with paused.writing() as session:
        stop(session, "amb", "ecology", Cause.PAUSED, NOW, until=NOW + timedelta(days=1))
    assert cause_at(paused, NOW + timedelta(days=2)) == ""
