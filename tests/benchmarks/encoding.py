"""Encoding through the store beside the encoder alone, and reading what is stored.

    python tests/benchmarks/encoding.py [TIER] [COUNT]

The same passages of the project's own sample are encoded both ways, in turns of one batch, so that whatever else the machine
does slows both.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from crawler.parsers.eu_portal import to_record
from crawler.replicas.sample import RECORDS, load_records
from matcher.documents import clean
from matcher.passages import split
from matcher.scorers.encoder import Encoder, load_encoder
from matcher.vectors import BATCH, encode_all
from store.database import Database
from store.vectors import keep_vectors

COUNT = 192
AT_ONCE = 1_000


@dataclass(frozen=True)
class Cost:
    """Seconds of the encoder alone, of encoding into the store, and of reading what is stored."""

    alone: float
    stored: float
    read: float


def passages(count: int) -> list[str]:
    """Of the sample, each different."""
    records = map(to_record, load_records(RECORDS / "eu_portal.jsonl"))
    parts = [part for record in records for text in record.texts.values() for part in split(clean(text), 4)]
    return list(dict.fromkeys(parts))[:count]


def fill(database: Database, encoder: Encoder, vectors: int) -> None:
    """As many vectors at random as if so many other texts had been encoded."""
    random = np.random.default_rng(0)
    for first in range(0, vectors, AT_ONCE):
        found = random.normal(size=(min(AT_ONCE, vectors - first), encoder.size)).astype(np.float32)
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        with database.writing() as session:
            keep_vectors(session, encoder.model, {f"TEST-{first + n}": one for n, one in enumerate(found)})


def measure(database: Database, encoder: Encoder, texts: list[str]) -> Cost:
    alone = stored = 0.0
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        begun = time.perf_counter()
        encoder.encode_passages(batch)
        between = time.perf_counter()
        encode_all(database, encoder, batch)
        alone += between - begun
        stored += time.perf_counter() - between
    begun = time.perf_counter()
    encode_all(database, encoder, texts)
    return Cost(alone, stored, time.perf_counter() - begun)


def rows(calls: int, folder: Path) -> Iterator[tuple[str, float, float, float]]:
    """What was measured, seconds of ours, seconds of bare, megabytes at most; nothing where no encoder can be loaded."""
    encoder = load_encoder().encoder
    if encoder is None:
        return
    database = Database(f"sqlite:///{folder / 'vectors.db'}")
    fill(database, encoder, calls)
    cost = measure(database, encoder, passages(COUNT))
    database.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield f"encode, {COUNT} passages", cost.stored, cost.alone, memory


def main(tier: str = "auto", count: str = str(COUNT)) -> None:
    texts = passages(int(count))
    encoder = load_encoder(tier).encoder
    if encoder is None:
        raise SystemExit(f"{tier}: no encoder")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'funding.db'}")
        cost = measure(database, encoder, texts)
        database.close()
    print(f"{encoder.model}: {len(texts)} passages of {sum(map(len, texts)) / len(texts):.0f} characters")
    print(f"encoder alone   {len(texts) / cost.alone:9.1f} texts/s")
    print(f"into the store  {len(texts) / cost.stored:9.1f} texts/s, {cost.alone / cost.stored:.1%} of it")
    print(f"from the store  {len(texts) / cost.read:9.1f} texts/s")


if __name__ == "__main__":
    main(*sys.argv[1:])
