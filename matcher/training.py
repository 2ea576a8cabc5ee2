"""The job: learn from what was decided, before the calls are matched anew."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from config.organisation import Organisation
from matcher.learning import Counts, Outcome, to_pool, train
from matcher.matching import meaning_of, model_name
from matcher.profile import to_profile
from matcher.ranking import rank
from matcher.readings import read_all
from matcher.scorers.encoder import Encoder
from store.database import Database
from store.decisions import overrides, standing, votes
from store.learnt import active_learnt, keep, newest_learnt
from store.models import Call, LearntModel


@dataclass(frozen=True)
class LearnReport:
    """What came of learning. `number` and `measures` are those of the newest model, None and empty without one."""

    outcome: Outcome
    counts: Counts
    number: int | None
    measures: dict[str, Any]


def learn(
    database: Database, organisation: Organisation, now: datetime, encoder: Encoder | None = None
) -> LearnReport:
    """Train on all decisions that stand and keep the model, active or refused.

    Killed half-way it leaves everything as it was. Nothing is locked while it learns.
    """
    with database.reading() as session:
        found = standing(session, organisation.key)
        newest = newest_learnt(session, organisation.key)
        active = active_learnt(session, organisation.key)
        if not found and newest is None:
            return LearnReport(Outcome.TOO_FEW, Counts(0, 0, 0, 0, 0), None, {})
        family_by_call = families(session)
    profile = to_profile(organisation)
    readings = read_all(database, organisation.key, profile).readings
    meaning = meaning_of(database, readings, profile, encoder)
    pool = to_pool(rank(readings, profile, overrides(found), meaning), meaning, model_name(encoder))
    kin = [family_by_call.get(reading.call_id, str(reading.call_id)) for reading in readings]
    trained = train(pool, kin, votes(found), newest, active)
    if trained.state is not None:
        newest = LearntModel(
            organisation=organisation.key,
            number=0,
            belongs_to=pool.version,
            learnt_from=trained.learnt_from,
            decisions=trained.counts.decisions,
            state=trained.state,
            measures=trained.measures,
            parameters=trained.parameters,
            trained_at=now,
        )
        with database.writing() as session:
            keep(session, newest)
            session.expunge(newest)
    number, measures = (newest.number, newest.measures) if newest else (None, {})
    return LearnReport(trained.outcome, trained.counts, number, measures)


def families(session: Session) -> dict[int, str]:
    """By call, what it and its siblings share: the call that a topic belongs to, else its own name."""
    statement = select(Call.id, Call.call_identifier, Call.identifiers)
    return {
        number: call or next(iter(identifiers), str(number))
        for number, call, identifiers in session.exec(statement)
        if number is not None
    }
