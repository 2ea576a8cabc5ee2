"""Loans of the CEB: its made-up page as a call, and crawls of the replica."""

from pathlib import Path

import pytest

from crawler.parsers.ceb import to_record
from crawler.replicas.ceb import create_app, shift_dates
from crawler.replicas.sample import RECORDS, load_records
from crawler.spiders.ceb import Ceb
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import versions
from tests.sources.listings import Facts, crawled, with_expected
from tests.sources.schemes import row_of, with_paragraph

RECORDED = load_records(RECORDS / "ceb.jsonl")
ROW = row_of(Ceb(), RECORDED[0])


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    return with_expected(Path(__file__).with_name("expected.json"), {"ceb": to_record(ROW).facts()})


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert found["ceb"].get(field) == expected["ceb"].get(field)


def test_page_that_does_not_say_that_one_can_apply_leaves_it_unknown() -> None:
    record = to_record(ROW)
    assert (record.status, record.no_deadline, record.notices) == (
        "unknown",
        "not stated on the page of the scheme",
        ("status_unknown",),
    )


def test_page_that_says_so_makes_it_open() -> None:
    stated = with_paragraph(RECORDED[0], "Made up: loan applications can be sent at any time.")
    assert to_record(row_of(Ceb(), stated)).status == "open"


def test_crawls_of_the_replica_find_the_scheme_then_nothing_new_then_what_changed(database: Database) -> None:
    first = crawled("ceb", create_app(RECORDED), database)
    assert (first.outcome, first.detail, first.seen, first.new) == ("ok", "", 1, 1)
    assert {key: one.snapshot for key, one in versions(database).items()} == {"ceb": to_record(ROW).facts()}

    later = shift_dates(RECORDED, 14)
    assert later[0]["updated"] != RECORDED[0]["updated"]
    second = crawled("ceb", create_app(later), database)
    assert (second.outcome, second.seen, second.new, second.changed) == ("ok", 1, 0, 0)

    third = crawled("ceb", create_app([with_paragraph(later[0], "Made-up condition.")]), database)
    assert (third.outcome, third.new, third.changed) == ("ok", 0, 1)
    assert [change["field"] for change in versions(database)["ceb"].changes] == ["texts"]


def test_other_page_in_its_place_fails_the_crawl_and_changes_nothing(database: Database) -> None:
    crawled("ceb", create_app(RECORDED), database)
    moved = crawled("ceb", create_app([]), database)
    assert (moved.outcome, moved.error) == ("failed", "unreadable")
    assert {key: one.number for key, one in versions(database).items()} == {"ceb": 1}
