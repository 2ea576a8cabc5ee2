"""Learning from decisions: it starts only where it is measured to help, and what it adds is bounded."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.model_selection import StratifiedGroupKFold
from sqlmodel import Session

from matcher.calibration import Calibration, Folds, calibrate, calibration_error, log_loss
from matcher.eligibility import Verdict
from matcher.fusion import Meaning
from matcher.learnt_part import LearntPart, Pool, fit
from matcher.measures import average_precision as precision_of
from matcher.precedents import Precedents
from matcher.ranking import Ranking
from store.decisions import Reason, Vote, standing, votes
from store.learnt import ModelState, active_learnt, newest_learnt
from store.models import LearntModel

Numbers = NDArray[np.float64]
Labels = NDArray[np.int_]

LEAST, LEAST_OF_EACH = 30, 10
"""Decisions that it takes to measure anything, and how many of them relevant and how many not."""
FOLDS, REPEATS = 10, 3
"""Parts held out in turn, and how often they are cut anew: that steadies a measure on few decisions."""
DRAWS = 1_000
"""Samples of the decisions that an interval is taken from."""
SEED = 1
CIRCUMSTANCES = frozenset({Reason.TOO_SMALL, Reason.TOO_LATE, Reason.NO_PARTNER})
"""Reasons that say nothing of what a call is about: such a dismissal teaches nothing of the next call."""


@dataclass(frozen=True)
class Interval:
    """A figure, and between which two it lies in nine of ten samples of the decisions."""

    value: float
    low: float
    high: float

    def as_json(self) -> list[float]:
        return [round(number, 4) for number in (self.value, self.low, self.high)]


class Outcome(StrEnum):
    """`unchanged`: nothing was decided since the newest model was trained, so that a rollback holds until then."""

    STARTED = "started"
    REFUSED = "refused"
    TOO_FEW = "too_few"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Counts:
    """Calls that were decided on: those that teach, of these the relevant ones, and of how many families they are.

    `left_out`: dismissed for circumstances, or closed by a rule anyway; `gone`: not ranked any more.
    """

    decisions: int
    relevant: int
    families: int
    left_out: int
    gone: int

    @property
    def enough(self) -> bool:
        of_each = min(self.relevant, self.decisions - self.relevant)
        return self.decisions >= LEAST and of_each >= LEAST_OF_EACH and self.families >= FOLDS


@dataclass(frozen=True)
class Trained:
    """What came of learning, as a model to be kept in `state`; None: there is none to keep."""

    outcome: Outcome
    counts: Counts
    learnt_from: str
    state: ModelState | None = None
    measures: dict[str, Any] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Lessons:
    """What was learnt, for each call of a ranking. `part` is added to the score, in its unit.

    `reasons` are those of `store.models.Match.learnt`. `number` is that of the model in use, None where there is none;
    `outdated` that of one that would be in use but belongs to another version of the ranking.
    """

    part: Numbers
    reasons: Sequence[list[dict[str, Any]]]
    probabilities: Sequence[float | None]
    number: int | None = None
    outdated: int | None = None


def to_pool(ranking: Ranking, meaning: Meaning | None, version: str) -> Pool:
    """A ranking to learn from; `meaning` is what it was made with."""
    features = ranking.features
    return Pool(
        version=version,
        readings=ranking.readings,
        scores=ranking.scores,
        closed=np.array([entry.verdict == Verdict.NOT_OPEN for entry in ranking.eligibility], dtype=bool),
        figures=dict(zip(features.names, features.values.T, strict=True)),
        vectors=meaning.calls if meaning else None,
    )


def train(
    pool: Pool,
    families: Sequence[str],
    decided: Sequence[Vote],
    newest: LearntModel | None,
    active: LearntModel | None,
) -> Trained:
    """Learn from what was decided, and measure on decisions held out whether it helps.

    `families` name the call that each of `pool` is a part of: brothers are held out together. A model starts when it
    puts more relevant calls above dismissed ones than the unlearnt ranking does, in 19 of 20 samples of the families,
    and its average precision is no lower. One that follows an `active` model need only be better in all of them
    together: what was proven once is not stopped by one week's chance.
    """
    telling = [vote for vote in decided if _teaches(vote, pool)]
    rows = np.array([pool.rows[vote.call_id] for vote in telling], dtype=int)
    relevant = np.array([vote.relevant for vote in telling], dtype=int)
    family = np.array(families)[rows]
    gone = sum(vote.call_id not in pool.rows for vote in decided)
    counts = Counts(
        decisions=len(telling),
        relevant=int(relevant.sum()),
        families=len(set(family.tolist())),
        left_out=len(decided) - gone - len(telling),
        gone=gone,
    )
    learnt_from = _fingerprint(telling)
    if newest and (newest.learnt_from, newest.belongs_to) == (learnt_from, pool.version):
        return Trained(Outcome.UNCHANGED, counts, learnt_from)
    if not counts.enough:
        # Where decisions were taken back, what was learnt from them goes with them.
        return Trained(Outcome.TOO_FEW, counts, learnt_from, ModelState.REFUSED if active else None)
    trial = _try(pool, rows, relevant, family)
    starts = trial.proven or (active is not None and trial.better)
    return Trained(
        outcome=Outcome.STARTED if starts else Outcome.REFUSED,
        counts=counts,
        learnt_from=learnt_from,
        state=ModelState.ACTIVE if starts else ModelState.REFUSED,
        measures=trial.measures,
        parameters={"part": fit(pool, rows, relevant).as_json(), "calibration": trial.calibrations},
    )


def lessons(session: Session, organisation: str, pool: Pool) -> Lessons:
    """What the organisation's decisions say of the calls of `pool`; nothing where nothing was learnt."""
    active, newest = active_learnt(session, organisation), newest_learnt(session, organisation)
    if active is not None and active.belongs_to == pool.version:
        part = LearntPart(**active.parameters["part"]).of(pool)
        telling = [vote for vote in votes(standing(session, organisation)) if _teaches(vote, pool)]
        reasons = Precedents(pool, telling).reasons(part)
        calibration = active.parameters["calibration"]["learnt"]
        return Lessons(part, reasons, _probabilities(calibration, pool.scores + part), number=active.number)
    fits = newest is not None and newest.belongs_to == pool.version and newest.parameters
    calibration = newest.parameters["calibration"]["unlearnt"] if newest is not None and fits else None
    return Lessons(
        part=np.zeros(len(pool.readings)),
        reasons=[[] for _ in pool.readings],
        probabilities=_probabilities(calibration, pool.scores),
        outdated=active.number if active else None,
    )


