"""The measures against figures worked out by hand, and gold files that cannot be read."""

from collections.abc import Callable
from datetime import datetime
from math import log2
from pathlib import Path

import numpy as np
import pytest

from config.errors import ConfigurationError
from config.organisation import Organisation
from matcher.evaluation import Closed, Label, evaluate, evaluate_store, read_gold
from matcher.matching import match_calls
from matcher.measures import Figures, intervals, measure
from store.calls import save
from store.database import Database
from store.records import CallRecord, Kind
from tests.unit.matcher.encoders import MadeUp


def test_figures_worked_out_by_hand() -> None:
    # In the order of the scores: 3, 0, 2, 1. Relevant are the first and the third.
    figures = measure([4.0, 1.0, 3.0, 2.0], [3, 1, 0, 2])
    found = 7 / log2(2) + 0 / log2(3) + 3 / log2(4) + 1 / log2(5)
    ideal = 7 / log2(2) + 3 / log2(3) + 1 / log2(4) + 0 / log2(5)
    assert (figures.calls, figures.relevant) == (4, 2)
    assert figures.ndcg_10 == pytest.approx(found / ideal)
    assert figures.ndcg_20 == figures.ndcg_10
    assert figures.ap == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert figures.p_20 == 2 / 4
    assert (figures.r_15, figures.r3_15) == (1 / 2, 1.0)  # the first 15 % of four are one


def test_share_is_rounded_up_and_depths_cut() -> None:
    relevance = [0] * 40
    for place in (0, 5, 6, 10, 30):  # 15 % of 40 are six
        relevance[place] = 2
    relevance[39] = 3
    figures = measure([float(-place) for place in range(40)], relevance)
    assert figures.r_15 == 2 / 6
    assert figures.r3_15 == 0.0
    assert figures.p_20 == 4 / 20
    assert figures.ap == pytest.approx((1 / 1 + 2 / 6 + 3 / 7 + 4 / 11 + 5 / 31 + 6 / 40) / 6)
    ideal_10 = 7 + sum(3 / log2(place + 1) for place in range(2, 7))
    assert figures.ndcg_10 == pytest.approx((3 + 3 / log2(7) + 3 / log2(8)) / ideal_10)


def test_perfect_and_worst() -> None:
    relevance = [3, 3, 2, 2, 1, 0, 0, 0]
    best = measure(list(range(8, 0, -1)), relevance)
    assert (best.ndcg_10, best.ap) == (1.0, 1.0)
    worst = measure(list(range(8)), relevance)
    assert worst.ap == pytest.approx((1 / 5 + 2 / 6 + 3 / 7 + 4 / 8) / 4)


def test_equal_scores_keep_their_order() -> None:
    assert measure([1.0, 1.0], [2, 0]).ap == 1.0
    assert measure([1.0, 1.0], [0, 2]).ap == 0.5


def test_nothing_to_measure_is_none() -> None:
    assert measure([], []) == Figures(0, 0, None, None, None, None, None, None)
    assert measure([1.0, 2.0], [0, 0]) == Figures(2, 0, None, None, 0.0, None, None, None)
    assert measure([1.0], [2]) == Figures(1, 1, 1.0, 1.0, 1.0, 1.0, 1.0, None)
    marginal = measure([2.0, 1.0], [0, 1])
    assert marginal.ndcg_10 == pytest.approx(1 / log2(3))
    assert (marginal.relevant, marginal.ap, marginal.r_15) == (0, None, None)


def test_figures_as_json() -> None:
    assert measure([1.0], [2]).as_json() == {
        "calls": 1,
        "relevant": 1,
        "ndcg_10": 1.0,
        "ndcg_20": 1.0,
        "p_20": 1.0,
        "ap": 1.0,
        "r_15": 1.0,
        "r3_15": None,
    }


@pytest.fixture
def gold(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path = tmp_path / "gold.csv"
        path.write_bytes(text.encode())
        return path

    return write


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_gold(gold: Callable[[str], Path], mark: str) -> None:
    labels = read_gold(gold(f"{mark}reference,relevance,eligibility\r\nTEST-1,3,open\r\n\r\nTEST-2,0,\r\n"))
    assert labels == {"TEST-1": Label("TEST-1", 3, "open"), "TEST-2": Label("TEST-2", 0, "")}


def test_gold_with_the_two_columns_alone(gold: Callable[[str], Path]) -> None:
    assert read_gold(gold("relevance,reference\n2,TEST-1\n")) == {"TEST-1": Label("TEST-1", 2, "")}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("reference,relevance\nTEST-1,3\nTEST-2,4\n", 3),
        ("reference,relevance\nTEST-1,-1\n", 2),
        ("reference,relevance\nTEST-1,high\n", 2),
        ("reference,relevance\nTEST-1,\n", 2),
        ("reference,relevance\nTEST-1\n", 2),
        ("reference,score\nTEST-1,3\n", 2),
        ("id;relevance\nTEST-1;3\n", 2),
        ('reference,relevance,why\nTEST-1,3,"two\nlines"\nTEST-2,x,\n', 4),
    ],
)
def test_gold_errors_name_file_and_line(gold: Callable[[str], Path], text: str, line: int) -> None:
    path = gold(text)
    with pytest.raises(ConfigurationError) as caught:
        read_gold(path)
    assert str(caught.value) == (
        f"{path}, line {line}: expected the columns reference and relevance (0 to 3)"
    )


