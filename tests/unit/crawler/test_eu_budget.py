"""The budget of a topic out of its call's table: its own lines, and unknown where it cannot be told."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.parsers.eu_budget import Budget, parse_budget

TOPIC = "TEST-2026-CITIES-1"


def line(identifier: str = TOPIC, /, **facts: Any) -> dict[str, Any]:
    return {
        "action": f"{identifier} - HORIZON-IA HORIZON Innovation Actions",
        "expectedGrants": 2,
        "minContribution": 6_000_000,
        "maxContribution": "8000000",
        "budgetYearMap": {"2026": "15000000"},
        "deadlineModel": "single-stage",
    } | facts


def overview(*lines: Any) -> dict[str, Any]:
    """Each line in a group of its own, as the portal has them."""
    table = {str(number): [line] for number, line in enumerate(lines)}
    return {"budgetOverview": [json.dumps({"budgetTopicActionMap": table})]}


def parsed(fields: dict[str, Any]) -> tuple[Budget, list[str]]:
    notices: list[str] = []
    return parse_budget(fields, TOPIC, notices), notices


def test_line_of_the_topic() -> None:
    budget, notices = parsed(overview(line()))
    assert budget == Budget(
        total=1_500_000_000,
        smallest=600_000_000,
        largest=800_000_000,
        grants=2,
        currency="EUR",
        deadline_model="single-stage",
    )
    assert notices == []


@pytest.mark.parametrize("sibling", [f"{TOPIC}0", f"{TOPIC}-two-stage", TOPIC[:-1], f"X{TOPIC}"])
def test_lines_of_siblings_do_not_count(sibling: str) -> None:
    assert (
        parsed(overview(line(sibling, budgetYearMap={"2026": "99000000"}), line()))[0].total == 1_500_000_000
    )
    assert parsed(overview(line(sibling))) == (Budget(), [])


def test_years_and_lines_are_summed() -> None:
    second = line(expectedGrants="3", minContribution=5_000_000, maxContribution=0, budgetYearMap={"2027": 1})
    budget, _ = parsed(overview(line(budgetYearMap={"2026": "15000000", "2027": "0.5"}), second))
    assert (budget.total, budget.grants) == (1_500_000_150, 5)
    assert (budget.smallest, budget.largest) == (500_000_000, 800_000_000)


def test_zero_is_unknown() -> None:
    nothing = line(expectedGrants=0, minContribution=0, maxContribution="0", budgetYearMap={"2026": 0})
    assert parsed(overview(nothing)) == (Budget(deadline_model="single-stage"), [])
    assert parsed({"budget": ["0"]}) == (Budget(), [])


@pytest.mark.parametrize(
    "facts",
    [
        {"budgetYearMap": None, "minContribution": None, "maxContribution": "", "expectedGrants": None},
        {"budgetYearMap": {}, "minContribution": [], "maxContribution": 0.0, "expectedGrants": "²"},
    ],
)
def test_what_is_not_stated_is_unknown(facts: dict[str, Any]) -> None:
    budget, _ = parsed(overview(line(**facts)))
    assert (budget.total, budget.grants) == (None, None)


@pytest.mark.parametrize("grants", ["about 7", 100_001, "9" * 5_000, -2, 1.5])
def test_number_of_grants_that_cannot_be_is_unknown_alone(grants: Any) -> None:
    budget, notices = parsed(overview(line(expectedGrants=grants)))
    assert (budget.grants, budget.total, notices) == (None, 1_500_000_000, [])


@pytest.mark.parametrize(
    "fields",
    [
        {"budgetOverview": ['{"budgetTopicActionMap": {"1": [{"action": ']},
        {"budgetOverview": ["null"]},
        {"budgetOverview": ["[" * 10_000]},
        {"budgetOverview": ["{}"]},
        {"budgetOverview": [{"budgetTopicActionMap": {}}]},
        overview("a line"),
        overview({"expectedGrants": 2}),
        overview(line(budgetYearMap=["15000000"])),
        overview(line(budgetYearMap={"2026": "15000000", "2027": "to be confirmed"})),
        overview(line(budgetYearMap={"2026": "1e400000000"})),
        overview(line(budgetYearMap={str(year): "99999999999999" for year in range(2021, 2028)})),
        {"budget": ["about 4 million"]},
        {"budget": ["-5"]},
        {"budget": [float("nan")]},
        {"budget": ["1000"], "currency": ["euros"]},
    ],
)
def test_broken_budget_is_unknown_with_a_notice(fields: dict[str, Any]) -> None:
    assert parsed(fields) == (Budget(), ["budget_unreadable"])


@pytest.mark.parametrize(
    ("budget", "currency", "cents", "code"),
    [
        (["4000000"], ["EUR"], 400_000_000, "EUR"),
        ([4_000_000.5], [" mad "], 400_000_050, "MAD"),
        ("1 500\u00a0000.50", None, 150_000_050, "EUR"),
        ([], [], None, "EUR"),
        ([""], [None], None, "EUR"),
    ],
)
def test_other_kinds_state_one_amount(budget: Any, currency: Any, cents: int | None, code: str) -> None:
    found, notices = parsed({"budgetOverview": [], "budget": budget, "currency": currency})
    assert (found.total, found.currency, notices) == (cents, code, [])


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)
LINES = st.lists(
    st.dictionaries(st.sampled_from([*line()]), JUNK, max_size=3).map(lambda facts: line(TOPIC, **facts))
    | JUNK,
    max_size=3,
)


@given(stated=LINES.map(lambda lines: overview(*lines)["budgetOverview"]) | JUNK, budget=JUNK, currency=JUNK)
def test_wild_budget_never_raises(stated: Any, budget: Any, currency: Any) -> None:
    found, notices = parsed({"budgetOverview": stated, "budget": budget, "currency": currency})
    assert found.total is None or found.total > 0
    assert notices in ([], ["budget_unreadable"])
