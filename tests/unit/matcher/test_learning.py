"""Learning starts where it is proven, says by how much, and is refused where it is not."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlmodel import select

from matcher import learning
from matcher.learning import (
    Counts,
    Lessons,
    Outcome,
    Trained,
    average_precision,
    lessons,
    pairs_in_order,
    train,
)
from matcher.learnt_part import Pool
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, Vote, decide
from store.learnt import ModelState, keep, roll_back
from store.models import Call, LearntModel
from store.records import CallRecord, Kind, Status
from tests.unit.matcher.pools import made_up


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough to tell a gain of these pools from chance."""
    monkeypatch.setattr(learning, "DRAWS", 200)
    monkeypatch.setattr(learning, "REPEATS", 1)


NOW = datetime(2026, 8, 22, 8, 0, tzinfo=UTC)
CALLS = 160


def votes(pool: Pool, wanted: NDArray[np.int_], count: int = CALLS) -> list[Vote]:
    return [
        Vote(reading.call_id, bool(wants), Reason.NONE if wants else Reason.ROLE, ("water",))
        for reading, wants in zip(pool.readings[:count], wanted, strict=False)
    ]


def alone(pool: Pool) -> list[str]:
    """Every call a family of its own."""
    return [reading.title for reading in pool.readings]


def as_model(pool: Pool, trained: Trained, number: int = 1) -> LearntModel:
    assert trained.state is not None
    return LearntModel(
        organisation="test",
        number=number,
        belongs_to=pool.version,
        learnt_from=trained.learnt_from,
        decisions=trained.counts.decisions,
        state=trained.state,
        measures=trained.measures,
        parameters=trained.parameters,
        trained_at=NOW,
    )


def test_a_taste_that_the_ranking_does_not_know_is_learnt() -> None:
    pool, wanted = made_up(CALLS)
    trained = train(pool, alone(pool), votes(pool, wanted), None, None)
    assert (trained.outcome, trained.state) == (Outcome.STARTED, ModelState.ACTIVE)
    assert trained.counts == Counts(CALLS, int(wanted.sum()), CALLS, 0, 0)
    gain, low, high = trained.measures["gain"]["pairs"]
    assert 0 < low < gain < high
    assert trained.measures["gain"]["log_loss"][0] < 0
    assert trained.measures["learnt"]["ap"][0] > trained.measures["unlearnt"]["ap"][0]
    json.dumps([trained.measures, trained.parameters], allow_nan=False)


def test_where_there_is_nothing_to_learn_it_does_not_start() -> None:
    started = 0
    for seed in range(6):
        pool, wanted = made_up(120, seed, taste=0)
        started += train(pool, alone(pool), votes(pool, wanted), None, None).outcome is Outcome.STARTED
    assert started == 0


def test_refusal_comes_with_its_figures() -> None:
    pool, wanted = made_up(120, taste=0)
    trained = train(pool, alone(pool), votes(pool, wanted), None, None)
    assert (trained.outcome, trained.state) == (Outcome.REFUSED, ModelState.REFUSED)
    assert set(trained.measures) == {"share", "unlearnt", "learnt", "gain"}
    assert set(trained.parameters) == {"part", "calibration"}


