"""Programs that read the API: whose token is good, and the day on which it was used."""

from datetime import UTC, datetime, timedelta

from sqlmodel import select

from store.access import Access, find_token, issue, revoke_all
from store.clients import add_client, clients_of, is_noted, note_use, revoke_client
from store.database import Database
from store.models import AuditEvent

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


def test_who_may_read_and_who_no_more_is_kept(database: Database, now: datetime) -> None:
    with database.writing() as session:
        token = add_client(session, "test", "test-program", now, 30 * DAY)
        add_client(session, "test", "test-lasting", now)
    assert is_good(database, token, now)
    with database.writing() as session:
        assert revoke_client(session, "test", "test-program", now + DAY)
        assert not revoke_client(session, "test", "test-program", now + DAY)
        assert not revoke_client(session, "other", "test-lasting", now + DAY)
    assert not is_good(database, token, now + DAY)
    with database.reading() as session:
        events = session.exec(select(AuditEvent).order_by("id")).all()
    assert [(one.organisation, one.officer, one.call_id) for one in events] == [("test", "", None)] * 3
    assert [(one.action, one.facts, one.happened_at) for one in events] == [
        ("client_added", {"name": "test-program", "days": 30}, now),
        ("client_added", {"name": "test-lasting"}, now),
        ("client_revoked", {"name": "test-program"}, now + DAY),
    ]
