"""How far the organisation has got with a call: every step is kept, the last one that stands counts."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import Call, Stage
from store.same_calls import faces, same_as


class CallStage(StrEnum):
    """What has become of a call here, in the order in which it goes: `awarded` and `rejected` are both ends."""

    SEEN = "seen"
    SHORTLISTED = "shortlisted"
    PREPARING = "preparing"
    SUBMITTED = "submitted"
    AWARDED = "awarded"
    REJECTED = "rejected"


PURSUED = frozenset({CallStage.SHORTLISTED, CallStage.PREPARING})
"""The stages at which the next deadline is still to be met."""


def record_stage(
    session: Session, organisation: str, officer: str, call: Call, stage: CallStage, now: datetime
) -> Stage:
    """Keep that `officer` says of `call`, as it stands now, that the organisation has got so far."""
    assert call.id is not None
    found = Stage(
        organisation=organisation,
        officer=officer,
        call_id=call.id,
        call_version=call.version,
        stage=stage,
        noted_at=now,
    )
    session.add(found)
    session.flush()
    return found


def withdraw_stage(
    session: Session, organisation: str, officer: str, call: Call, now: datetime
) -> Stage | None:
    """Take back what `officer` said last of `call`: the stage before it counts again. None when there is none."""
    last = last_stage(session, organisation, officer, call)
    if last is not None:
        last.withdrawn_at = now
        session.add(last)
    return last


def last_stage(session: Session, organisation: str, officer: str, call: Call) -> Stage | None:
    """What `officer` said last of `call`, or of the same call in another source."""
    statement = _standing(organisation).where(
        Stage.officer == officer, col(Stage.call_id).in_(same_as(call, faces(session)))
    )
    return session.exec(statement.order_by(col(Stage.id).desc())).first()


def current_stages(session: Session, organisation: str) -> dict[int, Stage]:
    """Where each call stands, whoever said so, by call: by the face where several sources state it."""
    face_of = faces(session)
    statement = _standing(organisation).order_by(col(Stage.id))
    return {face_of.get(one.call_id, one.call_id): one for one in session.exec(statement)}


def _standing(organisation: str) -> SelectOfScalar[Stage]:
    return select(Stage).where(Stage.organisation == organisation, col(Stage.withdrawn_at).is_(None))
