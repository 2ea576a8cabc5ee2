"""grants.gov: what its hits become, and how a crawl of its search ends.

`REWRITE_EXPECTED=1` writes expected.json anew: the difference goes into the review.
"""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from config.settings import Settings
from crawler.parsers.grants_gov import to_record
from crawler.replicas.grants_gov import answer, create_app, error, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.replicas.serving import Replica
from crawler.runner import RunResult, crawl
from store.database import Database
from store.records import CallRecord, Kind, Status
from tests.journeys.crawling import contents

EXPECTED = Path(__file__).with_name("expected.json")
ROWS = load_records(RECORDS / "grants_gov.jsonl")
ASKED = [row for row in ROWS if row["oppStatus"] != "closed"]
TODAY = date(2026, 8, 22)


def hit(**fields: Any) -> Record:
    return ROWS[0] | fields


def run(app: ASGIApp, database: Database) -> RunResult:
    folder = Path(database.url.database or "").parent
    with Replica(app) as replica:
        settings = Settings(
            home=folder, database_url=str(database.url), address={"grants_gov": replica.address}
        )
        return crawl("grants_gov", settings, database, TODAY)


def hits(rows: list[Record], count: int) -> Response:
    return JSONResponse({"errorcode": 0, "data": {"hitCount": count, "oppHits": rows}})


def faulty(response: Response) -> Starlette:
    """The search answering this to every request."""

    async def search(_: Request) -> Response:
        return response

    return Starlette(routes=[Route("/v1/api/search2", search, methods=["POST"])])


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    facts = {record.source_key: record.facts() for record in map(to_record, ROWS)}
    if os.environ.get("REWRITE_EXPECTED"):
        EXPECTED.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return facts


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(found: dict[str, dict[str, Any]], field: str) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert {key: facts[field] for key, facts in found.items()} == {
        key: facts[field] for key, facts in expected.items()
    }


def test_month_comes_first() -> None:
    record = to_record(hit(openDate="05/04/2026", closeDate="09/30/2026"))
    (deadline,) = record.deadlines
    assert (record.opening, deadline.day) == (date(2026, 5, 4), date(2026, 9, 30))
    assert (deadline.at, deadline.zone) == (None, "America/New_York")


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ("", "not stated"),
        (None, "not stated"),
        ("08/19/2076", "the closing date 08/19/2076 stands for none"),
    ],
)
def test_no_closing_date_has_its_reason(stated: str | None, reason: str) -> None:
    record = to_record(hit(closeDate=stated))
    assert (record.deadlines, record.no_deadline) == ((), reason)


@pytest.mark.parametrize("value", ["see the announcement", "30/09/2026", "02/30/2027"])
def test_deadline_that_is_no_date_is_kept_in_its_words(value: str) -> None:
    record = to_record(hit(closeDate=value))
    assert [(deadline.day, deadline.prose) for deadline in record.deadlines] == [(None, value)]
    assert record.notices == ("deadline_unreadable",)


def test_title_without_entities() -> None:
    title = "University Nuclear Leadership Program&ndash; A &amp; B"
    assert to_record(hit(title=title)).titles == {"en": "University Nuclear Leadership Program– A & B"}


def test_forecast_is_an_advance_notice() -> None:
    record = to_record(hit(oppStatus="forecasted", docType="forecast"))
    assert (record.kind, record.status) == (Kind.ADVANCE_NOTICE, Status.FORTHCOMING)


@pytest.mark.parametrize("fields", [{"id": ""}, {"title": ""}])
def test_what_is_no_call_is_refused(fields: Record) -> None:
    with pytest.raises(ValueError, match=r"without an id|titles"):
        to_record(hit(**fields))


def test_recorded_hits_are_calls_as_they_are(shared: Path) -> None:
    path = shared / "recordings/grants_gov/search2_energy_2026-09-12.json"
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    records = [to_record(row) for row in data["oppHits"]]
    assert len({record.source_key for record in records}) == len(data["oppHits"]) == data["hitCount"] == 12
    assert {record.notices for record in records} == {()}
    assert sum(not record.deadlines for record in records) == 4


def test_replica_pages_and_counts() -> None:
    data = answer(ROWS, {"oppStatuses": "posted", "rows": 2, "startRecordNum": 2, "made_up": 1})["data"]
    assert ([row["id"] for row in data["oppHits"]], data["hitCount"]) == (["348258", "363616"], 14)


def test_dates_move_together() -> None:
    moved = shift_dates(ROWS, 7)
    assert (moved[0]["openDate"], moved[0]["closeDate"]) == ("10/09/2024", "10/06/2029")
    assert shift_dates(moved, -7) == ROWS


def test_second_crawl_finds_nothing_new(database: Database) -> None:
    app = create_app(ROWS)
    first = run(app, database)
    assert (first.outcome, first.detail) == ("ok", "")
    assert first.new == first.seen == first.declared == len(ASKED)
    stored = contents(database)
    second = run(app, database)
    assert (second.outcome, second.new, second.changed) == ("ok", 0, 0)
    assert contents(database) == stored


def test_hits_of_more_than_one_page_are_all_read(database: Database) -> None:
    rows = [hit(id=f"TEST-{number}", title=f"TEST made-up call {number}") for number in range(130)]
    result = run(create_app(rows), database)
    assert (result.outcome, result.seen, result.declared, result.new) == ("ok", 130, 130, 130)


@pytest.mark.parametrize(
    ("response", "outcome", "code", "said"),
    [
        (JSONResponse(error("made-up error")), "failed", "unreadable", "made-up error"),
        (hits([hit(oppStatus="archived")], 1), "failed", "unreadable", "ignored"),
        (hits(ASKED[:2], 40), "partial", "incomplete", "of 40 rows"),
    ],
    ids=["error with status 200", "filter ignored", "short"],
)
def test_fault_is_told(database: Database, response: Response, outcome: str, code: str, said: str) -> None:
    result = run(faulty(response), database)
    assert (result.outcome, result.error) == (outcome, code)
    assert said in result.detail


def test_empty_page_changes_no_call(database: Database) -> None:
    run(create_app(ROWS), database)
    stored = contents(database)
    result = run(faulty(hits([], len(ASKED))), database)
    assert (result.outcome, result.error) == ("failed", "incomplete")
    assert contents(database) == stored
