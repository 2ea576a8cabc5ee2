"""Models that were learnt: numbered, one of them active, back to the one before."""

from datetime import datetime

from store.database import Database
from store.learnt import ModelState, active_learnt, keep, learnt_models, newest_learnt, roll_back
from store.models import LearntModel


def keep_one(database: Database, now: datetime, state: ModelState, organisation: str = "test") -> None:
    with database.writing() as session:
        keep(
            session,
            LearntModel(
                organisation=organisation,
                number=0,
                belongs_to="ranking-1",
                learnt_from="",
                decisions=50,
                state=state,
                measures={"gain": {"ap": [0.1, 0.0, 0.2]}},
                parameters={"part": {"vectors": [0.25]}},
                trained_at=now,
            ),
        )


def states(database: Database, organisation: str = "test") -> list[tuple[int, str]]:
    with database.reading() as session:
        return [(model.number, model.state) for model in learnt_models(session, organisation)]


def back(database: Database) -> tuple[int | None, int | None]:
    with database.writing() as session:
        former, now = roll_back(session, "test")
        return former.number if former else None, now.number if now else None


def test_nothing_learnt_yet(database: Database) -> None:
    with database.reading() as session:
        assert (active_learnt(session, "test"), newest_learnt(session, "test")) == (None, None)
    assert back(database) == (None, None)


def test_a_new_model_takes_the_place_of_the_one_before(database: Database, now: datetime) -> None:
    keep_one(database, now, ModelState.ACTIVE)
    keep_one(database, now, ModelState.ACTIVE, "other")
    keep_one(database, now, ModelState.ACTIVE)
    assert states(database) == [(2, "active"), (1, "retired")]
    assert states(database, "other") == [(1, "active")]
    with database.reading() as session:
        model = active_learnt(session, "test")
        assert model is not None
        assert model.parameters == {"part": {"vectors": [0.25]}}
        assert model.trained_at == now


def test_the_last_measure_counts_even_when_it_refuses(database: Database, now: datetime) -> None:
    keep_one(database, now, ModelState.ACTIVE)
    keep_one(database, now, ModelState.REFUSED)
    assert states(database) == [(2, "refused"), (1, "retired")]
    with database.reading() as session:
        assert active_learnt(session, "test") is None


def test_back_step_by_step_to_the_unlearnt_ranking(database: Database, now: datetime) -> None:
    for state in (ModelState.ACTIVE, ModelState.REFUSED, ModelState.ACTIVE, ModelState.ACTIVE):
        keep_one(database, now, state)
    assert [back(database) for _ in range(4)] == [(4, 3), (3, 1), (1, None), (None, None)]
    assert {state for _, state in states(database)} == {"refused"}


def test_what_was_rolled_back_does_not_come_back(database: Database, now: datetime) -> None:
    keep_one(database, now, ModelState.ACTIVE)
    keep_one(database, now, ModelState.ACTIVE)
    back(database)
    keep_one(database, now, ModelState.ACTIVE)
    assert states(database) == [(3, "active"), (2, "refused"), (1, "retired")]
    assert back(database) == (3, 1)