def test_brothers_are_held_out_together() -> None:
    """A taste for single calls that their brothers repeat is none for other calls."""
    chance = np.random.default_rng(3)
    pool, _ = made_up(CALLS)
    family = np.arange(CALLS) // 4
    vectors = chance.normal(size=(CALLS // 4, 40))[family]
    pool = replace(pool, vectors=vectors.astype(np.float32), scores=chance.normal(size=CALLS), figures={})
    decided = votes(pool, chance.integers(0, 2, CALLS // 4)[family])
    by_themselves = train(pool, alone(pool), decided, None, None)
    with_brothers = train(pool, [f"TEST-{number}" for number in family], decided, None, None)
    assert by_themselves.outcome is Outcome.STARTED
    assert with_brothers.outcome is Outcome.REFUSED
    assert by_themselves.measures["gain"]["pairs"][0] > with_brothers.measures["gain"]["pairs"][0] + 0.1


@pytest.mark.parametrize(
    "wanted",
    [np.ones(CALLS, dtype=int), np.zeros(CALLS, dtype=int), np.eye(1, CALLS, dtype=int)[0]],
    ids=["all wanted", "all dismissed", "one wanted"],
)
def test_decisions_that_all_agree_teach_nothing(wanted: NDArray[np.int_]) -> None:
    pool, _ = made_up(CALLS)
    trained = train(pool, alone(pool), votes(pool, wanted), None, None)
    assert (trained.outcome, trained.state, trained.parameters) == (Outcome.TOO_FEW, None, {})


@pytest.mark.parametrize("count", [0, 1, 29])
def test_few_decisions_are_too_few(count: int) -> None:
    pool, wanted = made_up(CALLS)
    trained = train(pool, alone(pool), votes(pool, wanted, count), None, None)
    assert (trained.outcome, trained.counts.decisions) == (Outcome.TOO_FEW, count)


def test_decisions_on_few_families_cannot_be_held_out() -> None:
    pool, wanted = made_up(CALLS)
    for count, outcome in ((1, Outcome.TOO_FEW), (9, Outcome.TOO_FEW), (10, Outcome.STARTED)):
        families = [f"TEST-{number % count}" for number in range(CALLS)]
        trained = train(pool, families, votes(pool, wanted), None, None)
        assert (trained.outcome, trained.counts.families) == (outcome, count)


def test_what_teaches_nothing_is_left_out_and_counted() -> None:
    pool, wanted = made_up(CALLS)
    closed = np.zeros(CALLS, dtype=bool)
    closed[:10] = True
    pool = replace(pool, closed=closed)
    decided = votes(pool, wanted)
    for place, reason in enumerate((Reason.TOO_LATE, Reason.TOO_SMALL, Reason.NO_PARTNER), start=20):
        decided[place] = replace(decided[place], relevant=False, reason=reason)
    vanished = Vote(9_999, relevant=True, reason=Reason.NONE, officers=("water",))
    counts = train(pool, alone(pool), [*decided, vanished], None, None).counts
    assert (counts.decisions, counts.left_out, counts.gone) == (CALLS - 13, 13, 1)


def test_nothing_new_decided_trains_nothing() -> None:
    pool, wanted = made_up(CALLS)
    decided = votes(pool, wanted)
    model = as_model(pool, train(pool, alone(pool), decided, None, None))
    again = train(pool, alone(pool), decided, model, model)
    assert (again.outcome, again.state) == (Outcome.UNCHANGED, None)
    assert train(pool, alone(pool), decided[1:], model, model).outcome is Outcome.STARTED
    later = replace(pool, version="another ranking")
    assert train(later, alone(later), decided, model, model).outcome is Outcome.STARTED


@pytest.mark.parametrize(
    ("proven", "better", "follows", "outcome"),
    [
        (True, True, False, Outcome.STARTED),
        (False, True, False, Outcome.REFUSED),
        (False, True, True, Outcome.STARTED),
        (False, False, True, Outcome.REFUSED),
    ],
)
def test_what_was_proven_once_goes_on_until_it_is_worse(
    monkeypatch: pytest.MonkeyPatch, proven: bool, better: bool, follows: bool, outcome: Outcome
) -> None:
    pool, wanted = made_up(CALLS)
    active = as_model(pool, train(pool, alone(pool), votes(pool, wanted, 100), None, None))
    monkeypatch.setattr(learning, "_try", lambda *_: learning._Trial({}, {}, proven, better))  # noqa: SLF001
    former = active if follows else None
    assert train(pool, alone(pool), votes(pool, wanted), former, former).outcome is outcome


def test_decisions_taken_back_take_what_was_learnt_with_them() -> None:
    pool, wanted = made_up(CALLS)
    active = as_model(pool, train(pool, alone(pool), votes(pool, wanted), None, None))
    trained = train(pool, alone(pool), votes(pool, wanted, 5), active, active)
    assert (trained.outcome, trained.state) == (Outcome.TOO_FEW, ModelState.REFUSED)


def test_measures_of_order() -> None:
    scores, relevant = np.array([3.0, 2.0, 1.0]), np.array([1, 0, 1])
    assert pairs_in_order(scores, relevant) == 0.5
    assert average_precision(scores, relevant) == pytest.approx((1 + 2 / 3) / 2)
    assert np.isnan(pairs_in_order(scores, np.ones(3, dtype=int)))
    assert np.isnan(average_precision(scores, np.zeros(3, dtype=int)))


class Shelf:
    """A store with the calls of a pool, officers' decisions on them, and models."""

    def __init__(self, database: Database, pool: Pool) -> None:
        self.database, self.pool = database, pool
        with database.writing() as session:
            save(
                session,
                [self._record(reading.title, f"TEST-{reading.call_id - 1}") for reading in pool.readings],
                None,
                NOW,
            )

    def decide(self, wanted: NDArray[np.int_], count: int = CALLS) -> None:
        with self.database.writing() as session:
            calls = session.exec(select(Call).order_by("id")).all()
            for call, wants in zip(calls[:count], wanted, strict=False):
                verdict, reason = (
                    (Verdict.RELEVANT, Reason.NONE) if wants else (Verdict.NOT_RELEVANT, Reason.ROLE)
                )
                decide(session, "test", "water", call, DecisionRecord(verdict=verdict, reason=reason), NOW)

    def keep(self, model: LearntModel) -> None:
        with self.database.writing() as session:
            keep(session, model)

    def lessons(self, pool: Pool | None = None) -> Lessons:
        with self.database.reading() as session:
            return lessons(session, "test", pool or self.pool)

    @staticmethod
    def _record(title: str, key: str) -> CallRecord:
        return CallRecord(
            source="test",
            source_key=key,
            kind=Kind.CALL,
            titles={"en": title},
            status=Status.OPEN,
            no_deadline="not stated",
            page="https://example.org/",
        )


@pytest.fixture
def shelf(database: Database) -> Shelf:
    return Shelf(database, made_up(CALLS)[0])


def test_nothing_learnt_changes_nothing(shelf: Shelf) -> None:
    found = shelf.lessons()
    assert not found.part.any()
    assert set(found.probabilities) == {None}
    assert not any(found.reasons)
    assert (found.number, found.outdated) == (None, None)


def test_an_active_model_moves_calls_and_says_why(shelf: Shelf) -> None:
    pool, wanted = made_up(CALLS)
    shelf.decide(wanted, 140)
    shelf.keep(as_model(pool, train(pool, alone(pool), votes(pool, wanted, 140), None, None)))
    found = shelf.lessons()
    assert found.number == 1
    assert found.part.any()
    assert all(probability is not None and 0 < probability < 1 for probability in found.probabilities)
    reasons = [(found.part[row], entry) for row, entries in enumerate(found.reasons) for entry in entries]
    assert reasons
    for part, entry in reasons:
        assert entry["verdict"] == ("relevant" if part > 0 else "not_relevant")
        assert entry["reason"] == ("" if part > 0 else "role")
        assert entry["calls"]
    json.dumps(found.reasons)


def test_a_model_of_another_ranking_is_not_applied_and_it_is_said(shelf: Shelf) -> None:
    pool, wanted = made_up(CALLS)
    shelf.keep(as_model(pool, train(pool, alone(pool), votes(pool, wanted), None, None)))
    found = shelf.lessons(replace(pool, version="another ranking"))
    assert not found.part.any()
    assert (found.number, found.outdated) == (None, 1)
    assert set(found.probabilities) == {None}


def test_a_refused_model_still_tells_how_likely_the_unlearnt_score_is(shelf: Shelf) -> None:
    pool, wanted = made_up(CALLS, taste=0)
    trained = train(pool, alone(pool), votes(pool, wanted), None, None)
    shelf.keep(as_model(pool, trained))
    found = shelf.lessons(pool)
    assert trained.outcome is Outcome.REFUSED
    assert (found.number, found.outdated) == (None, None)
    assert not found.part.any()
    order = np.argsort(pool.scores)
    probabilities = np.array(found.probabilities, dtype=float)[order]
    assert np.all(np.diff(probabilities) >= 0)
    assert probabilities[-1] > probabilities[0] + 0.3


def test_back_to_the_unlearnt_ranking(shelf: Shelf) -> None:
    pool, wanted = made_up(CALLS, taste=1)
    model = as_model(pool, train(pool, alone(pool), votes(pool, wanted), None, None))
    model.state = ModelState.ACTIVE
    shelf.keep(model)
    with shelf.database.writing() as session:
        roll_back(session, "test")
    found = shelf.lessons()
    assert found.number is None
    assert not found.part.any()
    assert None not in found.probabilities
