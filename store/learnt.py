"""What was learnt from decisions, one numbered model after the other: active, retired or refused."""

from enum import StrEnum

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import LearntModel


class ModelState(StrEnum):
    """`refused`: measured to rank no better than the unlearnt ranking, or rolled back by somebody who found so.

    At most one model of an organisation is active.
    """

    ACTIVE = "active"
    RETIRED = "retired"
    REFUSED = "refused"


def keep(session: Session, model: LearntModel) -> None:
    """Number `model` and store it. Whatever its state, the one that was active is retired: the last measure counts."""
    former = newest_learnt(session, model.organisation)
    model.number = former.number + 1 if former else 1
    _end(session, model.organisation, ModelState.RETIRED)
    session.add(model)
    session.flush()


def active_learnt(session: Session, organisation: str) -> LearntModel | None:
    statement = _of(organisation).where(LearntModel.state == ModelState.ACTIVE)
    return session.exec(statement).first()


def newest_learnt(session: Session, organisation: str) -> LearntModel | None:
    return session.exec(_of(organisation)).first()


def learnt_models(session: Session, organisation: str) -> list[LearntModel]:
    """The newest first."""
    return list(session.exec(_of(organisation)))


def roll_back(session: Session, organisation: str) -> tuple[LearntModel | None, LearntModel | None]:
    """The model that was active and the one that is now, the last one before it; None stands for the unlearnt ranking."""
    former = _end(session, organisation, ModelState.REFUSED)
    if former is None:
        return None, None
    statement = _of(organisation).where(
        LearntModel.state == ModelState.RETIRED, LearntModel.number < former.number
    )
    back = session.exec(statement).first()
    if back is not None:
        back.state = ModelState.ACTIVE
        session.add(back)
    return former, back


def _end(session: Session, organisation: str, state: ModelState) -> LearntModel | None:
    model = active_learnt(session, organisation)
    if model is not None:
        model.state = state
        session.add(model)
        session.flush()
    return model


def _of(organisation: str) -> SelectOfScalar[LearntModel]:
    newest_first = col(LearntModel.number).desc()
    return select(LearntModel).where(LearntModel.organisation == organisation).order_by(newest_first)
