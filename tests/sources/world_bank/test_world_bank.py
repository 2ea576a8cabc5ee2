"""World Bank notices: what they become, and how a crawl of them ends.

`REWRITE_EXPECTED=1` writes expected.json anew: the difference goes into the review.
"""

import json
import os
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from config.settings import Settings
from crawler.parsers.world_bank import is_award, to_record
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.replicas.serving import Replica
from crawler.replicas.world_bank import answer, create_app, shift_dates
from crawler.runner import RunResult, crawl
from store.database import Database
from store.records import CallRecord, Kind, Status
from tests.journeys.crawling import contents

EXPECTED = Path(__file__).with_name("expected.json")
ROWS = load_records(RECORDS / "world_bank.jsonl")
CALLS = [row for row in ROWS if not is_award(row)]
YOUNG = [row for row in ROWS if row["id"] != "TEST-5"]
TODAY = date(2026, 9, 12)


def row(**fields: Any) -> Record:
    return next(row for row in ROWS if row["id"] == "OP00468190") | fields


def page(rows: list[Record], total: int) -> Response:
    return JSONResponse({"rows": len(rows), "os": "0", "total": str(total), "procnotices": rows})


def run(app: ASGIApp, database: Database) -> RunResult:
    folder = Path(database.url.database or "").parent
    with Replica(app) as replica:
        settings = Settings(
            home=folder, database_url=str(database.url), address={"world_bank": replica.address}
        )
        return crawl("world_bank", settings, database, TODAY)


def faulty(response: Response) -> Starlette:
    """The search answering this to every request."""

    async def notices(_: Request) -> Response:
        return response

    return Starlette(routes=[Route("/api/v2/procnotices", notices)])


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    facts = {record.source_key: record.facts() for record in map(to_record, CALLS)}
    if os.environ.get("REWRITE_EXPECTED"):
        EXPECTED.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return facts


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(found: dict[str, dict[str, Any]], field: str) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert {key: facts[field] for key, facts in found.items()} == {
        key: facts[field] for key, facts in expected.items()
    }


@pytest.mark.parametrize("kind", ["Contract Award", "Small Contracts Award"])
def test_award_is_no_call(kind: str) -> None:
    with pytest.raises(ValueError, match="award"):
        to_record(row(notice_type=kind))


def test_deadline_is_not_the_day_of_publication() -> None:
    record = to_record(row(submission_date="2026-09-10T00:00:00Z"))
    assert [(deadline.day, deadline.at) for deadline in record.deadlines] == [(date(2026, 9, 24), time(16))]
    assert (record.published, record.notices) == (date(2026, 9, 10), ("deadline_zone_not_stated",))


@pytest.mark.parametrize("value", [None, ""])
def test_missing_deadline_stays_unknown(value: str | None) -> None:
    record = to_record(row(submission_deadline_date=value))
    assert (record.deadlines, record.no_deadline) == ((), "not stated")


@pytest.mark.parametrize("value", ["to be announced", "9999-12-31T00:00:00Z"])
def test_deadline_that_is_no_date_is_kept_in_its_words(value: str) -> None:
    record = to_record(row(submission_deadline_date=value))
    assert [(deadline.day, deadline.prose) for deadline in record.deadlines] == [(None, value)]
    assert record.notices == ("deadline_unreadable",)


@pytest.mark.parametrize(
    ("stated", "cents", "notices"),
    [
        ("1070000", 1_070_000_00, ()),
        ("1,070,000.5", 1_070_000_50, ()),
        ("0", None, ()),
        (None, None, ()),
        ("-1", None, ()),
        ("about a million", None, ("budget_unreadable",)),
        ("NaN", None, ("budget_unreadable",)),
    ],
)
def test_estimate_in_cents(stated: str | None, cents: int | None, notices: tuple[str, ...]) -> None:
    record = to_record(row(bid_estimate_amount=stated, submission_deadline_date=None))
    assert (record.budget_cents, record.currency, record.notices) == (cents, "USD", notices)


def test_country_of_the_project_is_no_condition_for_bidders() -> None:
    record = to_record(row())
    assert (record.countries, record.geographical_zones) == (
        (),
        ("Kyrgyz Republic", "Europe And Central Asia"),
    )


