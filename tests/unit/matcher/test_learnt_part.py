"""What decisions add to the score: bounded, centred, and as plain numbers."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from matcher.learnt_part import BOUND, LearntPart, Pool, fit
from tests.unit.matcher.pools import made_up, made_up_reading

ROWS = np.arange(200)


def test_what_officers_dismiss_sinks_and_what_they_want_rises() -> None:
    pool, wanted = made_up(400)
    part = fit(pool, ROWS, wanted[ROWS]).of(pool)
    unseen = slice(200, 400)
    assert part[unseen][wanted[unseen] == 1].mean() > part[unseen][wanted[unseen] == 0].mean() + 0.2
    assert part.mean() == pytest.approx(0, abs=0.05 * pool.deviation)


def test_without_vectors_facts_and_figures_teach() -> None:
    pool, wanted = made_up(400)
    bare = replace(pool, vectors=None)
    learnt = fit(bare, ROWS, wanted[ROWS])
    assert learnt.vectors == []
    assert learnt.facts["programme: LIFE"] > learnt.facts["programme: Euratom"]
    assert learnt.of(bare)[wanted == 1].mean() > learnt.of(bare)[wanted == 0].mean()


def test_no_call_moves_further_than_the_bound() -> None:
    pool, wanted = made_up(300)
    weights = fit(pool, ROWS, wanted[ROWS])
    wild = replace(weights, vectors=[1e6 * weight for weight in weights.vectors])
    assert np.abs(wild.of(pool)).max() <= BOUND * pool.deviation + 1e-9


def test_a_closed_call_never_passes_an_open_one() -> None:
    pool, wanted = made_up(300)
    closed = np.arange(300) % 4 == 0
    pool = replace(pool, closed=closed)
    part = fit(pool, ROWS[~closed[ROWS]], wanted[ROWS[~closed[ROWS]]]).of(pool)
    assert set(part[closed]) == {part.min()}
    before, after = pool.scores, pool.scores + part
    for shut in np.flatnonzero(closed):
        passed = (after[~closed] < after[shut]) & (before[~closed] > before[shut])
        assert not passed.any()


def test_few_decisions_move_less_than_many() -> None:
    pool, wanted = made_up(400)
    few, many = (fit(pool, ROWS[:count], wanted[ROWS[:count]]).of(pool) for count in (20, 200))
    assert few.std() < many.std() / 2


def test_it_is_kept_as_numbers_and_comes_back() -> None:
    pool, wanted = made_up(300)
    learnt = fit(pool, ROWS, wanted[ROWS])
    again = LearntPart(**json.loads(json.dumps(learnt.as_json(), allow_nan=False)))
    assert again == learnt
    assert np.array_equal(again.of(pool), learnt.of(pool))


def test_what_a_later_ranking_does_not_know_counts_nothing() -> None:
    pool, wanted = made_up(300)
    learnt = fit(pool, ROWS, wanted[ROWS])
    later = replace(pool, figures={}, vectors=None)
    assert np.isfinite(learnt.of(later)).all()


def test_unknown_figures_and_broken_vectors_count_as_the_middle() -> None:
    pool, wanted = made_up(300)
    broken = np.array(pool.vectors)
    broken[3], broken[4], broken[5] = np.nan, np.inf, 0
    figures = {
        "some": np.where(np.arange(300) % 3 == 0, np.nan, pool.figures["figure"]),
        "none": np.full(300, np.nan),
        "same": np.ones(300),
        "endless": np.where(np.arange(300) == 7, np.inf, pool.figures["figure"]),
    }
    wild = replace(pool, figures=figures, vectors=broken)
    learnt = fit(wild, ROWS, wanted[ROWS])
    json.dumps(learnt.as_json(), allow_nan=False)
    part = learnt.of(wild)
    assert np.isfinite(part).all()
    assert (learnt.figures["none"], learnt.figures["same"]) == (0, 0)


@given(
    arrays(np.float64, 40, elements=st.floats(-1e3, 1e3) | st.just(float("nan"))),
    arrays(np.float64, 40, elements=st.floats(-100, 100)),
    arrays(np.int_, 40, elements=st.integers(0, 1)),
)
def test_any_figures_and_decisions_give_a_bounded_part(
    figure: np.ndarray, scores: np.ndarray, wanted: np.ndarray
) -> None:
    pool, _ = made_up(40)
    pool = replace(pool, scores=scores, figures={"figure": figure})
    wanted = wanted.copy()
    wanted[:2] = (0, 1)
    part = fit(pool, np.arange(40), wanted).of(pool)
    assert np.isfinite(part).all()
    assert np.abs(part).max() <= BOUND * pool.deviation + 1e-9


def test_no_call_and_one_call() -> None:
    pool, wanted = made_up(50)
    learnt = fit(pool, np.arange(50), wanted)
    none = Pool("made up", [], np.zeros(0), np.zeros(0, dtype=bool), {"figure": np.zeros(0)}, None)
    assert learnt.of(none).shape == (0,)
    one = Pool("made up", [made_up_reading(1, "TEST")], np.ones(1), np.zeros(1, dtype=bool))
    assert learnt.of(one) == pytest.approx([0])
