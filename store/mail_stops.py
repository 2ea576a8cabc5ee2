"""Officers who get no mail, and why."""

import hashlib
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from store.models import MailStop


class Cause(StrEnum):
    """`paused`: somebody here said so; `unsubscribed`: the officer did; `refused`: the mail server, for good."""

    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"
    REFUSED = "refused"


def hash_of(address: str) -> str:
    """What an address is known by where it must not be kept: addresses are personal data."""
    return hashlib.sha256(address.strip().lower().encode()).hexdigest()


def stop(
    session: Session,
    organisation: str,
    officer: str,
    cause: Cause,
    now: datetime,
    *,
    reason: str = "",
    address: str = "",
    until: datetime | None = None,
) -> MailStop:
    """Send no mail to `officer` from now on, until `until` if one is given; with an `address`, only not to that one.

    One stop of a cause stands at a time: a second one takes the place of the first.
    """
    lift(session, organisation, officer, now, cause)
    found = MailStop(
        organisation=organisation,
        officer=officer,
        cause=cause,
        reason=reason,
        address_hash=hash_of(address) if address else "",
        since=now,
        until=until,
    )
    session.add(found)
    session.flush()
    return found


def lift(
    session: Session, organisation: str, officer: str, now: datetime, cause: Cause | None = None
) -> list[MailStop]:
    """Mail goes out again: the stops that stood, those of `cause` alone if one is given."""
    statement = select(MailStop).where(
        MailStop.organisation == organisation,
        MailStop.officer == officer,
        col(MailStop.lifted_at).is_(None),
    )
    if cause is not None:
        statement = statement.where(MailStop.cause == cause)
    found = list(session.exec(statement))
    for one in found:
        one.lifted_at = now
        session.add(one)
    return found


def standing_stop(
    session: Session, organisation: str, officer: str, address: str, now: datetime
) -> MailStop | None:
    """Why `officer` gets no mail at `address` at `now`: the oldest of the stops that stand, None where none does."""
    statement = (
        select(MailStop)
        .where(
            MailStop.organisation == organisation,
            MailStop.officer == officer,
            col(MailStop.lifted_at).is_(None),
            col(MailStop.address_hash).in_(["", hash_of(address)]),
        )
        .order_by(col(MailStop.id))
    )
    return next((one for one in session.exec(statement) if one.until is None or one.until > now), None)
