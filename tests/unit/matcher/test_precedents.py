"""What was decided on calls like a call, with the words that they share."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.learnt_part import Pool
from matcher.precedents import Precedents
from store.decisions import Reason, Vote
from tests.unit.matcher.pools import made_up_reading

GRID = (
    "Made-up hardware of the grid in Spain",
    "Made-up grid hardware for substations",
    "Grid hardware, made up for islands",
    "Made-up: more grid hardware",
)
OTHER = ("Made-up bus lanes", "Made-up heat pumps", "Made-up compost")


def pool_of(*titles: str) -> Pool:
    """A pool in which titles that share a first letter of their theme point the same way."""
    themes = {title: 0 if "hardware" in title.lower() else 1 + OTHER.index(title) for title in titles}
    vectors = np.eye(4, 6)[[themes[title] for title in titles]] + 0.05
    return Pool(
        version="made up",
        readings=[made_up_reading(number, title) for number, title in enumerate(titles, start=1)],
        scores=np.linspace(-2, 2, len(titles)),
        closed=np.zeros(len(titles), dtype=bool),
        vectors=vectors.astype(np.float32),
    )


def dismissed(*calls: int, reason: Reason = Reason.ROLE) -> list[Vote]:
    return [Vote(call, relevant=False, reason=reason, officers=("water",)) for call in calls]


def wanted(*calls: int) -> list[Vote]:
    return [Vote(call, relevant=True, reason=Reason.NONE, officers=("water",)) for call in calls]


POOL = pool_of(*GRID, *OTHER)
SUNK = np.array([-2.0, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("pool", [POOL, replace(POOL, vectors=None)], ids=["vectors", "words"])
def test_three_calls_on_grid_hardware_were_dismissed_for_their_role(pool: Pool) -> None:
    entries = Precedents(pool, dismissed(2, 3, 4)).reasons(SUNK)
    (entry,) = entries[0]
    assert (entry["verdict"], entry["reason"]) == ("not_relevant", "role")
    assert (entry["count"], sorted(entry["calls"])) == (3, [2, 3, 4])
    assert {"hardware", "grid"} == set(entry["terms"])
    assert not any(entries[1:])


def test_the_reason_that_most_of_them_share_is_named() -> None:
    votes = [*dismissed(2, 3, reason=Reason.THEME), *dismissed(4)]
    ((entry,), *_) = Precedents(POOL, votes).reasons(SUNK)
    assert (entry["reason"], sorted(entry["calls"])) == ("theme", [2, 3])


def test_a_call_is_no_precedent_of_itself() -> None:
    assert not any(Precedents(POOL, dismissed(1)).reasons(SUNK))


def test_what_officers_disagree_on_explains_nothing() -> None:
    assert not any(Precedents(POOL, [*dismissed(2), *wanted(3)]).reasons(SUNK))


def test_a_call_that_rose_is_not_explained_by_dismissals() -> None:
    assert not any(Precedents(POOL, dismissed(2, 3)).reasons(-SUNK))
    ((entry,), *_) = Precedents(POOL, wanted(2, 3)).reasons(-SUNK)
    assert (entry["verdict"], entry["reason"], sorted(entry["calls"])) == ("relevant", "", [2, 3])


def test_a_call_that_hardly_moved_takes_no_reason() -> None:
    assert not any(Precedents(POOL, dismissed(2, 3)).reasons(SUNK / 100))


def test_decisions_on_calls_that_are_gone_or_wordless() -> None:
    assert not any(Precedents(POOL, dismissed(99)).reasons(SUNK))
    assert not any(Precedents(POOL, []).reasons(SUNK))
    empty = replace(POOL, readings=[replace(one, title="", opening="") for one in POOL.readings])
    assert not any(Precedents(empty, dismissed(2, 3)).reasons(SUNK))


def test_the_nearest_are_named_and_all_are_counted() -> None:
    pool = pool_of(*[f"{number} grid hardware" for number in range(1, 26)])
    sunk = np.zeros(25)
    sunk[0] = -5
    ((entry,), *_) = Precedents(pool, dismissed(*range(2, 26))).reasons(sunk)
    assert (entry["count"], len(entry["calls"])) == (24, 10)
