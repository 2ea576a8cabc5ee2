"""What the register's rows become, field by field beside what is on disk; its traps; crawls of its replica.

A change that is meant: `REWRITE_EXPECTED=1 python -m pytest tests/sources/raisc` writes expected.json anew.
"""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from crawler.parsers.raisc import is_call, source_key, to_record
from crawler.replicas.raisc import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from store.database import Database
from store.records import CallRecord, Status
from tests.journeys.crawling import contents
from tests.sources.bdns.portals import Asked, Broken, keep, run

EXPECTED = Path(__file__).with_name("expected.json")
TODAY = date(2026, 8, 22)
RESOURCE = "/resource/khxn-nv6a.json"


@pytest.fixture(scope="module")
def rows() -> dict[str, Record]:
    return {source_key(row): row for row in load_records(RECORDS / "raisc.jsonl")}


@pytest.fixture(scope="module")
def found(rows: dict[str, Record]) -> dict[str, dict[str, Any]]:
    records = {key: to_record(row, TODAY).facts() for key, row in rows.items() if is_call(row)}
    if os.environ.get("REWRITE_EXPECTED"):
        EXPECTED.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return records


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(found: dict[str, dict[str, Any]], field: str) -> None:
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    assert {key: facts.get(field) for key, facts in found.items()} == {
        key: facts.get(field) for key, facts in expected.items()
    }


def test_direct_grant_is_no_call(rows: dict[str, Record]) -> None:
    with pytest.raises(ValueError, match="direct grant"):
        to_record(rows["JU-21-026"])


@pytest.mark.parametrize(
    ("key", "day", "prose", "notices"),
    [
        ("TEST-26-001", date(2026, 10, 30), "", ()),
        ("TEST-26-002", None, "01 Mesos", ("deadline_in_prose", "opening_in_prose")),
        ("TEST-26-003", date(2026, 11, 15), "", ()),
        ("TEST-26-004", date(2026, 11, 20), "15/11/2026", ("deadlines_disagree",)),
    ],
    ids=["date twice", "prose", "text alone", "dates that disagree"],
)
def test_deadline(
    rows: dict[str, Record], key: str, day: date | None, prose: str, notices: tuple[str, ...]
) -> None:
    record = to_record(rows[key])
    (deadline,) = record.deadlines
    assert (deadline.day, deadline.prose, deadline.zone) == (day, prose, "Europe/Madrid")
    assert record.notices == notices


def test_opening_in_prose_is_a_condition(rows: dict[str, Record]) -> None:
    record = to_record(rows["TEST-26-002"])
    assert record.opening is None
    assert rows["TEST-26-002"]["data_inici_presentaci_sol"] in record.conditions["ca"]


def test_number_in_bdns_is_an_identifier_of_the_same_form(rows: dict[str, Record]) -> None:
    assert "BDNS-652027" in to_record(rows["6800-22-027"]).identifiers


@pytest.mark.parametrize(
    ("stated", "cents", "unreadable"),
    [("26636.4", 26_636_40, False), ("0", None, False), ("molt", None, True), ("-1", None, True)],
)
def test_budget(rows: dict[str, Record], stated: str, cents: int | None, unreadable: bool) -> None:
    record = to_record(rows["TEST-26-001"] | {"import_total_convocat_ria": stated})
    assert (record.budget_cents, "budget_unreadable" in record.notices) == (cents, unreadable)


def recorded(shared: Path, name: str) -> list[Record]:
    folder = shared / "recordings/raisc"
    columns = json.loads((folder / "column_order.json").read_text(encoding="utf-8"))
    answer = json.loads((folder / name).read_text(encoding="utf-8"))
    return [dict(zip(columns, row, strict=False)) for row in answer["data"]]


