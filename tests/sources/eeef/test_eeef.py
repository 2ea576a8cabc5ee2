"""The eeef's technical assistance: its made-up page as a call, and crawls of the replica."""

from pathlib import Path

import pytest

from crawler.parsers.eeef import to_record
from crawler.replicas.eeef import create_app, shift_dates
from crawler.replicas.sample import RECORDS, load_records
from crawler.spiders.eeef import Eeef
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import versions
from tests.sources.listings import Facts, crawled, with_expected
from tests.sources.schemes import row_of, with_paragraph

RECORDED = load_records(RECORDS / "eeef.jsonl")
ROW = row_of(Eeef(), RECORDED[0])


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    return with_expected(Path(__file__).with_name("expected.json"), {"eeef": to_record(ROW).facts()})


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert found["eeef"].get(field) == expected["eeef"].get(field)


def test_former_call_that_was_closed_does_not_close_the_scheme() -> None:
    record = to_record(ROW)
    assert "call was closed on 1 March 2017" in record.texts["en"]
    assert (record.status, record.deadlines) == ("open", ())


def test_page_that_also_says_suspended_is_not_believed() -> None:
    suspended = with_paragraph(RECORDED[0], "Made up: the facility is suspended.")
    record = to_record(row_of(Eeef(), suspended))
    assert (record.status, record.notices) == ("unknown", ("status_contradicts_itself",))


def test_crawls_of_the_replica_find_the_scheme_then_nothing_new_then_what_changed(database: Database) -> None:
    first = crawled("eeef", create_app(RECORDED), database)
    assert (first.outcome, first.detail, first.seen, first.new) == ("ok", "", 1, 1)
    assert {key: one.snapshot for key, one in versions(database).items()} == {"eeef": to_record(ROW).facts()}

    later = shift_dates(RECORDED, 14)
    assert later[0]["updated"] != RECORDED[0]["updated"]
    second = crawled("eeef", create_app(later), database)
    assert (second.outcome, second.seen, second.new, second.changed) == ("ok", 1, 0, 0)

    third = crawled("eeef", create_app([with_paragraph(later[0], "Made-up condition.")]), database)
    assert (third.outcome, third.new, third.changed) == ("ok", 0, 1)
    assert [change["field"] for change in versions(database)["eeef"].changes] == ["texts"]


def test_other_page_in_its_place_fails_the_crawl_and_changes_nothing(database: Database) -> None:
    crawled("eeef", create_app(RECORDED), database)
    moved = crawled("eeef", create_app([]), database)
    assert (moved.outcome, moved.error) == ("failed", "unreadable")
    assert {key: one.number for key, one in versions(database).items()} == {"eeef": 1}
