"""Portico's list of calls: made-up cards as calls, and crawls of the replica."""

from pathlib import Path

import pytest

from crawler.parsers.urban_initiative import source_key, to_record
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.replicas.urban_initiative import create_app, shift_dates
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import versions
from tests.sources.listings import Facts, crawled, with_expected

ROWS = load_records(RECORDS / "urban_initiative.jsonl")


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    found = {source_key(row): to_record(row).facts() for row in ROWS}
    return with_expected(Path(__file__).with_name("expected.json"), found)


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert {key: fact.get(field) for key, fact in found.items()} == {
        key: fact.get(field) for key, fact in expected.items()
    }


@pytest.mark.parametrize(
    ("stated", "days", "notices"),
    [
        ("15/10/2026", ["2026-10-15"], ()),
        ("31/02/2026", ["None"], ("deadline_unreadable",)),
        ("Open all year", ["None"], ("deadline_unreadable",)),
        ("", [], ()),
    ],
)
def test_deadline(stated: str, days: list[str], notices: tuple[str, ...]) -> None:
    record = to_record(ROWS[0] | {"deadline": stated})
    assert [str(deadline.day) for deadline in record.deadlines] == days
    assert (record.notices, record.no_deadline == "") == (notices, bool(days))


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("Open", "open"),
        ("UPCOMING", "forthcoming"),
        ("closed", "closed"),
        ("", "unknown"),
        ("Soon", "unknown"),
    ],
)
def test_status(stated: str, status: str) -> None:
    assert to_record(ROWS[0] | {"status": stated}).status == status


def test_link_to_a_document_is_no_page() -> None:
    (row,) = [row for row in ROWS if row["href"].endswith(".PDF")]
    record = to_record(row)
    assert record.page == "https://portico.urban-initiative.eu/urban-panorama/call-for-proposals"
    assert [(document.address, document.kind) for document in record.documents] == [(row["href"], "pdf")]


def test_calls_that_share_a_page_are_kept_apart() -> None:
    pair = [to_record(row) for row in ROWS if row["href"] == "https://example.org/calls/test"]
    assert (len({record.source_key for record in pair}), len({record.page for record in pair})) == (2, 1)


def test_card_without_a_title_is_refused() -> None:
    row: Record = ROWS[0] | {"title": " "}
    with pytest.raises(ValueError, match=r"titles\.en"):
        to_record(row)


def test_dates_move() -> None:
    (row,) = shift_dates([ROWS[0] | {"deadline": "31/12/2026"}], 7)
    assert row["deadline"] == "07/01/2027"
    assert shift_dates([ROWS[7]], 7) == [ROWS[7]]


def test_crawl_of_the_replica_finds_all_as_they_are_and_then_nothing_new(database: Database) -> None:
    first = crawled("urban_initiative", app := create_app(ROWS), database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert first.seen == first.new == len(ROWS)
    known = versions(database)
    assert {key: one.snapshot for key, one in known.items()} == {
        source_key(row): to_record(row).facts() for row in ROWS
    }
    second = crawled("urban_initiative", app, database)
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, len(ROWS))
