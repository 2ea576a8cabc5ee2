"""Vectors of texts that an encoder has read once: a cache, which may be lost at any time."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from store.models import Vector

logger = logging.getLogger(__name__)

Numbers = NDArray[np.float32]

AT_ONCE = 500
"""Hashes in one statement: SQLite takes 999 variables in its older builds."""
TOLERANCE = 1e-3
"""How far the length of a vector may be from 1. A changed bit nearly always takes it further off than rounding does."""
STORED = np.dtype("<f4")


def vectors_of(session: Session, model: str, hashes: Iterable[str]) -> dict[str, Numbers]:
    """The vectors of `model` that are stored and sound. Broken ones are told in the log and count as missing."""
    found: dict[str, Numbers] = {}
    broken = 0
    for some in _in_portions(hashes):
        statement = select(Vector.text_hash, Vector.size, Vector.data).where(
            Vector.model == model, col(Vector.text_hash).in_(some)
        )
        for text_hash, size, data in session.exec(statement):
            numbers = _sound(size, data)
            if numbers is None:
                broken += 1
            else:
                found[text_hash] = numbers
    if broken:
        logger.warning("%d stored vectors of %s are broken; their texts are encoded anew", broken, model)
    return found


def keep_vectors(session: Session, model: str, vectors: Mapping[str, Numbers]) -> None:
    """Store vectors by the hash of their text, in the place of those that are there already."""
    for some in _in_portions(vectors):
        session.execute(delete(Vector).where(col(Vector.model) == model, col(Vector.text_hash).in_(some)))
        rows = [
            {
                "model": model,
                "text_hash": text_hash,
                "size": len(vectors[text_hash]),
                "data": np.asarray(vectors[text_hash], dtype=STORED).tobytes(),
            }
            for text_hash in some
        ]
        session.execute(insert(Vector), rows)


def _sound(size: int, data: bytes) -> Numbers | None:
    if size <= 0 or len(data) != size * STORED.itemsize:
        return None
    numbers = np.frombuffer(data, dtype=STORED)
    length = float(numbers @ numbers)
    return numbers if abs(length - 1) <= TOLERANCE else None  # NaN is near nothing


def _in_portions(hashes: Iterable[str]) -> Iterator[Sequence[str]]:
    remaining = iter(hashes)
    while some := list(islice(remaining, AT_ONCE)):
        yield some
