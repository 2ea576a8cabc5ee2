"""Precision on labelled pairs and worlds, made as docs/identity.md says; the recorded figures need the recordings."""

from pathlib import Path

import pytest

from crawler.titles import THRESHOLD
from tests.benchmarks.identity import (
    Bench,
    Figures,
    calls_of,
    measure_pairs,
    measure_world,
    own_rows,
    recorded_rows,
    score,
    stated_twice,
)

PRECISION = 0.99
WORLDS = ("as it is", "cut at 60 characters", "up to the colon or dash")
"""The easiest and the two hardest of the ways to render a title: all of them are in the benchmark."""


@pytest.fixture(scope="module")
def recordings(shared: Path) -> Bench:
    folder = shared / "recordings"
    rows = recorded_rows(folder)
    return Bench(calls_of(rows), stated_twice(folder, rows))


@pytest.fixture(scope="module")
def own() -> Bench:
    return Bench(calls_of(own_rows()))


def pairs_of(bench: Bench) -> Figures:
    return measure_pairs(score(bench.pairs()), THRESHOLD)


def worlds_of(bench: Bench) -> Figures:
    return sum(map(measure_world, bench.worlds(*WORLDS)), Figures(0, 0, 0))


def test_pairs_of_the_recordings(recordings: Bench) -> None:
    figures = pairs_of(recordings)
    assert figures.precision >= PRECISION
    assert figures.recall > 0.9


def test_worlds_of_the_recordings(recordings: Bench) -> None:
    figures = worlds_of(recordings)
    assert figures.precision >= PRECISION
    assert figures.recall > 0.7


def test_pairs_and_worlds_of_the_projects_own_records(own: Bench) -> None:
    pairs, worlds = pairs_of(own), worlds_of(own)
    assert min(pairs.precision, worlds.precision) >= PRECISION
    assert pairs.recall > 0.9
    assert worlds.recall > 0.7


def test_no_two_of_the_projects_own_records_are_taken_for_one(own: Bench) -> None:
    as_they_are = next(own.worlds("as it is"))
    portals = tuple(call for call in as_they_are.calls if call.source != "TEST-site")
    assert measure_world(type(as_they_are)("", portals, frozenset())) == Figures(0, 0, 0)
