"""Tokens of links, sessions and programs: known by their hash, good as long as they are meant to be."""

from datetime import datetime, timedelta

from sqlmodel import select

from store.access import (
    Access,
    drop_ended,
    find_token,
    issue,
    prolong,
    prolonged_until,
    revoke,
    revoke_all,
    use_up,
)
from store.database import Database
from store.models import AccessToken

WHO = "test_officer"
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def given(database: Database, kind: Access, now: datetime, lasting: timedelta | None = HOUR) -> str:
    with database.writing() as session:
        return issue(session, "test", kind, WHO, now, lasting)


def is_good(database: Database, kind: Access, token: str, now: datetime, organisation: str = "test") -> bool:
    with database.reading() as session:
        return find_token(session, organisation, kind, token, now) is not None


def test_a_token_is_good_for_what_it_was_given_for(database: Database, now: datetime) -> None:
    token = given(database, Access.SESSION, now)
    assert is_good(database, Access.SESSION, token, now)
    assert not is_good(database, Access.LINK, token, now)
    assert not is_good(database, Access.SESSION, token, now, "test_elsewhere")
    assert not is_good(database, Access.SESSION, token + "x", now)
    assert not is_good(database, Access.SESSION, "\ud800", now)
    assert not is_good(database, Access.SESSION, token, now + HOUR)
    assert is_good(database, Access.PROGRAM, given(database, Access.PROGRAM, now, None), now + 1000 * WEEK)


def test_what_is_used_up_is_gone(database: Database, now: datetime) -> None:
    token, late = given(database, Access.LINK, now), given(database, Access.LINK, now)
    with database.writing() as session:
        assert use_up(session, "test", Access.LINK, token, now) == WHO
        assert use_up(session, "test", Access.LINK, token, now) is None
        assert use_up(session, "test", Access.LINK, late, now + HOUR) is None
    assert not is_good(database, Access.LINK, token, now)


def test_a_session_is_prolonged_to_its_end(database: Database, now: datetime) -> None:
    token = given(database, Access.SESSION, now)
    with database.writing() as session:
        found = find_token(session, "test", Access.SESSION, token, now)
        assert found is not None
        assert prolonged_until(found, now + timedelta(minutes=4), HOUR, WEEK) is None
        end = prolonged_until(found, now + timedelta(minutes=30), HOUR, WEEK)
        assert end == now + timedelta(minutes=90)
        assert prolonged_until(found, now + WEEK - timedelta(minutes=1), HOUR, WEEK) == now + WEEK
        prolong(session, found, end)
    assert is_good(database, Access.SESSION, token, now + timedelta(minutes=89))
    assert not is_good(database, Access.SESSION, token, now + timedelta(minutes=90))


def test_what_is_revoked_stays_so(database: Database, now: datetime) -> None:
    one, other, link = (given(database, kind, now) for kind in (Access.SESSION, Access.SESSION, Access.LINK))
    with database.writing() as session:
        revoke(session, "test", Access.SESSION, one, now)
    assert [is_good(database, Access.SESSION, token, now) for token in (one, other)] == [False, True]
    with database.writing() as session:
        assert revoke_all(session, "test", Access.SESSION, WHO, now) == 1
        found = session.exec(select(AccessToken).where(AccessToken.kind == Access.SESSION)).first()
        assert found is not None
        prolong(session, found, now + WEEK)
    assert not is_good(database, Access.SESSION, other, now)
    assert is_good(database, Access.LINK, link, now)


def test_what_is_over_is_forgotten(database: Database, now: datetime) -> None:
    used = given(database, Access.LINK, now)
    given(database, Access.SESSION, now)
    kept = given(database, Access.SESSION, now, WEEK)
    program = given(database, Access.PROGRAM, now)
    with database.writing() as session:
        use_up(session, "test", Access.LINK, used, now)
        drop_ended(session, "test", now + 2 * HOUR)
        assert len(session.exec(select(AccessToken)).all()) == 2
    assert is_good(database, Access.SESSION, kept, now)
    assert is_good(database, Access.PROGRAM, program, now)
