"""What made-up rows become, field by field beside what is on disk; crawls of the replica. No answer was recorded.

A change that is meant: `REWRITE_EXPECTED=1 python -m pytest tests/sources/cido` writes expected.json anew.
"""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from crawler.parsers.cido import source_key, to_record
from crawler.replicas.cido import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from store.database import Database
from store.records import CallRecord, Status
from tests.journeys.crawling import contents
from tests.sources.bdns.portals import Asked, Broken, keep, run

EXPECTED = Path(__file__).with_name("expected.json")
TODAY = date(2026, 8, 22)


@pytest.fixture(scope="module")
def rows() -> list[Record]:
    return load_records(RECORDS / "cido.jsonl")


@pytest.fixture(scope="module")
def found(rows: list[Record]) -> dict[str, dict[str, Any]]:
    records = {source_key(row): to_record(row).facts() for row in rows}
    if os.environ.get("REWRITE_EXPECTED"):
        EXPECTED.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return records


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(found: dict[str, dict[str, Any]], field: str) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert {key: facts.get(field) for key, facts in found.items()} == {
        key: facts.get(field) for key, facts in expected.items()
    }


def test_no_deadline_has_a_reason(rows: list[Record]) -> None:
    assert {to_record(row).no_deadline for row in rows} == {"not stated in the data set"}


@pytest.mark.parametrize("link", [None, {}, {"url": None}, "", "no address", ["https://example.org"]])
def test_row_without_a_link_is_no_call(rows: list[Record], link: Any) -> None:
    with pytest.raises(ValueError, match="no link"):
        to_record(rows[0] | {"enlla": link})


def test_link_may_be_text(rows: list[Record]) -> None:
    assert to_record(rows[0] | {"enlla": "https://example.org/1"}).page == "https://example.org/1"


def test_row_without_a_summary_is_no_call(rows: list[Record]) -> None:
    with pytest.raises(ValueError, match="titles"):
        to_record(rows[0] | {"resum": None})


def test_long_summary_is_cut_for_the_title_only(rows: list[Record]) -> None:
    record = to_record(rows[0] | {"resum": "paraula " * 500})
    assert len(record.titles["ca"]) < 2_001 < len(record.texts["ca"])


def test_other_status_is_unknown_and_said(rows: list[Record]) -> None:
    record = to_record(rows[0] | {"estat": "Una altra cosa"})
    assert (record.status, record.notices) == (Status.UNKNOWN, ("status_unknown",))


def test_unreadable_day_is_said(rows: list[Record]) -> None:
    record = to_record(rows[0] | {"data_pub": "ahir"})
    assert (record.published, record.notices) == (None, ("date_unreadable",))


def test_shifted_records_keep_formats(rows: list[Record]) -> None:
    moved = shift_dates(rows, 7)
    assert [moved[0]["data_pub"], moved[3]["data_pub"]] == ["2026-08-10T00:00:00.000", None]


def test_crawl_and_crawl_again(rows: list[Record], database: Database) -> None:
    app = create_app(rows)
    first = run("cido", app, database, TODAY)
    assert (first.outcome, first.detail) == ("ok", "")
    assert (first.seen, first.declared, first.new, first.quarantined) == (6, 6, 6, 0)
    before = contents(database)
    second = run("cido", app, database, TODAY)
    assert (second.outcome, second.new, second.changed) == ("ok", 0, 0)
    assert contents(database) == before


def any_rows(path: str, _: Any) -> bool:
    return path.startswith("/resource/")


def page(path: str, query: Any) -> bool:
    return any_rows(path, query) and "$select" not in query


CLOSED = {"resum": "Tancada", "enlla": {"url": "https://example.org/2"}, "estat": "Termini tancat"}


@pytest.mark.parametrize(
    ("asked", "answer", "error"),
    [
        pytest.param(any_rows, HTMLResponse("<h1>Sign in</h1>"), "unreadable", id="wants a login"),
        pytest.param(page, JSONResponse([CLOSED]), "unreadable", id="ignores the filter"),
        pytest.param(page, JSONResponse([{"titol": "x"}] * 5), "incomplete", id="has other columns"),
        pytest.param(any_rows, JSONResponse({"error": True}, 400), "unreadable", id="refuses the query"),
    ],
)
def test_fault(rows: list[Record], database: Database, asked: Asked, answer: Response, error: str) -> None:
    before = keep(database, [to_record(rows[0])], TODAY)
    result = run("cido", Broken(create_app(rows), asked, answer), database, TODAY)
    assert (result.outcome, result.error, result.new, result.changed) == ("failed", error, 0, 0)
    assert contents(database) == before
