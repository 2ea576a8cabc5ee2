"""Encoding through the store beside the encoder alone, and reading what is stored.

    python tests/benchmarks/encoding.py [TIER] [COUNT]

The same passages of the project's own sample are encoded both ways, in turns of one batch, so that whatever else the machine
does slows both.
"""

import sys
import tempfile
import time
from pathlib import Path

from crawler.parsers.eu_portal import to_record
from crawler.replicas.sample import RECORDS, load_records
from matcher.documents import clean
from matcher.passages import split
from matcher.scorers.encoder import load_encoder
from matcher.vectors import BATCH, encode_all
from store.database import Database


def main(tier: str = "auto", count: str = "192") -> None:
    records = map(to_record, load_records(RECORDS / "eu_portal.jsonl"))
    parts = [part for record in records for text in record.texts.values() for part in split(clean(text), 4)]
    texts = list(dict.fromkeys(parts))[: int(count)]
    encoder = load_encoder(tier).encoder
    if encoder is None:
        raise SystemExit(f"{tier}: no encoder")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'funding.db'}")
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
        read = time.perf_counter() - begun
        database.close()
    print(f"{encoder.model}: {len(texts)} passages of {sum(map(len, texts)) / len(texts):.0f} characters")
    print(f"encoder alone   {len(texts) / alone:9.1f} texts/s")
    print(f"into the store  {len(texts) / stored:9.1f} texts/s, {alone / stored:.1%} of it")
    print(f"from the store  {len(texts) / read:9.1f} texts/s")


if __name__ == "__main__":
    main(*sys.argv[1:])
