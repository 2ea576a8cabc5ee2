"""The programs that read the API: each known by the hash of its token, and by the day on which it was last here."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from sqlmodel import Session, col, select

from store.access import Access
from store.models import AccessToken


def is_noted(client: AccessToken, now: datetime) -> bool:
    """Whether it is known already that the program was here today."""
    return client.used_at is not None and client.used_at >= _day(now)


def note_use(session: Session, client: AccessToken, now: datetime) -> None:
    """Keep the day, and not the hour: it is enough to tell a program that nobody runs any more."""
    found = session.get(AccessToken, client.token_hash)
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
