"""TED: what its notices become, and how a crawl of its search ends.

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
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from config.settings import Settings
from crawler.parsers.ted import is_call, to_record
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.replicas.serving import Replica
from crawler.replicas.ted import answer, create_app, shift_dates
from crawler.runner import RunResult, crawl
from store.database import Database
from store.records import CallRecord, Kind, Status
from tests.journeys.crawling import contents

EXPECTED = Path(__file__).with_name("expected.json")
ROWS = load_records(RECORDS / "ted.jsonl")
CALLS = [row for row in ROWS if is_call(row)]
TODAY = date(2026, 9, 18)


def notice(**fields: Any) -> Record:
    """The first made-up notice; `_` in a name stands for `-`."""
    row = next(row for row in ROWS if row["publication-number"] == "TEST-1")
    return row | {name.replace("_", "-"): value for name, value in fields.items()}


def run(app: ASGIApp, database: Database) -> RunResult:
    folder = Path(database.url.database or "").parent
    with Replica(app) as replica:
        settings = Settings(home=folder, database_url=str(database.url), address={"ted": replica.address})
        return crawl("ted", settings, database, TODAY)


def faulty(response: Response) -> Starlette:
    """The search answering this to every request."""

    async def search(_: Request) -> Response:
        return response

    return Starlette(routes=[Route("/v3/notices/search", search, methods=["POST"])])


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


@pytest.mark.parametrize("form", ["result", "cont-modif", "", None])
def test_result_is_no_call(form: str | None) -> None:
    with pytest.raises(ValueError, match="no call"):
        to_record(notice(form_type=form))


@pytest.mark.parametrize("form", ["planning", "consultation"])
def test_notice_before_the_competition(form: str) -> None:
    record = to_record(notice(form_type=form))
    assert (record.kind, record.status) == (Kind.ADVANCE_NOTICE, Status.FORTHCOMING)


def test_offset_behind_a_day_moves_no_day() -> None:
    record = to_record(
        notice(deadline_receipt_tender_date_lot=["2026-10-20+02:00"], publication_date="2026-09-09+02:00")
    )
    assert [(deadline.day, deadline.at) for deadline in record.deadlines] == [(date(2026, 10, 20), None)]
    assert record.published == date(2026, 9, 9)


def test_lots_that_close_on_several_days() -> None:
    days = ["2026-11-30+01:00", "2026-11-02+01:00", "2026-11-02+01:00"]
    record = to_record(notice(deadline_receipt_tender_date_lot=days))
    assert [str(deadline.day) for deadline in record.deadlines] == ["2026-11-02", "2026-11-30"]
    assert record.notices == ("deadline_differs_by_lot",)


@pytest.mark.parametrize("value", [None, [], ""])
def test_missing_deadline_stays_unknown(value: Any) -> None:
    record = to_record(notice(deadline_receipt_tender_date_lot=value))
    assert (record.deadlines, record.no_deadline) == ((), "not stated")


def test_deadline_that_is_no_date_is_kept_in_its_words() -> None:
    record = to_record(notice(deadline_receipt_tender_date_lot=["to be announced"]))
    assert [(deadline.day, deadline.prose) for deadline in record.deadlines] == [(None, "to be announced")]
    assert record.notices == ("deadline_unreadable",)


@pytest.mark.parametrize(
    ("fields", "cents", "currency", "notices"),
    [
        ({"estimated_value_glo": "250000.50"}, 250_000_50, "EUR", ()),
        ({"estimated_value_glo": 250000}, 250_000_00, "EUR", ()),
        ({"estimated_value_glo": "0"}, None, "EUR", ()),
        ({"estimated_value_glo": "unknown"}, None, "EUR", ("budget_unreadable",)),
        (
            {"estimated_value_glo": None, "total_value": 1678875, "total_value_cur": ["CZK"]},
            1_678_875_00,
            "CZK",
            ("budget_is_total_value",),
        ),
        (
            {"estimated_value_glo": None, "estimated_value_proc": "10", "estimated_value_cur_proc": "PLN"},
            10_00,
            "PLN",
            (),
        ),
    ],
)
def test_amounts(fields: Record, cents: int | None, currency: str, notices: tuple[str, ...]) -> None:
    record = to_record(notice(**fields, deadline_receipt_tender_date_lot=None))
    assert (record.budget_cents, record.currency, record.notices) == (cents, currency, notices)


def test_titles_by_language_of_two_letters() -> None:
    record = to_record(notice(notice_title={"eng": "A &amp; B", "spa": ["C"], "xxx": "D"}))
    assert record.titles == {"en": "A & B", "es": "C"}


def test_notice_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match="titles"):
        to_record(notice(notice_title={"xxx": "D"}))


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("search_1.json", ["645194-2026"]), ("search_2.json", ["621800-2026", "619343-2026"])],
)
def test_recorded_notices_are_results_or_calls(shared: Path, name: str, numbers: list[str]) -> None:
    answered = json.loads((shared / "recordings/ted" / name).read_text(encoding="utf-8"))
    rows = [row for page in answered.get("pages", [answered]) for row in page["notices"]]
    records = [to_record(row) for row in rows if is_call(row)]
    assert len(rows) == 2
    assert [record.source_key for record in records] == numbers
    assert all(record.page.startswith("https://ted.europa.eu/") for record in records)


def test_replica_answers_the_fields_asked() -> None:
    asked = {"query": "form-type=result", "fields": ["form-type"], "limit": 1}
    result = answer(ROWS, asked)
    assert (result["totalNoticeCount"], result["timedOut"]) == (1, False)
    assert result["notices"][0].keys() == {"publication-number", "form-type", "links"}


def test_dates_move_together() -> None:
    moved = shift_dates(ROWS, 7)
    assert moved[3]["deadline-receipt-tender-date-lot"] == ["2026-10-27+02:00"]
    assert shift_dates(moved, -7) == ROWS


def test_second_crawl_finds_nothing_new(database: Database) -> None:
    app = create_app(ROWS)
    first = run(app, database)
    assert (first.outcome, first.detail) == ("ok", "")
    assert first.new == first.seen == first.declared == len(CALLS)
    stored = contents(database)
    second = run(app, database)
    assert (second.outcome, second.new, second.changed) == ("ok", 0, 0)
    assert contents(database) == stored


def test_notices_of_more_than_one_page_are_all_read(database: Database) -> None:
    rows = [notice(publication_number=f"TEST-{number}") for number in range(1000, 1260)]
    result = run(create_app(rows), database)
    assert (result.outcome, result.seen, result.declared, result.new) == ("ok", 260, 260, 260)


@pytest.mark.parametrize(
    ("response", "outcome", "error"),
    [
        (PlainTextResponse("made-up error", 500), "failed", "unavailable"),
        (HTMLResponse("<title>Sign in</title>"), "failed", "unreadable"),
        (JSONResponse({"notices": CALLS[:2], "timedOut": True}), "partial", "incomplete"),
        (JSONResponse({"notices": CALLS[:2], "totalNoticeCount": 40}), "partial", "incomplete"),
        (JSONResponse({"notices": [notice(form_type="result")]}), "failed", "unreadable"),
        (JSONResponse({"notices": [notice(publication_date="2020-09-09+02:00")]}), "failed", "unreadable"),
    ],
    ids=["unavailable", "login page", "timed out", "short", "other forms", "other years"],
)
def test_fault_is_told(database: Database, response: Response, outcome: str, error: str) -> None:
    result = run(faulty(response), database)
    assert (result.outcome, result.error) == (outcome, error)


def test_empty_page_changes_no_call(database: Database) -> None:
    run(create_app(ROWS), database)
    stored = contents(database)
    result = run(faulty(JSONResponse({"notices": [], "totalNoticeCount": len(CALLS)})), database)
    assert (result.outcome, result.error) == ("failed", "incomplete")
    assert contents(database) == stored