def _probabilities(calibration: dict[str, Any] | None, scores: Numbers) -> Sequence[float | None]:
    if calibration is None:
        return [None] * len(scores)
    found: list[float] = Calibration.from_json(calibration).probabilities(scores).tolist()
    return found


def _teaches(vote: Vote, pool: Pool) -> bool:
    """Not where a rule closes the call anyway, nor where circumstances decided."""
    row = pool.rows.get(vote.call_id)
    return row is not None and not pool.closed[row] and vote.reason not in CIRCUMSTANCES


def _fingerprint(telling: Sequence[Vote]) -> str:
    said = [[vote.call_id, vote.relevant] for vote in telling]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Trial:
    """How the unlearnt and the learnt ranking fare on decisions that neither has seen."""

    measures: dict[str, Any]
    calibrations: dict[str, Any]
    proven: bool
    better: bool


def _try(pool: Pool, rows: NDArray[np.int_], relevant: Labels, families: NDArray[np.str_]) -> _Trial:
    cuts = [_cut(relevant, families, number) for number in range(REPEATS)]
    part = np.mean([_held_out(pool, rows, relevant, folds) for folds in cuts], axis=0)
    samples = _samples(families)
    unlearnt = _Judged(pool.scores[rows], relevant, cuts[0], samples)
    learnt = _Judged(pool.scores[rows] + part, relevant, cuts[0], samples)
    pairs, precision, loss = (
        _interval(learnt.pairs - unlearnt.pairs),
        _interval(learnt.precision - unlearnt.precision),
        _interval(learnt.loss - unlearnt.loss),
    )
    better = pairs.value > 0 and precision.value >= 0
    measures = {
        "share": round(float(relevant.mean()), 4),
        "unlearnt": unlearnt.measures,
        "learnt": learnt.measures,
        "gain": {"pairs": pairs.as_json(), "ap": precision.as_json(), "log_loss": loss.as_json()},
    }
    calibrations = {"unlearnt": unlearnt.told, "learnt": learnt.told}
    return _Trial(measures, calibrations, proven=better and pairs.low > 0, better=better)


