"""Marks in the text of a call: whatever it holds, the page says the text and nothing else."""

import re
import time
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from review.marking import MOST, Mark, apart, evidence_marks, marked_lines, term_marks

TAG = re.compile(r"<[^>]*>")
HOSTILE = [
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "</mark></p><style>*{display:none}</style>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;",
    "\u202eevil\u202c \u2067rtl\u2069",
    "العربية cities עברית",
]
texts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*HOSTILE, "cities", "\n", " ", "é", "urban  logistics"]), max_size=12).map(
        "".join
    ),
)
marks = st.lists(
    st.builds(
        Mark,
        st.integers(-5, 220),
        st.integers(-5, 220),
        st.sampled_from(["rule", "term"]),
        st.sampled_from(["", "evidence-1", "evidence-2"]),
        st.sampled_from(HOSTILE),
    ),
    max_size=10,
)


def said(text: str, found: list[Mark]) -> str:
    return "\n".join(TAG.sub("", line) for line in marked_lines(text, found))


@given(texts, marks)
def test_without_its_tags_a_marked_text_is_the_text(text: str, found: list[Mark]) -> None:
    assert said(text, found) == str(escape(text))


@given(texts, st.lists(st.sampled_from([*HOSTILE, "cities", "urban logistics", "(", "a", ""]), max_size=5))
def test_terms_never_change_the_text(text: str, terms: list[str]) -> None:
    assert unescape(said(text, term_marks(text, terms))) == unescape(str(escape(text)))


@given(texts, marks)
def test_only_our_own_tags_are_there(text: str, found: list[Mark]) -> None:
    tags = {tag for line in marked_lines(text, found) for tag in re.findall(r"</?(\w+)", line)}
    assert tags <= {"mark", "a"}


@given(texts, marks)
def test_a_place_has_one_name(text: str, found: list[Mark]) -> None:
    page = "".join(marked_lines(text, found))
    kept = apart(found, len(text))
    assert page.count(" id=") <= sum(bool(mark.anchor) for mark in kept)


@given(marks, st.integers(0, 220))
def test_marks_stand_beside_each_other_in_order(found: list[Mark], length: int) -> None:
    kept = apart(found, length)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert all(0 <= one.start < one.end <= length for one in kept)


def test_what_a_rule_quotes_comes_before_terms() -> None:
    rule, inside, beside = Mark(5, 15, "rule"), Mark(6, 8, "term"), Mark(16, 20, "term")
    assert apart([inside, beside, rule], 30) == [rule, beside]


def test_terms_are_whole_words_however_they_are_spaced_and_written() -> None:
    text = "Urban\nlogistics, urban  LOGISTICS; suburban logistics"
    found = term_marks(text, ["urban logistics"])
    assert [text[mark.start : mark.end] for mark in found] == ["Urban\nlogistics", "urban  LOGISTICS"]


def test_a_mark_goes_over_lines() -> None:
    lines = marked_lines("only\nSMEs may", [Mark(0, 9, "rule", "evidence-1", "why")])
    assert [TAG.sub("", line) for line in lines] == ["only", "SMEs may"]
    assert "evidence-1" in lines[0]
    assert "evidence-1" not in lines[1]
    assert lines[1].startswith('<mark class="rule">')


def evidence(**fields: Any) -> dict[str, Any]:
    known = {
        "field": "conditions",
        "words": "Only SMEs …",
        "start": 3,
        "end": 12,
        "language": "en",
        "rule": "smes",
    }
    return known | fields


def test_evidence_is_marked_where_it_stands() -> None:
    text = "No. Only SMEs may apply."
    (mark,) = evidence_marks([evidence(start=4, end=13)], "conditions", "en", text, {"smes": "Only for SMEs"})
    assert (text[mark.start : mark.end], mark.anchor, mark.note) == (
        "Only SMEs",
        "evidence-1",
        "Only for SMEs",
    )


@pytest.mark.parametrize(
    "moved",
    [
        {"start": None, "end": None},
        {"start": -1},
        {"end": 1_000_000},
        {"start": 12, "end": 3},
        {"start": "4"},
        {"words": "something else"},
        {"field": "text"},
        {"language": "fr"},
    ],
)
def test_what_no_longer_stands_there_is_not_marked(moved: dict[str, Any]) -> None:
    found = evidence_marks(
        [evidence(start=4, end=13) | moved], "conditions", "en", "No. Only SMEs may apply.", {}
    )
    assert found == []


def test_quotations_differ_from_the_text_in_their_spaces_alone() -> None:
    # The export ran two sentences together, and the quotation parts them.
    one = evidence(words="legislation; Better rules", start=0, end=23)
    assert evidence_marks([one], "conditions", "en", "legislation;Better rules", {})


@pytest.mark.parametrize("text", ["x" * 1_000_000, "a " * 500_000, "\n" * 200_000, "é́" * 300_000])
def test_enormous_texts_are_marked_in_no_time(text: str) -> None:
    before = time.perf_counter()
    found = term_marks(text, ["a", "urban logistics", "x" * 300])
    lines = marked_lines(text, found)
    assert time.perf_counter() - before < 5
    assert len(found) <= MOST
    assert sum(map(len, lines)) >= len(text) - text.count("\n")
