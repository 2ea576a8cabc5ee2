"""What decisions add to the score: a logistic regression that leans on the unlearnt ranking, as plain numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from matcher.reading import Reading

Numbers = NDArray[np.float64]
Rows = NDArray[np.int_]

BOUND = 1.0
"""How far the part can move a call, in deviations of the unlearnt score."""
TRUST, MOST_TRUST = 1e-3, 1.0
"""Variance that a decision allows the weights (scikit-learn's C), and all of them together: a few decisions are no taste,
and let the unlearnt ranking speak."""
ANCHOR = 10.0
"""Scale of the unlearnt score beside the rest: so large that hardly anything keeps its weight from being found."""
LEAST_SLOPE = 1.0
"""Log-odds of a deviation of the unlearnt score, at least: where few decisions make it look useless, it is not."""
FIGURES, FACTS, VECTORS = 0.1, 1.0, 1.5
"""Scales of what is known of a call: the larger one is, the sooner decisions give it weight."""
OUTLIER = 3.0
"""Deviations to which a figure is clipped."""


@dataclass(frozen=True)
class Pool:
    """The ranked calls as something is learnt of them, a row each.

    `version` names the ranking and the encoder: the numbers of one mean nothing to another. `scores` are the unlearnt
    ones. `closed`: a rule says that they are not open. `figures` are the ranking's own, such as its parts; `vectors`
    those of an encoder, None without one.
    """

    version: str
    readings: Sequence[Reading]
    scores: Numbers
    closed: NDArray[np.bool_]
    figures: Mapping[str, Numbers] = field(default_factory=dict)
    vectors: NDArray[np.float32] | None = None

    @cached_property
    def rows(self) -> dict[int, int]:
        """By call: its row."""
        return {reading.call_id: row for row, reading in enumerate(self.readings)}

    @cached_property
    def deviation(self) -> float:
        return float(self.scores.std()) if self.scores.size else 0.0

    @cached_property
    def facts(self) -> list[frozenset[str]]:
        """What kind of call each is, in a few words that many calls share."""
        return [_facts(reading) for reading in self.readings]

    @cached_property
    def directions(self) -> NDArray[np.float32] | None:
        """The vectors from their mean, of length 1: a sentence encoder's all point nearly the same way."""
        if self.vectors is None or not self.vectors.size:
            return None
        vectors = np.where(np.isfinite(self.vectors), self.vectors, np.float32(0))
        known = vectors.any(axis=1, keepdims=True)
        mean = vectors.sum(axis=0) / max(int(known.sum()), 1)
        moved = np.where(known, vectors - mean, np.float32(0))
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > 0))


def _facts(reading: Reading) -> frozenset[str]:
    actions = [f"action: {action}" for action in reading.type_of_action.split("\n") if action]
    known = {"kind": reading.kind, "programme": reading.programme}
    return frozenset([*actions, *(f"{name}: {value}" for name, value in known.items() if value)])


@dataclass(frozen=True)
class LearntPart:
    """Weights of figures, facts and vectors, in deviations of the unlearnt score."""

    figures: dict[str, float]
    facts: dict[str, float]
    vectors: list[float]

    def of(self, pool: Pool) -> Numbers:
        """What each call of `pool` gains or loses: its mean is about 0, its bound `BOUND` deviations.

        A call that a rule closes gets the least there is, so that none passes an open one by what was learnt.
        """
        raw = np.zeros(len(pool.readings))
        for name, weight in self.figures.items():
            raw += weight * FIGURES * _standard(pool.figures.get(name, np.zeros(len(raw))))
        if self.facts:
            raw += FACTS * np.array(
                [sum(self.facts.get(fact, 0.0) for fact in facts) for facts in pool.facts]
            )
        if self.vectors and pool.directions is not None:
            raw += VECTORS * (pool.directions @ np.array(self.vectors, dtype=np.float32))
        if not raw.size:
            return raw
        bounded = np.clip(raw - raw.mean(), -BOUND, BOUND)
        return np.asarray(np.where(pool.closed, bounded.min(), bounded) * pool.deviation)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def fit(pool: Pool, rows: Rows, relevant: Rows) -> LearntPart:
    """Learn from the calls in `rows`, 1 where they are relevant and 0 where not; both must occur.

    The unlearnt score takes part unhindered and the rest only as far as decisions insist. So what was decided, mostly
    calls that ranked high, need not be like the calls that nobody looked at: on those the unlearnt score goes on
    speaking. (Undecided calls as weak dismissals changed nothing: docs/matching.md.)
    """
    names = sorted(pool.figures)
    facts = sorted(frozenset[str]().union(*(pool.facts[row] for row in rows)))
    anchor = (pool.scores[rows] - pool.scores.mean()) / (pool.deviation or 1.0)
    columns = [ANCHOR * anchor[:, np.newaxis]]
    columns += [FIGURES * _standard(pool.figures[name])[rows, np.newaxis] for name in names]
    columns.append(
        FACTS * np.array([[fact in pool.facts[row] for fact in facts] for row in rows], dtype=float)
    )
    if pool.directions is not None:
        columns.append(VECTORS * pool.directions[rows])
    # Balanced: relevant calls are few, and an officer loses more by one that is missed.
    trust = min(TRUST * len(rows), MOST_TRUST)
    model = LogisticRegression(C=trust, class_weight="balanced", max_iter=2_000)
    weights = model.fit(np.hstack(columns), relevant).coef_[0]
    learnt = (weights[1:] / max(weights[0] * ANCHOR, LEAST_SLOPE)).round(6).tolist()
    of_figures, of_facts = len(names), len(names) + len(facts)
    return LearntPart(
        figures=dict(zip(names, learnt[:of_figures], strict=True)),
        facts=dict(zip(facts, learnt[of_figures:of_facts], strict=True)),
        vectors=learnt[of_facts:],
    )


def _standard(values: Numbers) -> Numbers:
    """In deviations from the mean, what is unknown at the mean."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(len(values))
    mean, deviation = values[known].mean(), values[known].std()
    if not deviation > 0:
        return np.zeros(len(values))
    return np.asarray(np.clip(np.where(known, (values - mean) / deviation, 0.0), -OUTLIER, OUTLIER))
