"""The cache of vectors on both databases."""

import numpy as np
import pytest
from sqlmodel import select

from store.database import Database
from store.models import Vector
from store.vectors import AT_ONCE, keep_vectors, vectors_of

ONE = np.array([1, 0, 0], np.float32)
OTHER = np.array([0, 0.6, 0.8], np.float32)


def test_vectors_come_back_as_they_were(database: Database) -> None:
    with database.writing() as session:
        keep_vectors(session, "model", {"one": ONE, "other": OTHER})
    with database.reading() as session:
        found = vectors_of(session, "model", ["other", "one", "missing"])
        assert vectors_of(session, "another model", ["one"]) == {}
        assert vectors_of(session, "model", []) == {}
    assert set(found) == {"one", "other"}
    assert np.array_equal(found["one"], ONE)
    assert np.array_equal(found["other"], OTHER)


def test_a_vector_takes_the_place_of_the_former(database: Database) -> None:
    for vector in (ONE, OTHER):
        with database.writing() as session:
            keep_vectors(session, "model", {"one": vector})
    with database.reading() as session:
        assert np.array_equal(vectors_of(session, "model", ["one"])["one"], OTHER)


def test_nothing_to_keep(database: Database) -> None:
    with database.writing() as session:
        keep_vectors(session, "model", {})
    with database.reading() as session:
        assert session.exec(select(Vector)).all() == []


@pytest.mark.parametrize("count", [AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_more_than_fit_in_a_statement(database: Database, count: int) -> None:
    hashes = [str(number) for number in range(count)]
    with database.writing() as session:
        keep_vectors(session, "model", dict.fromkeys(hashes, ONE))
    with database.reading() as session:
        assert set(vectors_of(session, "model", hashes)) == set(hashes)
