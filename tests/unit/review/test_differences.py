"""Differences between two wordings: nothing is lost, and nothing takes long."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.differences import AROUND, SHOWN, Difference, difference

words: st.SearchStrategy[list[str]] = st.lists(
    st.sampled_from(["city", "town", "may", "apply", "air", "\n", "<b>"]), max_size=30
)
wordings = words.map(" ".join)


def side(found: Difference, kind: str) -> list[str]:
    """The words of one side that are shown."""
    return " ".join(piece.text for piece in found.pieces if piece.kind in ("same", kind)).split()


def shown(found: Difference) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text.strip()) for piece in found.pieces]


@given(wordings, wordings)
def test_both_wordings_can_be_read_from_it(before: str, after: str) -> None:
    found = difference(before, after)
    if before.split() == after.split():
        assert found.pieces == ()
    elif not any(piece.kind == "skipped" for piece in found.pieces):
        assert side(found, "come") == after.split()
        assert side(found, "gone") == before.split()


def test_a_changed_word_stands_between_a_few_that_stayed() -> None:
    before = " ".join(f"w{number}" for number in range(100))
    found = difference(before, before.replace("w50", "other"))
    kinds = [piece.kind for piece in found.pieces]
    assert kinds == ["skipped", "same", "gone", "come", "same", "skipped"]
    assert len(found.pieces[1].text.split()) == AROUND
    assert shown(found)[2:4] == [("gone", "w50"), ("come", "other")]


def test_short_runs_that_stayed_go_with_the_change() -> None:
    found = difference("SMEs of the region", "cities of all states")
    assert shown(found) == [("gone", "SMEs of the region"), ("come", "cities of all states")]


def test_what_was_added_and_taken_off_altogether() -> None:
    assert shown(difference("", "all new")) == [("come", "all new")]
    assert shown(difference("all gone", "")) == [("gone", "all gone")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a b " * 50_000, "b c " * 50_000),
        ("x" * 1_000_000, "y" * 1_000_000),
        (" ".join(map(str, range(30_000))), " ".join(map(str, range(30_000, 0, -1)))),
        ("\n" * 100_000, " " * 100_000),
    ],
)
def test_enormous_texts_are_compared_in_no_time_and_said_to_be_cut(before: str, after: str) -> None:
    started = time.perf_counter()
    found = difference(before, after)
    assert time.perf_counter() - started < 5
    assert sum(len(piece.text) for piece in found.pieces) <= SHOWN
    assert not found.whole or not found.pieces


def test_a_difference_that_is_shown_whole_says_so() -> None:
    assert difference("one two", "one three").whole
