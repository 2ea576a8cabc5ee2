"""The ranking by words, which needs no encoder, does not get worse: floors a little below what it reached when they were
set (docs/matching.md)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from config.organisation import Organisation
from crawler.parsers.eu_portal import to_record
from crawler.replicas.sample import Record, load_records
from matcher.documents import to_document
from matcher.eligibility import Verdict, judge
from matcher.evaluation import evaluate_store, read_gold
from matcher.measures import RELEVANT
from store.calls import save
from store.database import Database
from store.models import Call

LABELS = Path(__file__).parents[2] / "gold" / "sample_labels.csv"


@contextmanager
def filled(path: Path, rows: Iterable[Record]) -> Iterator[Database]:
    database = Database(f"sqlite:///{path / 'funding.db'}")
    records = {record.source_key: record for record in map(to_record, rows)}
    with database.writing() as session:
        save(session, list(records.values()), None, datetime(2026, 8, 22, tzinfo=UTC))
    yield database
    database.close()


def hidden_though_relevant(database: Database, organisation: Organisation, gold: Path) -> list[Any]:
    labels = read_gold(gold)
    with database.reading() as session:
        calls = session.exec(select(Call)).all()
        documents = [(call.source_key, to_document(call)) for call in calls]
    return [
        (key, document.title)
        for key, document in documents
        if key in labels
        and labels[key].relevance >= RELEVANT
        and judge(document, organisation.rules).verdict is Verdict.NOT_OPEN
    ]


@pytest.fixture(scope="module")
def sample_store(tmp_path_factory: pytest.TempPathFactory, sample: list[Record]) -> Iterator[Database]:
    with filled(tmp_path_factory.mktemp("sample"), sample) as database:
        yield database


@pytest.fixture(scope="module")
def recordings_store(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Database]:
    rows = load_records(shared / "recordings" / "eu_portal" / "results.jsonl")
    with filled(tmp_path_factory.mktemp("recordings"), rows) as database:
        yield database


def test_sample(sample_store: Database, organisation: Organisation) -> None:
    figures, missing = evaluate_store(sample_store, organisation, LABELS)
    assert (figures.calls, figures.relevant, missing) == (186, 86, 0)
    assert figures.ap is not None
    assert figures.ndcg_10 is not None
    assert figures.r_15 is not None
    assert figures.ap >= 0.88
    assert figures.ndcg_10 >= 0.94
    assert figures.r_15 >= 0.30  # the first 15 % hold 28 of the 86 at most: 0.326


def test_nothing_relevant_of_the_sample_is_hidden(sample_store: Database, organisation: Organisation) -> None:
    assert hidden_though_relevant(sample_store, organisation, LABELS) == []


def test_recordings(recordings_store: Database, organisation: Organisation, shared: Path) -> None:
    figures, missing = evaluate_store(recordings_store, organisation, shared / "gold" / "eu_calls.csv")
    assert missing == 0
    assert figures.ap is not None
    assert figures.ndcg_10 is not None
    assert figures.r_15 is not None
    assert figures.r3_15 is not None
    assert figures.ap >= 0.69
    assert figures.ndcg_10 >= 0.88
    assert figures.r_15 >= 0.77
    assert figures.r3_15 >= 0.97


def test_nothing_relevant_of_the_recordings_is_hidden(
    recordings_store: Database, organisation: Organisation, shared: Path
) -> None:
    assert hidden_though_relevant(recordings_store, organisation, shared / "gold" / "eu_calls.csv") == []
