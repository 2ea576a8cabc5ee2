"""The words of a call that an encoder reads."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.documents import Document
from matcher.passages import PART, opening, split

SENTENCE = "Cities share what they know about water and about waste. "


def test_a_title_alone(document: Callable[..., Document]) -> None:
    assert opening(document("Water in cities")) == "Water in cities"


def test_the_title_opens_whole_sentences(document: Callable[..., Document]) -> None:
    first = opening(document("Water in cities", SENTENCE * 100))
    assert first.startswith("Water in cities. Cities share")
    assert first.endswith("waste.")
    assert len(first) <= PART + len("Water in cities. ")


def test_as_many_parts_as_asked_for() -> None:
    text = SENTENCE * 100
    assert [len(split(text, parts)) for parts in (1, 2, 3)] == [1, 2, 3]
    assert split(text, 3)[:2] == split(text, 2)
    assert all(part.startswith("Cities share") and part.endswith("waste.") for part in split(text, 3))


def test_a_huge_text_is_read_at_its_beginning_alone(document: Callable[..., Document]) -> None:
    assert len(opening(document("a" * 5_000_000, "a" * 5_000_000))) <= 2 * PART


@pytest.mark.parametrize("text", ["", " ", "\n\n", "."])
def test_a_text_without_a_sentence(text: str) -> None:
    assert [part.strip(".") for part in split(text, 2)] in ([], [""])


@given(st.text(st.sampled_from("ab .\n;"), max_size=30), st.integers(1, 300), st.integers(1, 4))
def test_no_part_is_longer_and_no_word_is_lost(some: str, times: int, parts: int) -> None:
    text = some * times
    found = split(text, parts)
    assert all(0 < len(part) <= PART for part in found)
    assert len(found) <= parts
    together = "".join("".join(found).split())
    assert "".join(text.split()).startswith(together)
    assert together or not text.strip()
