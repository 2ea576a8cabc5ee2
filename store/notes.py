"""What officers write down about calls: of one that is taken back, that it was there is all that stays."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import Call, CallNote
from store.records import Stated
from store.same_calls import faces, last_on, same_as


class NoteRecord(Stated):
    """A note in plain text. Raises pydantic.ValidationError where it is empty or too long."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


def write_note(
    session: Session, organisation: str, officer: str, call: Call, said: NoteRecord, now: datetime
) -> CallNote:
    """Keep what `officer` writes about `call` as it stands now."""
    assert call.id is not None
    note = CallNote(
        organisation=organisation,
        officer=officer,
        call_id=call.id,
        call_version=call.version,
        text=said.text,
        noted_at=now,
    )
    session.add(note)
    session.flush()
    return note


def withdraw_note(
    session: Session, organisation: str, officer: str, call: Call, now: datetime
) -> CallNote | None:
    """Take back the last note of `officer` on `call`, or on the same call in another source. None when there is none."""
    last = last_on(session, _standing(organisation).where(CallNote.officer == officer), CallNote, call)
    if last is not None:
        last.text, last.withdrawn_at = "", now
        session.add(last)
    return last


def notes_on(session: Session, organisation: str, call: Call) -> list[CallNote]:
    """The notes on `call` and on the same call in other sources, oldest first."""
    on_call = _standing(organisation).where(col(CallNote.call_id).in_(same_as(call, faces(session))))
    return list(session.exec(on_call.order_by(col(CallNote.id))))


def _standing(organisation: str) -> SelectOfScalar[CallNote]:
    return select(CallNote).where(CallNote.organisation == organisation, col(CallNote.withdrawn_at).is_(None))