def test_general_notice_is_nothing_to_answer_yet() -> None:
    record = to_record(row(notice_type="General Procurement Notice"))
    assert (record.kind, record.status) == (Kind.ADVANCE_NOTICE, Status.FORTHCOMING)


@pytest.mark.parametrize(
    "fields", [{"notice_lang_code": "FR"}, {"notice_lang_code": None, "notice_lang_name": "French"}]
)
def test_language_by_code_or_by_name(fields: Record) -> None:
    assert [*to_record(row(**fields)).titles] == ["fr"]


@pytest.mark.parametrize(
    ("name", "rows", "calls"),
    [("procnotices_page_2026-09-12.json", 9, 6), ("procnotices_default_fields_trimmed.json", 2, 1)],
)
def test_recorded_notices_are_awards_or_calls(shared: Path, name: str, rows: int, calls: int) -> None:
    path = shared / "recordings/world_bank" / name
    answered = json.loads(path.read_text(encoding="utf-8"))["procnotices"]
    records = [to_record(row) for row in answered if not is_award(row)]
    assert len(answered) == rows
    assert len({record.source_key for record in records}) == len(records) == calls
    assert {record.notices for record in records} == {("deadline_zone_not_stated",)}


def test_replica_without_fl_answers_fewer_fields() -> None:
    result = answer(ROWS, {"rows": "3", "os": "3", "made_up_filter": "x"})
    assert (result["rows"], result["os"], result["total"]) == (3, "3", str(len(ROWS)))
    assert "noticetitle" not in result["procnotices"][0]


def test_dates_move_together() -> None:
    moved = shift_dates(ROWS, 7)
    assert (moved[3]["noticedate"], moved[3]["submission_deadline_date"]) == (
        "17-Sep-2026",
        "2026-10-01T00:00:00Z",
    )
    assert shift_dates(moved, -7) == ROWS


def test_second_crawl_finds_nothing_new(database: Database) -> None:
    app = create_app(ROWS)
    first = run(app, database)
    assert (first.outcome, first.detail) == ("ok", "")
    assert (first.seen, first.new) == (len(YOUNG), len(CALLS) - 1)
    stored = contents(database)
    second = run(app, database)
    assert (second.outcome, second.new, second.changed) == ("ok", 0, 0)
    assert contents(database) == stored
    assert {request.query.get("order") for request in app.state.requests[1:2]} == {"desc"}
    assert all("fl" in request.query for request in app.state.requests if request.path != "/robots.txt")


def test_pages_are_read_until_the_notices_are_too_old(database: Database) -> None:
    young = [row(id=f"TEST-{number}", noticetitle=f"TEST made-up notice {number}") for number in range(510)]
    old = [row(id=f"TEST-OLD-{number}", noticedate="10-Jan-2026") for number in range(1000)]
    app = create_app(young + old)
    result = run(app, database)
    assert (result.outcome, result.seen, result.new) == ("ok", 510, 510)
    assert [request.query["os"] for request in app.state.requests[1:]] == ["0", "500"]


@pytest.mark.parametrize(
    ("response", "outcome", "error"),
    [
        (PlainTextResponse("made-up error", 500), "failed", "unavailable"),
        (HTMLResponse("<title>Sign in</title>"), "failed", "unreadable"),
        (page(CALLS[:2], 40), "partial", "incomplete"),
        (page([row(id="TEST-8", noticedate="01-Sep-2026"), row(id="TEST-9")], 2), "partial", "incomplete"),
    ],
    ids=["unavailable", "login page", "short", "not in order"],
)
def test_fault_is_told(database: Database, response: Response, outcome: str, error: str) -> None:
    result = run(faulty(response), database)
    assert (result.outcome, result.error) == (outcome, error)


def test_empty_page_changes_no_call(database: Database) -> None:
    run(create_app(ROWS), database)
    stored = contents(database)
    result = run(faulty(page([], len(ROWS))), database)
    assert (result.outcome, result.error) == ("failed", "incomplete")
    assert contents(database) == stored
