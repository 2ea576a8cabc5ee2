"""The programs that read the API: each known by the hash of its token, and by the day on which it was last here."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlmodel import Session, col, select

from store.access import Access, issue, revoke_all
from store.audit import note_event
from store.models import AccessToken


def add_client(
    session: Session, organisation: str, name: str, now: datetime, lasting: timedelta | None = None
) -> str:
    """A new token for the program `name`, and that it was given: the event's facts are `name` and `days`, if they end."""
    token = issue(session, organisation, Access.PROGRAM, name, now, lasting)
    facts = {"name": name} | ({} if lasting is None else {"days": lasting.days})
    note_event(session, organisation, "", "client_added", now, facts=facts)
    return token


def revoke_client(session: Session, organisation: str, name: str, now: datetime) -> bool:
    """Let the tokens of `name` be good for nothing, and keep that it was done; whether there were any."""
    if not revoke_all(session, organisation, Access.PROGRAM, name, now):
        return False
    note_event(session, organisation, "", "client_revoked", now, facts={"name": name})
    return True


def is_noted(client: AccessToken, now: datetime) -> bool:
    """Whether it is known already that the program was here today."""
    return client.used_at is not None and client.used_at >= _day(now)


def note_use(session: Session, client: AccessToken, now: datetime) -> None:
    """Keep the day, and not the hour: it is enough to tell a program that nobody runs any more."""
    statement = select(AccessToken).where(
        AccessToken.organisation == client.organisation, AccessToken.token_hash == client.token_hash
    )
    found = session.exec(statement).first()
    if found is not None:
        found.used_at = _day(now)


def clients_of(session: Session, organisation: str) -> Sequence[AccessToken]:
    """All tokens of programs, those that are good no more too."""
    statement = (
        select(AccessToken)
        .where(AccessToken.organisation == organisation, AccessToken.kind == Access.PROGRAM)
        .order_by(col(AccessToken.holder), col(AccessToken.created_at))
    )
    return session.exec(statement).all()


def _day(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC), time.min, UTC)
