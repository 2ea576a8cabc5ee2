"""Who looks after a call: every word is kept until it is taken back, the last one counts, whoever says it."""

from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import Assignment, Call
from store.same_calls import faces, last_on

NOBODY = ""
"""Instead of an officer: whoever looked after the call no longer does, and no one else is named."""


def assign(
    session: Session, organisation: str, assigned_by: str, call: Call, officer: str, now: datetime
) -> Assignment:
    """Keep that `officer`, or NOBODY, looks after `call` from `now` on."""
    assert call.id is not None
    found = Assignment(
        organisation=organisation,
        call_id=call.id,
        officer=officer,
        assigned_by=assigned_by,
        assigned_at=now,
    )
    session.add(found)
    session.flush()
    return found


def withdraw_assignment(
    session: Session, organisation: str, assigned_by: str, call: Call
) -> Assignment | None:
    """Take back whom `assigned_by` named last for `call`, or for the same call in another source: the one before counts
    again. None when there is none. The row goes: that it was there is told by `store.audit`.
    """
    theirs = _of(organisation).where(Assignment.assigned_by == assigned_by)
    last = last_on(session, theirs, Assignment, call)
    if last is not None:
        session.delete(last)
        session.flush()
    return last


def current_assignments(session: Session, organisation: str) -> dict[int, Assignment]:
    """The calls that somebody looks after, by call: by the face where several sources state it."""
    face_of = faces(session)
    statement = _of(organisation).order_by(col(Assignment.id))
    last = {face_of.get(one.call_id, one.call_id): one for one in session.exec(statement)}
    return {call_id: one for call_id, one in last.items() if one.officer != NOBODY}


def assignment_of(session: Session, organisation: str, call: Call) -> Assignment | None:
    """The word that counts on who looks after `call`, or the same call in another source; None: nobody does."""
    last = last_on(session, _of(organisation), Assignment, call)
    return None if last is None or last.officer == NOBODY else last


def _of(organisation: str) -> SelectOfScalar[Assignment]:
    return select(Assignment).where(Assignment.organisation == organisation)
