"""Bars as SVG: read by programs, held by any width, harmless whatever the labels are."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from notifier.plots import MOST_LINES, Bar, bars
from tests.unit.notifier.wild import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
XML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), max_size=200)


def drawn(*found: Bar) -> ET.Element:
    return ET.fromstring(bars("plot", "Title & more", "One: 1; two: 2", list(found)))


def widths(plot: ET.Element) -> list[str]:
    return [one.attrib["width"] for one in plot.iter(f"{SVG}rect") if one.get("class") == "bar"]


def test_a_plot_has_a_name_and_says_all_that_it_shows() -> None:
    plot = drawn(Bar("One", 1, "1 call"), Bar("Two", 4, "4 calls"))
    assert plot.attrib["role"] == "img"
    ids = {one.attrib["id"]: one.text for one in plot.iter() if "id" in one.attrib}
    named = [ids[name] for name in plot.attrib["aria-labelledby"].split()]
    assert named == ["Title & more", "One: 1; two: 2"]
    assert [one.text for one in plot.iter(f"{SVG}text")] == ["One", "1 call", "Two", "4 calls"]


def test_lengths_are_shares_of_the_largest_and_nothing_is_as_long_as_nothing() -> None:
    assert widths(drawn(Bar("a", 1, "1"), Bar("b", 4, "4"), Bar("c", 0, "0"))) == [
        "25.00%",
        "100.00%",
        "0.00%",
    ]
    assert widths(drawn(Bar("a", 0, "0"))) == ["0.00%"]


def test_widths_grow_with_the_page_and_letters_do_not() -> None:
    plot = drawn(Bar("One", 1, "1"))
    assert plot.attrib["width"] == "100%"
    assert "viewBox" not in plot.attrib


def test_a_strict_policy_lets_it_through() -> None:
    assert "style" not in str(bars("plot", "t", "d", [Bar("a", 1, "1")]))


def test_a_long_label_is_cut_after_some_lines() -> None:
    lines = [one.text for one in drawn(Bar("metropolitan " * 40, 1, "1")).iter(f"{SVG}text")]
    assert len(lines) == MOST_LINES + 1
    assert (lines[-2] or "").endswith("…")


@given(st.lists(st.tuples(XML_TEXT, st.integers(0, 10**9)), max_size=5))
def test_any_label_is_text(found: list[tuple[str, int]]) -> None:
    plot = drawn(*(Bar(label, value, str(value)) for label, value in found))
    assert len(widths(plot)) == len(found)
    assert {one.tag.removeprefix(SVG) for one in plot.iter()} <= {"svg", "title", "desc", "text", "rect"}


def test_hostile_labels_are_text() -> None:
    for label in HOSTILE:
        assert "<script" not in bars("plot", label, label, [Bar(label, 1, label)])
