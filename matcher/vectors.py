"""Sentence vectors of many texts: each different text is encoded once, and kept in the store."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import numpy as np

from matcher.scorers.encoder import Encoder
from matcher.scorers.encoder_tiers import Vectors
from store.database import Database
from store.vectors import keep_vectors, vectors_of

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Kind = Literal["passage", "query"]

BATCH = 32
"""Texts that are encoded and kept at a time: some seconds of work, which is all that a kill can lose."""
READ = 5_000
"""Texts that are looked up at a time, so that a large store is not read into memory twice."""


def encode_all(
    database: Database,
    encoder: Encoder,
    texts: Sequence[str],
    progress: Progress | None = None,
    kind: Kind = "passage",
) -> Vectors:
    """One row a text, in their order, each of length 1; a text without a word gets a row of zeros, near nothing.

    What the store holds is not encoded again, and every batch is stored at once: killed half-way, the next call goes on
    from there. `progress` is told how many of the different texts that were missing are done.
    """
    rows: dict[str, list[int]] = {}
    for number, text in enumerate(texts):
        if text.strip():
            rows.setdefault(text_hash(text, kind), []).append(number)
    vectors = np.zeros((len(texts), encoder.size), dtype=np.float32)
    missing = _read(database, encoder, rows, vectors)
    encode = encoder.encode_queries if kind == "query" else encoder.encode_passages
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        found = _sound(encode([texts[rows[key][0]] for key in batch]))
        for key, numbers in zip(batch, found, strict=True):
            vectors[rows[key]] = numbers
        kept = {key: numbers for key, numbers in zip(batch, found, strict=True) if numbers.any()}
        with database.writing() as session:
            keep_vectors(session, encoder.model, kept)
        if progress is not None:
            progress(start + len(batch), len(missing))
    return vectors


def text_hash(text: str, kind: Kind = "passage") -> str:
    """What a vector is stored by. A text has one vector as a query and another as a passage."""
    return hashlib.sha256(f"{kind}: {text}".encode("utf-8", "surrogatepass")).hexdigest()


def _read(
    database: Database, encoder: Encoder, rows: Mapping[str, Sequence[int]], vectors: Vectors
) -> list[str]:
    """Fill `vectors` with what is stored; the hashes of what is not."""
    missing = []
    keys = list(rows)
    for start in range(0, len(keys), READ):
        some = keys[start : start + READ]
        with database.reading() as session:
            stored = vectors_of(session, encoder.model, some)
        for key in some:
            numbers = stored.get(key)
            if numbers is None or len(numbers) != encoder.size:
                missing.append(key)
            else:
                vectors[rows[key]] = numbers
    return missing


def _sound(vectors: Vectors) -> Vectors:
    """Rows that are no numbers become zeros: one of them would spoil the mean of all."""
    sound = np.isfinite(vectors).all(axis=1, keepdims=True)
    if not sound.all():
        logger.error("%d texts have no vector: the encoder returned no numbers", (~sound).sum())
    return np.where(sound, vectors, np.float32(0))
