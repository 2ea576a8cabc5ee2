"""From a score to the probability that an officer would call the call relevant, by the decisions at hand.

Officers decide mostly on what ranked high. That does not bend a probability given the score, as it would bend a share
of all calls: what was chosen by its score is, at that score, like all others. Below the lowest score decided on it is
an extrapolation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

Numbers = NDArray[np.float64]
Labels = NDArray[np.int_]
Folds = Sequence[tuple[NDArray[np.int_], NDArray[np.int_]]]
"""Rows to learn from and rows held out, as scikit-learn splits them."""

LEAST_FOR_STEPS = 300
"""Decisions from which steps (isotonic) are tried beside a curve (Platt): with fewer they follow single decisions."""
BINS = 5
"""Groups of equally many decisions that the error of calibration is taken over: 50 decisions still fill them."""


@dataclass(frozen=True)
class Calibration:
    """`platt`: 1 / (1 + exp(-(slope · score + intercept))); `isotonic`: steps through (score, probability)."""

    method: Literal["platt", "isotonic"]
    slope: float = 0.0
    intercept: float = 0.0
    steps: tuple[tuple[float, float], ...] = ()

    def probabilities(self, scores: Numbers) -> Numbers:
        """0 to 1, never falling where the score rises."""
        if self.method == "isotonic":
            knots = np.array(self.steps)
            return np.asarray(np.interp(scores, knots[:, 0], knots[:, 1]), dtype=np.float64)
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * scores + self.intercept, -30, 30))))

    def as_json(self) -> dict[str, Any]:
        if self.method == "isotonic":
            return {"method": self.method, "steps": [list(step) for step in self.steps]}
        return {"method": self.method, "slope": self.slope, "intercept": self.intercept}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Calibration":
        steps = tuple((float(score), float(share)) for score, share in data.get("steps", ()))
        return cls(data["method"], data.get("slope", 0.0), data.get("intercept", 0.0), steps)


def platt(scores: Numbers, relevant: Labels) -> Calibration:
    """A curve of two numbers: what few decisions can bear.

    Its labels are Platt's: a share of one in n + 2 is left to the other side, so that few decisions that all agree do
    not end in certainty. Its slope is never negative: a higher score is no sign against a call.
    """
    relevant_count, others = int(relevant.sum()), int((1 - relevant).sum())
    high, low = (relevant_count + 1) / (relevant_count + 2), 1 / (others + 2)
    share = np.where(relevant == 1, high, low)
    centre, deviation = float(scores.mean()), float(scores.std()) or 1.0
    standard = ((scores - centre) / deviation)[:, np.newaxis]
    model = LogisticRegression(C=10.0).fit(
        np.concatenate([standard, standard]),
        np.repeat([1, 0], len(scores)),
        sample_weight=np.concatenate([share, 1 - share]),
    )
    slope = max(float(model.coef_[0, 0]), 0.0) / deviation
    intercept = float(model.intercept_[0]) - slope * centre
    return Calibration("platt", slope, intercept)


def isotonic(scores: Numbers, relevant: Labels) -> Calibration:
    """Steps: follow any rising shape, and so need many decisions. Never 0 or 1, which no count of decisions proves."""
    least = 1 / (len(scores) + 2)
    model = IsotonicRegression(y_min=least, y_max=1 - least, out_of_bounds="clip").fit(scores, relevant)
    steps = zip(model.X_thresholds_.tolist(), model.y_thresholds_.tolist(), strict=True)
    return Calibration("isotonic", steps=tuple(steps))


FITS = {"platt": platt, "isotonic": isotonic}


def held_out(method: str, scores: Numbers, relevant: Labels, folds: Folds) -> Numbers:
    """The probability of each decision by a calibration that did not see it."""
    found = np.empty(len(scores))
    for seen, unseen in folds:
        found[unseen] = FITS[method](scores[seen], relevant[seen]).probabilities(scores[unseen])
    return found


def calibrate(scores: Numbers, relevant: Labels, folds: Folds) -> tuple[Calibration, Numbers]:
    """The calibration with the lower Brier score on held-out decisions, and the probabilities it gave those.

    `scores` must be held out themselves: those of a model of its own training would be too sure. Brier's score decides,
    not log loss, which a step near 0 or 1 that errs once outweighs alone.
    """
    methods = ["platt", "isotonic"] if len(scores) >= LEAST_FOR_STEPS else ["platt"]
    tried = {method: held_out(method, scores, relevant, folds) for method in methods}
    best = min(methods, key=lambda method: float(((tried[method] - relevant) ** 2).mean()))
    return FITS[best](scores, relevant), tried[best]


def log_loss(probabilities: Numbers, relevant: Labels) -> Numbers:
    """Of each decision, in nats."""
    sure = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.asarray(-np.where(relevant == 1, np.log(sure), np.log(1 - sure)))


def calibration_error(probabilities: Numbers, relevant: Labels) -> float:
    """Expected calibration error: how far probability and share lie apart, over groups of equally many decisions."""
    order = np.argsort(probabilities, kind="stable")
    groups = [group for group in np.array_split(order, BINS) if len(group)]
    gaps = [abs(float(probabilities[group].mean() - relevant[group].mean())) for group in groups]
    return float(np.average(gaps, weights=[len(group) for group in groups]))
