"""What the register's rows become, field by field beside what is on disk; its traps; crawls of its replica.

A change that is meant: `REWRITE_EXPECTED=1 python -m pytest tests/sources/bdns` writes expected.json anew.
"""

import json
import os
from copy import deepcopy
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from crawler.parsers.bdns import is_call, to_record
from crawler.replicas.bdns import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.spiders.bdns import Bdns
from store.database import Database
from store.records import CallRecord, Status
from tests.journeys.crawling import contents
from tests.sources.bdns.portals import Asked, Broken, keep, run

EXPECTED = Path(__file__).with_name("expected.json")
TODAY = date(2026, 8, 1)
"""Within sixty days before it nine of the sample's rows were registered: one no call, one of another region."""
CHOSEN = (
    "811428",  # opening in prose, two languages
    "873847",  # deadline in prose
    "876660",  # Next Generation EU, hour in prose
    "896067",  # a fund, nineteen regions, deadline with a day in prose
    "912921",  # open, whatever the flag says
    "914337",  # forthcoming, date and prose
    "TEST-2",  # flagged open, closed by its dates
    "TEST-3",  # no deadline at all
)
SEARCH = "/bdnstrans/api/convocatorias/busqueda"
DETAIL = "/bdnstrans/api/convocatorias"
LOGIN = HTMLResponse("<!doctype html><title>Sign in</title>")


@pytest.fixture(scope="module")
def rows() -> list[Record]:
    return load_records(RECORDS / "bdns.jsonl")


@pytest.fixture
def details(rows: list[Record]) -> dict[str, Record]:
    return {row["detall"]["codigoBDNS"]: deepcopy(row["detall"]) for row in rows}


