"""What was done in the review, and the revision of a call by which two who decide at once notice each other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from store.errors import StoreError
from store.models import AuditEvent, Call


class StaleError(StoreError):
    """Somebody else did something to the call since it was looked at. `since` are those events, oldest first."""

    def __init__(self, since: list[AuditEvent]) -> None:
        super().__init__("the call has been worked on since it was looked at")
        self.since = since


def note_event(
    session: Session,
    organisation: str,
    officer: str,
    action: str,
    now: datetime,
    call: Call | None = None,
    facts: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Keep that `officer` did `action`. `facts` hold neither addresses nor texts."""
    event = AuditEvent(
        organisation=organisation,
        officer=officer,
        action=action,
        call_id=call.id if call else None,
        facts=dict(facts or {}),
        happened_at=now,
    )
    session.add(event)
    session.flush()
    return event


def revision_of(session: Session, organisation: str, call: Call) -> int:
    """The number of the last event on `call`; 0 where nothing was done yet."""
    statement = select(func.max(col(AuditEvent.id))).where(
        AuditEvent.organisation == organisation, AuditEvent.call_id == call.id
    )
    return session.exec(statement).one() or 0


def refuse_stale(session: Session, organisation: str, call: Call, seen: int) -> None:
    """Let a writer go on only if `call` stands as at the revision that they saw. Raises StaleError.

    Until the transaction ends no other writer gets past this for the same call.
    """
    session.exec(select(Call.id).where(Call.id == call.id).with_for_update()).one()
    events = session.exec(
        select(AuditEvent)
        .where(
            AuditEvent.organisation == organisation,
            AuditEvent.call_id == call.id,
            col(AuditEvent.id) > seen,
        )
        .order_by(col(AuditEvent.id))
    )
    since = list(events)
    if since:
        for event in since:
            session.expunge(event)  # so that it can be read once the transaction was taken back
        raise StaleError(since)
