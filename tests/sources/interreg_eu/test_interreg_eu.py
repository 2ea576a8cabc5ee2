"""interreg.eu: what its hits become, and how a crawl of its index ends.

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
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from config.settings import Settings
from crawler.parsers.interreg_eu import to_record
from crawler.replicas.interreg_eu import answer, create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.replicas.serving import Replica
from crawler.runner import RunResult, crawl
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import contents

EXPECTED = Path(__file__).with_name("expected.json")
ROWS = load_records(RECORDS / "interreg_eu.jsonl")
ASKED = [row for row in ROWS if row["callStatus"] != "Closed"]
TODAY = date(2026, 8, 22)
APP_ID, SEARCH_KEY = "FUNDING_INTERREG_APP_ID", "FUNDING_INTERREG_SEARCH_KEY"


def hit(**fields: Any) -> Record:
    return ROWS[3] | fields


def run(app: ASGIApp, database: Database) -> RunResult:
    folder = Path(database.url.database or "").parent
    with Replica(app) as replica:
        settings = Settings(
            home=folder, database_url=str(database.url), address={"interreg_eu": replica.address}
        )
        return crawl("interreg_eu", settings, database, TODAY)


def faulty(response: Response) -> Starlette:
    """The index answering this to every query."""

    async def queries(_: Request) -> Response:
        return response

    return Starlette(routes=[Route("/1/indexes/*/queries", queries, methods=["POST"])])


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


def test_midnight_is_no_time_of_day() -> None:
    (deadline,) = to_record(hit(callDeadlineDate="2026-09-30T00:00:00Z")).deadlines
    assert (deadline.day, deadline.at, deadline.zone) == (date(2026, 9, 30), None, "Europe/Brussels")


def test_another_time_is_that_of_brussels_and_doubtful() -> None:
    record = to_record(hit(callDeadlineDate="2026-09-30T23:59:59Z"))
    assert [(str(deadline.day), str(deadline.at)) for deadline in record.deadlines] == [
        ("2026-09-30", "23:59:00")
    ]
    assert record.notices == ("deadline_zone_doubtful",)


@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_deadline_stays_unknown(value: str | None) -> None:
    record = to_record(hit(callDeadlineDate=value))
    assert (record.deadlines, record.no_deadline) == ((), "not stated")


@pytest.mark.parametrize("value", ["to be announced", "9999-12-31T00:00:00Z"])
def test_deadline_that_is_no_date_is_kept_in_its_words(value: str) -> None:
    record = to_record(hit(callDeadlineDate=value))
    assert [(deadline.day, deadline.prose) for deadline in record.deadlines] == [(None, value)]
    assert record.notices == ("deadline_unreadable",)


def test_countries_are_iso_codes_and_regions_are_nuts_codes() -> None:
    record = to_record(hit(callEligibleCountryNuts=["EL", "UK"], callEligibleRegionNuts=["EL30", "UKI"]))
    assert (record.countries, record.regions) == (("GR", "GB"), ("EL30", "UKI"))


def test_codes_of_no_known_form_are_left_out_aloud() -> None:
    record = to_record(hit(callEligibleCountryNuts=["Spain", "FR"], callEligibleRegionNuts=["ES51", "Alps"]))
    assert (record.countries, record.regions) == (("FR",), ("ES51",))
    assert record.notices == ("country_code_unknown", "region_code_unknown")


@pytest.mark.parametrize("value", [None, "", "see the programme's site"])
def test_page_of_the_site_stands_in_for_a_missing_one(value: str | None) -> None:
    record = to_record(hit(callExternalUrl=value, contentUrl="/calls-for-projects/test/"))
    assert record.page == "https://interreg.eu/calls-for-projects/test/"


@pytest.mark.parametrize("fields", [{"contentType": "newsPage"}, {"title": "", "nodeName": ""}])
def test_what_is_no_call_is_refused(fields: Record) -> None:
    with pytest.raises(ValueError, match=r"no call|titles"):
        to_record(hit(**fields))


def test_two_hits_share_an_address_and_are_two_calls() -> None:
    pages = [to_record(row).page for row in ROWS[:3]]
    assert len(set(pages)) == 2
    assert len({to_record(row).source_key for row in ROWS}) == len(ROWS)


def test_recorded_hits_are_calls_as_they_are(shared: Path) -> None:
    path = shared / "recordings/interreg_eu/calls.json"
    (result,) = json.loads(path.read_text(encoding="utf-8"))["results"]
    records = [to_record(row) for row in result["hits"]]
    assert len({record.source_key for record in records}) == len(result["hits"]) == result["nbHits"] == 3
    assert {record.notices for record in records} == {()}
    assert all("ES511" in record.regions and "ES" in record.countries for record in records)
    assert all("Local public authority" in record.applicants for record in records)


def test_replica_pages_and_counts() -> None:
    query = {"indexName": "prod_en-us_content", "hitsPerPage": 2, "page": 1, "filters": "callStatus:Open"}
    result = answer(ROWS, query)
    assert (len(result["hits"]), result["nbHits"], result["nbPages"]) == (2, 7, 4)


def test_dates_move_together() -> None:
    moved = shift_dates(ROWS, 7)
    assert moved[0]["callDeadlineDate"] == "2026-10-07T00:00:00Z"
    assert moved[0]["filterDate"] - ROWS[0]["filterDate"] == 7 * 86_400_000
    assert [row["title"] for row in moved] == [row["title"] for row in ROWS]
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
    assert app.state.requests[0].path == "/robots.txt"


def test_hits_of_more_than_one_page_are_all_read(database: Database) -> None:
    rows = [hit(objectID=f"TEST-{number}", title=f"TEST made-up call {number}") for number in range(620)]
    result = run(create_app(rows), database)
    assert (result.outcome, result.seen, result.declared, result.new) == ("ok", 620, 620, 620)


def test_without_keys_the_run_says_which_to_set(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(APP_ID, raising=False)
    monkeypatch.delenv(SEARCH_KEY, raising=False)
    # Away from this machine the keys are needed; without them not one request is made.
    monkeypatch.setenv("FUNDING_ADDRESS_INTERREG_EU", "https://interreg.invalid")
    settings = Settings(home=tmp_path, database_url=str(database.url))
    result = crawl("interreg_eu", settings, database, TODAY)
    assert (result.outcome, result.error, result.seen) == ("failed", "blocked", 0)
    assert APP_ID in result.detail
    assert SEARCH_KEY in result.detail


@pytest.mark.parametrize(
    ("response", "error", "said"),
    [
        (JSONResponse({"message": "made-up refusal"}, 403), "blocked", SEARCH_KEY),
        (HTMLResponse("<title>Sign in</title>"), "unreadable", "text/html"),
        (JSONResponse({"results": [{"hits": ASKED[:1], "nbHits": 9}]}), "incomplete", "of 9 rows"),
        (
            JSONResponse({"results": [{"hits": [hit(contentType="newsPage")], "nbHits": 1}]}),
            "unreadable",
            "ignored the filter",
        ),
    ],
    ids=["keys changed", "login page", "short", "filter ignored"],
)
def test_fault_is_told(database: Database, response: Response, error: str, said: str) -> None:
    result = run(faulty(response), database)
    assert (result.outcome, result.error) == ("partial" if error == "incomplete" else "failed", error)
    assert said in result.detail


def test_fault_changes_no_call(database: Database) -> None:
    run(create_app(ROWS), database)
    stored = contents(database)
    result = run(faulty(JSONResponse({"results": [{"hits": [], "nbHits": len(ASKED)}]})), database)
    assert (result.outcome, result.error) == ("failed", "incomplete")
    assert contents(database) == stored
