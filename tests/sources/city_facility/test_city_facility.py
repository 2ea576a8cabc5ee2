"""The European City Facility's list of calls: made-up cards as calls, and crawls of the replica."""

from pathlib import Path

import pytest

from crawler.parsers.city_facility import source_key, to_record
from crawler.replicas.city_facility import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import versions
from tests.sources.listings import Facts, crawled, with_expected

ROWS = load_records(RECORDS / "city_facility.jsonl")


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


def test_date_of_publication_is_no_deadline() -> None:
    record = to_record(ROWS[0])
    assert (str(record.published), record.deadlines) == ("2024-03-04", ())
    assert (record.status, record.no_deadline) == ("unknown", "not stated in the listing")


@pytest.mark.parametrize("stated", ["4 March 2024", "04/03/2024", "04.03.2024"])
def test_date_of_publication_in_other_spellings(stated: str) -> None:
    assert str(to_record(ROWS[0] | {"published": stated}).published) == "2024-03-04"


def test_date_that_cannot_be_read_stays_unknown() -> None:
    assert to_record(ROWS[0] | {"published": "last spring"}).published is None


@pytest.mark.parametrize("change", [{"title": ""}, {"href": ""}, {"href": "https://example.org/news"}])
def test_card_that_is_no_call_is_refused(change: Record) -> None:
    with pytest.raises(ValueError, match=r"titles\.en|without the address"):
        to_record(ROWS[0] | change)


def test_dates_move() -> None:
    (row,) = shift_dates([ROWS[0] | {"published": "31 December 2026"}], 7)
    assert row["published"] == "07 January 2027"


def test_crawl_of_the_replica_finds_all_as_they_are_and_then_nothing_new(database: Database) -> None:
    first = crawled("city_facility", app := create_app(ROWS), database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert first.seen == first.new == len(ROWS)
    known = versions(database)
    assert {key: one.snapshot for key, one in known.items()} == {
        source_key(row): to_record(row).facts() for row in ROWS
    }
    second = crawled("city_facility", app, database)
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, len(ROWS))