def test_gold_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_bytes(b"reference,relevance\n\xff\xfe,3\n")
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / "gold.csv"):
        with pytest.raises(ConfigurationError, match="cannot be read") as caught:
            read_gold(path)
        assert str(path) in str(caught.value)


def test_store_is_measured_on_its_labelled_calls_each_once(
    database: Database,
    record: Callable[..., CallRecord],
    organisation: Organisation,
    now: datetime,
    gold: Callable[[str], Path],
) -> None:
    city = "Municipalities and metropolitan authorities plan circular economy and waste prevention."
    calls = [
        record("TEST-1", "Waste in cities", city, identifiers=("TEST-A",)),
        record("TEST-2", "Waste in cities", city, identifiers=("TEST-A",)),
        record("TEST-3", "Quantum sensors", "Atoms in a vacuum."),
        record("TEST-unlabelled", "Ion traps", "Atoms again."),
    ]
    with database.writing() as session:
        save(session, calls, None, now)
    labels = gold("reference,relevance\nTEST-1,3\nTEST-2,3\nTEST-3,0\nTEST-gone,2\n")
    figures, missing = evaluate_store(database, organisation, labels)
    assert (figures.calls, figures.relevant, missing) == (2, 1, 1)
    assert (figures.ap, figures.ndcg_10, figures.r3_15) == (1.0, 1.0, 1.0)


def test_store_without_a_labelled_call(
    database: Database, organisation: Organisation, gold: Callable[[str], Path]
) -> None:
    with pytest.raises(ConfigurationError, match="none of its 1 references is a call in the store"):
        evaluate_store(database, organisation, gold("reference,relevance\nTEST-1,3\n"))
    with pytest.raises(ConfigurationError, match="none of its 0 references"):
        evaluate_store(database, organisation, gold(""))


def test_rankings_stand_side_by_side(
    database: Database,
    record: Callable[..., CallRecord],
    organisation: Organisation,
    now: datetime,
    gold: Callable[[str], Path],
) -> None:
    city = "Municipalities and metropolitan authorities plan circular economy and waste prevention in cities."
    calls = [
        record("TEST-1", "Waste prevention in cities", city, programme="Cities"),
        record("TEST-2", "Quantum sensors", "Atoms in a vacuum.", programme="Atoms"),
        record("TEST-3", "Ion traps", "Atoms again.", identifiers=("ERC-2026-TEST",), kind=Kind.PRIZE),
    ]
    with database.writing() as session:
        save(session, calls, None, now)
    labels = gold(
        "reference,relevance,eligibility,areas\n"
        "TEST-1,3,open,waste_circular;energy\nTEST-2,0,unlikely,\nTEST-3,0,not_open,\n"
    )
    vectors = MadeUp()
    alone = evaluate(database, organisation, labels, {"none": None, "made up": vectors})
    assert [one.name for one in alone.rankings] == ["none", "made up"]
    match_calls(database, organisation, now)
    found = evaluate(database, organisation, labels, {"none": None})
    now_, kept = found.rankings
    assert (now_.name, kept.name, kept.model) == ("none", "as matched", now_.model)
    assert kept.figures == now_.figures
    assert now_.closed == kept.closed == Closed(given=1, right=1, labelled=1, relevant_hidden=0)
    assert (now_.areas, kept.areas) == (1.0, None)
    assert {group: of.calls for group, of in now_.groups["programme"].items()} == {
        "Atoms": 1,
        "Cities": 1,
        "not stated": 1,
    }
    assert {group: of.calls for group, of in now_.groups["kind"].items()} == {"call": 2, "prize": 1}


def test_interval_holds_the_figure_and_narrows_with_more_calls() -> None:
    def interval(size: int) -> tuple[float, float]:
        draw = np.random.default_rng(1)
        relevance = draw.integers(0, 4, size)
        scores = relevance + draw.normal(0, 2, size)
        low, high = intervals(list(scores), list(relevance), rounds=200)["ap"]
        ap = measure(list(scores), list(relevance)).ap
        assert ap is not None
        assert low < ap < high
        return low, high

    (few_low, few_high), (many_low, many_high) = interval(40), interval(1_000)
    assert many_high - many_low < few_high - few_low
    assert intervals([], []) == {}