def _cut(relevant: Labels, families: NDArray[np.str_], number: int) -> Folds:
    splitter = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=SEED + number)
    return [(seen, held) for seen, held in splitter.split(relevant, relevant, families) if len(held)]


def _held_out(pool: Pool, rows: NDArray[np.int_], relevant: Labels, folds: Folds) -> Numbers:
    """What each decision would have gained or lost by a model that did not see it or its brothers."""
    part = np.zeros(len(rows))
    for seen, held in folds:
        if 0 < relevant[seen].sum() < len(seen):
            part[held] = fit(pool, rows[seen], relevant[seen]).of(pool)[rows[held]]
    return part


class _Judged:
    """A ranking of decisions that were held out. Its figures have an entry a sample, the first for all decisions."""

    def __init__(
        self, scores: Numbers, relevant: Labels, folds: Folds, samples: Sequence[NDArray[np.int_]]
    ) -> None:
        calibration, probabilities = calibrate(scores, relevant, folds)
        losses, squares = log_loss(probabilities, relevant), (probabilities - relevant) ** 2
        self.pairs = np.array([pairs_in_order(scores[drawn], relevant[drawn]) for drawn in samples])
        self.precision = np.array([average_precision(scores[drawn], relevant[drawn]) for drawn in samples])
        self.loss = np.array([losses[drawn].mean() for drawn in samples])
        brier = np.array([squares[drawn].mean() for drawn in samples])
        self.measures = {
            "pairs": _interval(self.pairs).as_json(),
            "ap": _interval(self.precision).as_json(),
            "log_loss": _interval(self.loss).as_json(),
            "brier": _interval(brier).as_json(),
            "ece": round(calibration_error(probabilities, relevant), 4),
            "calibration": calibration.method,
        }
        share = float(relevant.mean())
        # A probability that tells less than the share of relevant calls does is none.
        self.told = calibration.as_json() if brier[0] < share * (1 - share) else None


def pairs_in_order(scores: Numbers, relevant: Labels) -> float:
    """Of all pairs of a relevant call and another, the share in which it stands higher (AUC). NaN without a pair."""
    count = int(relevant.sum())
    pairs = count * (len(relevant) - count)
    if not pairs:
        return float("nan")
    return float((rankdata(scores)[relevant == 1].sum() - count * (count + 1) / 2) / pairs)


def average_precision(scores: Numbers, relevant: Labels) -> float:
    """NaN where nothing is relevant."""
    found = precision_of(relevant[np.argsort(-scores, kind="stable")] == 1)
    return float("nan") if found is None else found


def _samples(families: NDArray[np.str_]) -> list[NDArray[np.int_]]:
    """All decisions, then `DRAWS` times as many families as there are, drawn with replacement."""
    _, family = np.unique(families, return_inverse=True)
    members = [np.flatnonzero(family == number) for number in range(family.max() + 1)]
    chance = np.random.default_rng(SEED)
    drawn = chance.integers(0, len(members), (DRAWS, len(members)))
    return [np.arange(len(families)), *(np.concatenate([members[one] for one in some]) for some in drawn)]


def _interval(values: Numbers) -> Interval:
    low, high = np.nanpercentile(values[1:], [5, 95])
    return Interval(float(values[0]), float(low), float(high))
