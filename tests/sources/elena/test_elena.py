"""ELENA: its made-up page as a call, and crawls of the replica."""

from pathlib import Path

import pytest

from crawler.parsers.elena import to_record
from crawler.replicas.elena import create_app, shift_dates
from crawler.replicas.sample import RECORDS, load_records
from crawler.spiders.elena import Elena
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import versions
from tests.sources.listings import Facts, crawled, with_expected
from tests.sources.schemes import row_of, with_paragraph

RECORDED = load_records(RECORDS / "elena.jsonl")
ROW = row_of(Elena(), RECORDED[0])


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    return with_expected(Path(__file__).with_name("expected.json"), {"elena": to_record(ROW).facts()})


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert found["elena"].get(field) == expected["elena"].get(field)


def test_funds_that_may_be_used_up_one_day_close_nothing() -> None:
    record = to_record(ROW)
    assert "When the budget is exhausted" in record.texts["en"]
    assert (record.status, record.no_deadline) == ("open", "a standing scheme, applications at any time")


def test_used_up_funds_close_it() -> None:
    sections = [section for section in RECORDED[0]["sections"] if section["heading"] != "How to apply"]
    closed = with_paragraph(RECORDED[0] | {"sections": sections}, "Made up: the budget is exhausted.")
    record = to_record(row_of(Elena(), closed))
    assert (record.status, record.no_deadline) == (
        "closed",
        "a standing scheme; its page says: “Made up: the budget is exhausted.”",
    )


def test_crawls_of_the_replica_find_the_scheme_then_nothing_new_then_what_changed(database: Database) -> None:
    first = crawled("elena", create_app(RECORDED), database)
    assert (first.outcome, first.detail, first.seen, first.new) == ("ok", "", 1, 1)
    assert {key: one.snapshot for key, one in versions(database).items()} == {"elena": to_record(ROW).facts()}

    later = shift_dates(RECORDED, 14)
    assert later[0]["updated"] != RECORDED[0]["updated"]
    second = crawled("elena", create_app(later), database)
    assert (second.outcome, second.seen, second.new, second.changed) == ("ok", 1, 0, 0)

    third = crawled("elena", create_app([with_paragraph(later[0], "Made-up condition.")]), database)
    assert (third.outcome, third.new, third.changed) == ("ok", 0, 1)
    assert [change["field"] for change in versions(database)["elena"].changes] == ["texts"]


def test_other_page_in_its_place_fails_the_crawl_and_changes_nothing(database: Database) -> None:
    crawled("elena", create_app(RECORDED), database)
    moved = crawled("elena", create_app([]), database)
    assert (moved.outcome, moved.error) == ("failed", "unreadable")
    assert {key: one.number for key, one in versions(database).items()} == {"elena": 1}
