"""The query of the inbox: whatever stands in it, it is read without an error."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.filters import LONGEST, Filter, Sort, Unfit, filter_of
from tests.unit.notifier.builders import organisation

WHOLE = Filter(
    q="cleaner air",
    area="mobility",
    line="line",
    programme="Test programme",
    days=30,
    budget=1_000_000,
    verdict="open",
    source="test_portal",
    language="en",
    stage="preparing",
    officer="mobility",
    decided="-",
    sort=Sort.DEADLINE,
    page=3,
)
NAMES = st.sampled_from([*Filter.__dataclass_fields__, "unknown"])


def test_a_filter_comes_back_from_its_own_query() -> None:
    assert filter_of(WHOLE.query, organisation()) == (WHOLE, ())
    assert Filter().query == ""
    assert Filter().address == "/"


def test_empty_and_unknown_fields_say_nothing_and_the_first_value_counts() -> None:
    assert filter_of("q=&area=&colour=red&days=+7+&days=9", organisation()) == (Filter(days=7), ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("area", "none-such"),
        ("days", "-1"),
        ("days", "1e3"),
        ("days", "٣"),
        ("days", "99999"),
        ("budget", "9" * 400),
        ("verdict", "not_open"),
        ("language", "<script>"),
        ("officer", "nobody@example.org"),
        ("sort", "score; DROP TABLE call"),
        ("page", "last"),
        ("q", "x" * 301),
    ],
)
def test_what_does_not_fit_is_left_out_and_told(name: str, value: str) -> None:
    assert filter_of(urlencode({name: value}), organisation()) == (Filter(), (Unfit(name, value),))


def test_ten_thousand_filters_are_told_and_not_read() -> None:
    found, unfit = filter_of("days=7&" + "&".join(f"area=x{n}" for n in range(10_000)), organisation())
    assert found == Filter(days=7)
    assert unfit[0] == Unfit("")
    assert len(unfit) <= LONGEST


@given(st.lists(st.tuples(NAMES, st.text())))
def test_any_query_becomes_a_filter_whose_query_means_the_same(pairs: list[tuple[str, str]]) -> None:
    found, _ = filter_of(
        urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs]), organisation()
    )
    assert filter_of(found.query, organisation()) == (found, ())