@pytest.fixture(scope="module")
def found(rows: list[Record]) -> dict[str, dict[str, Any]]:
    calls = [to_record(row["detall"], TODAY) for row in rows if is_call(row["detall"])]
    records = {record.source_key: record.facts() for record in calls}
    chosen = {key: records[key] for key in CHOSEN}
    if os.environ.get("REWRITE_EXPECTED"):
        EXPECTED.write_text(json.dumps(chosen, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return chosen


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(found: dict[str, dict[str, Any]], field: str) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert {key: facts.get(field) for key, facts in found.items()} == {
        key: facts.get(field) for key, facts in expected.items()
    }


def test_instrumental_grant_is_no_call(details: dict[str, Record]) -> None:
    with pytest.raises(ValueError, match="no call"):
        to_record(details["849040"])


def test_prose_names_a_day_and_stays_prose(details: dict[str, Record]) -> None:
    details["TEST-5"]["fechaFinSolicitud"] = None
    details["TEST-5"]["textFin"] = "hasta las 15:00 horas del día 10 de junio de 2026"
    record = to_record(details["TEST-5"], TODAY)
    (deadline,) = record.deadlines
    assert (deadline.day, deadline.at, deadline.prose) == (None, None, details["TEST-5"]["textFin"])
    assert "deadline_in_prose" in record.notices


def test_null_is_not_no_deadline(details: dict[str, Record]) -> None:
    record = to_record(details["TEST-3"], TODAY)
    assert (record.deadlines, record.no_deadline, record.status) == ((), "not stated", Status.UNKNOWN)


def test_hour_of_the_canaries_is_the_same_instant(details: dict[str, Record]) -> None:
    (deadline,) = to_record(details["877869"], TODAY).deadlines
    assert (deadline.day, deadline.at, deadline.zone) == (date(2026, 2, 26), time(14), "Europe/Madrid")


@pytest.mark.parametrize(
    ("prose", "at"),
    [
        ("hasta las 14:00 horas o las 15:00 horas", None),
        ("hasta las 24:00 horas", None),
        ("30 días", None),
        ("a las 9.30 h", time(9, 30)),
    ],
)
def test_hour_only_when_it_is_one(details: dict[str, Record], prose: str, at: time | None) -> None:
    (deadline,) = to_record(details["TEST-5"] | {"textFin": prose}, TODAY).deadlines
    assert (deadline.at, deadline.prose) == (at, prose)


@pytest.mark.parametrize(
    ("key", "status", "flagged"),
    [("912921", Status.OPEN, True), ("TEST-2", Status.CLOSED, True), ("914337", Status.FORTHCOMING, False)],
)
def test_flag_and_dates_disagree(details: dict[str, Record], key: str, status: Status, flagged: bool) -> None:
    record = to_record(details[key], TODAY)
    assert (record.status, "open_flag_contradicts_dates" in record.notices) == (status, flagged)


@pytest.mark.parametrize(
    ("stated", "cents", "notices"),
    [
        (0, None, []),
        (None, None, []),
        (94573659.55, 94_573_659_55, []),
        (1234.1, 1_234_10, []),
        (-5, None, ["budget_unreadable"]),
        (True, None, ["budget_unreadable"]),
        ("viele", None, ["budget_unreadable"]),
    ],
)
def test_budget(details: dict[str, Record], stated: Any, cents: int | None, notices: list[str]) -> None:
    record = to_record(details["TEST-3"] | {"presupuestoTotal": stated}, TODAY)
    assert record.budget_cents == cents
    assert [notice for notice in record.notices if "budget" in notice] == notices


def test_unreadable_deadline_is_kept_word_for_word(details: dict[str, Record]) -> None:
    record = to_record(details["TEST-5"] | {"fechaFinSolicitud": "31/12/2026", "textFin": None}, TODAY)
    assert (record.deadlines[0].day, record.deadlines[0].prose) == (None, "31/12/2026")
    assert "deadline_unreadable" in record.notices


def test_address_that_is_prose_is_a_condition_and_no_document(details: dict[str, Record]) -> None:
    record = to_record(details["TEST-3"], TODAY)
    assert details["TEST-3"]["urlBasesReguladoras"] in record.conditions["es"]
    assert [document.address for document in record.documents] == ["https://example.org/sede"]


def test_every_recorded_row_is_a_call_or_none(shared: Path) -> None:
    names = ("calls_2025_2026.json", "calls_january_2025.json")
    folder = shared / "recordings/bdns"
    rows = [
        row["detall"]
        for name in names
        for row in json.loads((folder / name).read_text(encoding="utf-8"))["convocatories"]
    ]
    calls = {to_record(row, TODAY).source_key for row in rows if is_call(row)}
    none = [row for row in rows if not is_call(row)]
    assert (len(rows), len(calls), len(none)) == (45, 39, 6)


def test_windows_cover_the_span_without_a_gap() -> None:
    windows = Bdns(today="2026-08-01").queries()
    days = [day.toordinal() for window in windows for day in window]
    assert (windows[0][1], windows[-1][0]) == (TODAY, date(2026, 6, 2))
    assert all(days[at] - days[at + 3] == 1 for at in range(0, len(days) - 2, 2))
    assert all(last - first <= 6 for first, last in zip(days[::2], days[1::2], strict=True))


def test_span_and_regions_can_be_set() -> None:
    spider = Bdns(today="2026-08-01", span="6", regions="1")
    (window,) = spider.queries()
    address = spider.page_request(window, 2).url
    assert "fechaDesde=26%2F07%2F2026&fechaHasta=01%2F08%2F2026" in address
    assert "page=2&" in address
    assert "regiones=1&" in address


def test_shifted_records_keep_formats(rows: list[Record]) -> None:
    shifted = {row["detall"]["codigoBDNS"]: row for row in shift_dates(rows, 7)}
    detail = shifted["914337"]["detall"]
    assert (detail["fechaInicioSolicitud"], detail["fechaFinSolicitud"]) == ("2026-09-23", "2026-10-22")
    assert shifted["914337"]["busqueda"]["fechaRecepcion"] == "2026-06-26"


def test_crawl_and_crawl_again(rows: list[Record], database: Database) -> None:
    app = create_app(rows)
    first = run("bdns", app, database, TODAY)
    assert (first.outcome, first.detail) == ("ok", "")
    assert (first.seen, first.declared, first.new, first.quarantined) == (8, 8, 7, 0)
    before = contents(database)
    second = run("bdns", app, database, TODAY)
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, 8)
    assert contents(database) == before
    asked = [seen.query["numConv"] for seen in app.state.requests if seen.path == DETAIL]
    assert len(asked) == len(set(asked)) == 8  # no page of details again, as long as its row is as it was
    assert app.state.requests[0].path == "/robots.txt"


def anything(path: str, _: Any) -> bool:
    return path != "/robots.txt"


def search_page(path: str, query: Any) -> bool:
    return path == SEARCH and query["fechaHasta"] == "27/06/2026"


def one_detail(path: str, query: Any) -> bool:
    return path == DETAIL and query["numConv"] == "912921"


def any_detail(path: str, _: Any) -> bool:
    return path == DETAIL


EARLIER = {"codigoBDNS": "TEST-0", "tipoConvocatoria": "Concurrencia competitiva - canónica"}
"""A call that an earlier crawl stored."""
ALIEN = {"numeroConvocatoria": "TEST-9", "fechaRecepcion": "2019-01-01"}


@pytest.mark.parametrize(
    ("asked", "answer", "outcome", "error", "new"),
    [
        pytest.param(anything, Response(status_code=500), "failed", "unavailable", 0, id="is down"),
        pytest.param(anything, LOGIN, "failed", "unreadable", 0, id="answers a page to all"),
        pytest.param(
            anything,
            JSONResponse({"content": [ALIEN], "totalElements": 1}),
            "failed",
            "unreadable",
            0,
            id="ignores the window",
        ),
        pytest.param(any_detail, LOGIN, "failed", "unreadable", 0, id="has no details"),
        pytest.param(one_detail, LOGIN, "partial", "unreadable", 6, id="has one detail less"),
        pytest.param(
            search_page,
            JSONResponse({"content": [], "totalElements": 3}),
            "partial",
            "incomplete",
            7,
            id="answers an empty page",
        ),
    ],
)
def test_fault(
    rows: list[Record],
    database: Database,
    asked: Asked,
    answer: Response,
    outcome: str,
    error: str,
    new: int,
) -> None:
    before = keep(database, [to_record(rows[0]["detall"] | EARLIER)], TODAY)
    result = run("bdns", Broken(create_app(rows), asked, answer), database, TODAY)
    assert (result.outcome, result.error, result.new) == (outcome, error, new)
    after = contents(database)
    assert all(row in after[table] for table, rows in before.items() for row in rows)
    assert len(after["call"]) == len(before["call"]) + new
