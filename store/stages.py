"""How far the organisation has got with a call: every step is kept, the last one that stands counts."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import Call, Stage
from store.records import Day, Stated
from store.same_calls import faces, last_on

MOST_CENTS = 10**13
"""A hundred thousand million euros: whatever is more is a slip of the pen, since no programme pays it to one project."""


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
WITH_MONEY = frozenset({CallStage.SUBMITTED, CallStage.AWARDED})
"""The stages that have an amount: asked for, and won."""


class StageRecord(Stated):
    """What an officer says of how far it has got. `cents` of `currency` are asked for where it is submitted, won where
    it is awarded; `day` is when it came to that, where that is known. Raises pydantic.ValidationError where an amount
    goes with another stage.
    """

    stage: CallStage
    day: Day | None = None
    cents: Annotated[int, Field(strict=True, ge=0, le=MOST_CENTS)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"

    @model_validator(mode="after")
    def _money_is_asked_for_or_won(self) -> "StageRecord":
        if self.cents is not None and self.stage not in WITH_MONEY:
            raise ValueError("an amount goes with what is submitted or awarded")
        return self


def record_stage(
    session: Session,
    organisation: str,
    officer: str,
    call: Call,
    stage: CallStage,
    now: datetime,
    *,
    day: date | None = None,
    cents: int | None = None,
    currency: str = "EUR",
) -> Stage:
    """Keep that `officer` says of `call`, as it stands now, that the organisation has got so far: `StageRecord`."""
    assert call.id is not None
    found = Stage(
        organisation=organisation,
        officer=officer,
        call_id=call.id,
        call_version=call.version,
        stage=stage,
        day=day,
        cents=cents,
        currency=currency,
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
    return last_on(session, _standing(organisation).where(Stage.officer == officer), Stage, call)


def stage_of(session: Session, organisation: str, call: Call) -> Stage | None:
    """Where `call`, or the same call in another source, stands, whoever said so."""
    return last_on(session, _standing(organisation), Stage, call)


def current_stages(session: Session, organisation: str) -> dict[int, Stage]:
    """Where each call stands, whoever said so, by call: by the face where several sources state it."""
    face_of = faces(session)
    statement = _standing(organisation).order_by(col(Stage.id))
    return {face_of.get(one.call_id, one.call_id): one for one in session.exec(statement)}


def _standing(organisation: str) -> SelectOfScalar[Stage]:
    return select(Stage).where(Stage.organisation == organisation, col(Stage.withdrawn_at).is_(None))
