"""From scores to probabilities: honest on decisions that were not seen, and never the other way round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.calibration import (
    LEAST_FOR_STEPS,
    Calibration,
    Folds,
    calibrate,
    calibration_error,
    isotonic,
    log_loss,
    platt,
)


def thrown(count: int, odds: object, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and labels that `odds` of the scores throw."""
    chance = np.random.default_rng(seed)
    scores = chance.normal(size=count)
    return scores, (chance.random(count) < odds(scores)).astype(int)  # type: ignore[operator]


def in_fives(count: int) -> Folds:
    rows = np.arange(count)
    return [(rows[rows % 5 != fold], rows[rows % 5 == fold]) for fold in range(5)]


def curve(scores: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-(2 * scores - 1))))


def steps(scores: np.ndarray) -> np.ndarray:
    return np.where(scores > 0.5, 0.6, 0.05)


def test_a_curve_is_found_again() -> None:
    scores, relevant = thrown(2_000, curve)
    found = platt(scores, relevant)
    assert found.slope == pytest.approx(2, abs=0.3)
    assert found.intercept == pytest.approx(-1, abs=0.3)


def test_few_decisions_get_a_curve_whatever_their_shape() -> None:
    scores, relevant = thrown(LEAST_FOR_STEPS - 1, steps)
    assert calibrate(scores, relevant, in_fives(len(scores)))[0].method == "platt"


def test_many_decisions_choose_the_shape_that_errs_less_on_those_held_out() -> None:
    for odds, method in ((curve, "platt"), (steps, "isotonic")):
        scores, relevant = thrown(1_500, odds)
        assert calibrate(scores, relevant, in_fives(len(scores)))[0].method == method


def test_held_out_probabilities_are_reliable() -> None:
    scores, relevant = thrown(1_000, curve)
    _, probabilities = calibrate(scores, relevant, in_fives(len(scores)))
    assert calibration_error(probabilities, relevant) < 0.05
    share = relevant.mean()
    assert ((probabilities - relevant) ** 2).mean() < 0.8 * share * (1 - share)


@pytest.mark.parametrize("label", [0, 1])
def test_decisions_that_all_agree_are_no_certainty(label: int) -> None:
    scores = np.linspace(-1, 1, 20)
    for fit in (platt, isotonic):
        probabilities = fit(scores, np.full(20, label)).probabilities(scores)
        assert np.all((probabilities > 0.01) & (probabilities < 0.99))


def test_a_higher_score_never_speaks_against_a_call() -> None:
    scores = np.linspace(-1, 1, 50)
    found = platt(scores, (scores < 0).astype(int))
    assert found.slope == 0
    assert found.probabilities(scores) == pytest.approx(np.full(50, 0.5), abs=0.05)


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.integers(0, 1)), min_size=1, max_size=60),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20),
)
def test_any_decisions_give_probabilities_that_rise_with_the_score(
    decided: list[tuple[float, int]], asked: list[float]
) -> None:
    scores, relevant = np.array([score for score, _ in decided]), np.array([label for _, label in decided])
    for fit in (platt, isotonic):
        found = Calibration.from_json(fit(scores, relevant).as_json())
        probabilities = found.probabilities(np.sort(np.array(asked)))
        assert np.all((probabilities >= 0) & (probabilities <= 1))
        assert np.all(np.diff(probabilities) >= 0)


def test_numbers_alone_are_kept() -> None:
    scores, relevant = thrown(400, steps)
    for fit in (platt, isotonic):
        kept = fit(scores, relevant)
        assert Calibration.from_json(kept.as_json()) == kept


def test_error_of_calibration_is_the_distance_of_probability_and_share() -> None:
    relevant = np.array([1, 0, 0, 0, 0] * 20)
    assert calibration_error(np.full(100, 0.2), relevant) == pytest.approx(0, abs=0.01)
    assert calibration_error(np.full(100, 0.7), relevant) == pytest.approx(0.5, abs=0.01)
    assert log_loss(np.array([1.0, 0.0]), np.array([1, 0])) == pytest.approx([0, 0], abs=1e-5)
