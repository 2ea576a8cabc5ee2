"""Programs that read the API: whose token is good, and the day on which it was used."""

from datetime import UTC, datetime, timedelta

from store.access import Access, find_token, issue, revoke_all
from store.clients import clients_of, is_noted, note_use
from store.database import Database

DAY = timedelta(days=1)


def is_good(database: Database, token: str, now: datetime, organisation: str = "test") -> bool:
    with database.reading() as session:
        return find_token(session, organisation, Access.PROGRAM, token, now) is not None


def test_a_token_is_good_until_it_expires_or_is_revoked(database: Database, now: datetime) -> None:
    with database.writing() as session:
        lasting = issue(session, "test", Access.PROGRAM, "test-lasting", now)
        short = issue(session, "test", Access.PROGRAM, "test-short", now, DAY)
        officers = issue(session, "test", Access.SESSION, "test_officer", now)
    assert [is_good(database, one, now) for one in (lasting, short, officers, "", "\ud800")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert not is_good(database, lasting, now, "test_elsewhere")
    assert not is_good(database, short, now + DAY)
    with database.writing() as session:
        revoke_all(session, "test", Access.PROGRAM, "test-lasting", now)
        assert [one.holder for one in clients_of(session, "test")] == ["test-lasting", "test-short"]
    assert not is_good(database, lasting, now)


def test_the_day_of_use_is_kept_and_uses_nothing_up(database: Database, now: datetime) -> None:
    with database.writing() as session:
        token = issue(session, "test", Access.PROGRAM, "test-program", now)
    for at in (now, now + timedelta(hours=3), now + DAY):
        with database.writing() as session:
            client = find_token(session, "test", Access.PROGRAM, token, at)
            assert client is not None
            assert is_noted(client, at) == (at == now + timedelta(hours=3))
            note_use(session, client, at)
            assert client.used_at == datetime(at.year, at.month, at.day, tzinfo=UTC)
            assert is_noted(client, at)
