"""What lets somebody into the review: links, sessions, tokens of programs. The store knows each by its hash alone."""

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, or_, select, update

from store.models import AccessToken

SHORTEST_PROLONGATION = timedelta(minutes=5)
"""A session that is used all the time is written no more often than this."""


class Access(StrEnum):
    """What a token is for. `holder` is an officer, and for `PROGRAM` the name of a program."""

    LINK = "link"
    SESSION = "session"
    PROGRAM = "program"


PERSONAL = frozenset({Access.LINK, Access.SESSION})
"""Those whose holder is an officer."""
ONCE = frozenset({Access.LINK})
"""Those that are used up: of the others `used_at` is when their holder was last here."""


def new_token() -> str:
    """256 bits of chance, URL-safe: 43 characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def issue(
    session: Session,
    organisation: str,
    kind: Access,
    holder: str,
    now: datetime,
    lasting: timedelta | None = None,
) -> str:
    """A new token, which is known to nobody but whoever it is given to; good for `lasting`, or until it is revoked."""
    token = new_token()
    session.add(
        AccessToken(
            token_hash=token_hash(token),
            organisation=organisation,
            kind=kind,
            holder=holder,
            created_at=now,
            expires_at=now + lasting if lasting is not None else None,
        )
    )
    session.flush()
    return token


def find_token(
    session: Session, organisation: str, kind: Access, token: str, now: datetime
) -> AccessToken | None:
    """`token` as it is kept, if it is good now."""
    return session.exec(select(AccessToken).where(*_good(organisation, kind, token, now))).first()


def use_up(session: Session, organisation: str, kind: Access, token: str, now: datetime) -> str | None:
    """Whose `token` it is, if it was good until now; of two who use it at once one gets None."""
    used = (
        update(AccessToken)
        .where(*_good(organisation, kind, token, now))
        .values(used_at=now)
        .returning(col(AccessToken.holder))
    )
    return session.execute(used).scalar_one_or_none()


def prolonged_until(
    found: AccessToken, now: datetime, idle: timedelta, longest: timedelta
) -> datetime | None:
    """Until when a session that is used `now` is good; None where that is hardly later than it was."""
    end = min(now + idle, found.created_at + longest)
    assert found.expires_at is not None
    return end if end - found.expires_at >= SHORTEST_PROLONGATION else None


def prolong(session: Session, found: AccessToken, end: datetime) -> None:
    """Let a token that is still good be so until `end`."""
    session.execute(
        update(AccessToken)
        .where(
            col(AccessToken.organisation) == found.organisation,
            col(AccessToken.token_hash) == found.token_hash,
            col(AccessToken.revoked_at).is_(None),
        )
        .values(expires_at=end)
    )


def revoke(session: Session, organisation: str, kind: Access, token: str, now: datetime) -> None:
    """Let `token` be good for nothing from now on."""
    session.execute(update(AccessToken).where(*_good(organisation, kind, token, now)).values(revoked_at=now))


def revoke_all(session: Session, organisation: str, kind: Access, holder: str, now: datetime) -> int:
    """Let all tokens of `kind` that `holder` has be good for nothing; how many were."""
    revoked = (
        update(AccessToken)
        .where(
            col(AccessToken.organisation) == organisation,
            col(AccessToken.kind) == kind,
            col(AccessToken.holder) == holder,
            col(AccessToken.revoked_at).is_(None),
        )
        .values(revoked_at=now)
        .returning(col(AccessToken.token_hash))
    )
    return len(session.execute(revoked).all())


def drop_ended(session: Session, organisation: str, before: datetime) -> None:
    """Forget links and sessions that were over `before`: they would only say when somebody was here."""
    session.execute(
        delete(AccessToken).where(
            col(AccessToken.organisation) == organisation,
            col(AccessToken.kind).in_(sorted(PERSONAL)),
            or_(
                col(AccessToken.expires_at) < before,
                col(AccessToken.used_at) < before,
                col(AccessToken.revoked_at) < before,
            ),
        )
    )


def _good(organisation: str, kind: Access, token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(AccessToken.token_hash) == token_hash(token),
        col(AccessToken.organisation) == organisation,
        col(AccessToken.kind) == kind,
        col(AccessToken.revoked_at).is_(None),
        *([col(AccessToken.used_at).is_(None)] if kind in ONCE else []),
        or_(col(AccessToken.expires_at).is_(None), col(AccessToken.expires_at) > now),
    )