def test_every_recorded_row_is_a_call_or_none(shared: Path) -> None:
    derived = shared / "recordings/raisc/rows_resource_form_derived.json"
    for answered in (recorded(shared, "rows_array_form.json"), json.loads(derived.read_text("utf-8"))):
        calls = [to_record(row).source_key for row in answered if is_call(row)]
        assert (len(answered), len(calls), len(set(calls))) == (7, 4, 4)


def test_moved_columns_make_no_call(shared: Path) -> None:
    first, second, *others = recorded(shared, "rows_shape_changed.json")
    for row in (first, second, others[1]):
        with pytest.raises(ValueError, match="have the columns moved"):
            to_record(row)
    assert [to_record(row).source_key for row in (others[0], others[2])] == ["AG-22-135", "7025-22-017"]


@pytest.mark.parametrize(
    ("key", "today", "status"),
    [
        ("TEST-26-001", date(2026, 7, 1), Status.FORTHCOMING),
        ("TEST-26-001", date(2026, 10, 30), Status.OPEN),
        ("TEST-26-001", date(2026, 10, 31), Status.CLOSED),
        ("TEST-26-002", date(2026, 10, 31), Status.UNKNOWN),
    ],
)
def test_dates_say_whether_it_is_open(rows: dict[str, Record], key: str, today: date, status: Status) -> None:
    assert to_record(rows[key], today).status == status


def test_shifted_records_keep_formats(rows: dict[str, Record]) -> None:
    (moved,) = shift_dates([rows["TEST-26-001"]], 364)
    assert moved["data_fi_presentaci_sol"] == "29/10/2027"
    assert moved["data_fi_termini_presentaci_sol_licitud"] == "2027-10-29T00:00:00"
    assert moved["any_de_la_convocat_ria"] == "2027"


def test_crawl_and_crawl_again(rows: dict[str, Record], database: Database) -> None:
    app = create_app([*rows.values()])
    first = run("raisc", app, database, TODAY)
    assert (first.outcome, first.detail) == ("ok", "")
    assert (first.seen, first.declared, first.new, first.quarantined) == (5, 5, 5, 0)
    before = contents(database)
    second = run("raisc", app, database, TODAY)
    assert (second.outcome, second.new, second.changed) == ("ok", 0, 0)
    assert contents(database) == before


def any_rows(path: str, _: Any) -> bool:
    return path == RESOURCE


def page(path: str, query: Any) -> bool:
    return path == RESOURCE and "$select" not in query


def count(path: str, query: Any) -> bool:
    return path == RESOURCE and "$select" in query


ALIEN = {"codi_raisc": "TEST-09-001", "tipus_de_convocat_ria_codi": "O", "any_de_la_convocat_ria": "2009"}
MOVED = {"codi_raisc": "O", "tipus_de_convocat_ria_codi": "Una entitat", "any_de_la_convocat_ria": "Un títol"}


@pytest.mark.parametrize(
    ("asked", "answer", "outcome", "error", "new"),
    [
        pytest.param(page, JSONResponse([ALIEN]), "failed", "unreadable", 0, id="ignores the filter"),
        pytest.param(page, JSONResponse([MOVED]), "failed", "incomplete", 0, id="moved its columns"),
        pytest.param(page, JSONResponse([]), "failed", "incomplete", 0, id="answers an empty page"),
        pytest.param(count, JSONResponse([{"count": "9"}]), "partial", "incomplete", 5, id="withholds rows"),
    ],
)
def test_fault(
    rows: dict[str, Record],
    database: Database,
    asked: Asked,
    answer: Response,
    outcome: str,
    error: str,
    new: int,
) -> None:
    before = keep(database, [to_record(rows["6800-22-027"])], TODAY)
    result = run("raisc", Broken(create_app([*rows.values()]), asked, answer), database, TODAY)
    assert (result.outcome, result.error, result.new) == (outcome, error, new)
    after = contents(database)
    assert all(row in after[table] for table, rows in before.items() for row in rows)
    assert len(after["call"]) == 1 + new
