"""Calls as JSON, CSV and XLSX: the same calls in each, in order, and no cell that a spreadsheet would run."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from config.organisation import LANGUAGES, Language
from config.schema import Officer
from notifier.common_grants import write_json
from notifier.exports import in_cell, write_csv, write_workbook
from notifier.plain import plain
from notifier.scope import Scope, all_calls, calls_of_area, calls_of_officer
from notifier.words import words_in
from store.database import Database
from tests.unit.notifier.builders import (
    NOW,
    deadline,
    keys,
    match,
    matched,
    officer,
    organisation,
    record,
    same,
    store,
)
from tests.unit.notifier.wild import TITLES, everything, retitled, three_calls

LATER = NOW + timedelta(days=7)
RUN = set("=+-@\t\r\n＝＋－＠")


def table(database: Database, language: Language = "en") -> list[list[str]]:
    with everything(database) as (scope, whose):
        content = write_csv(scope, words_in(language), whose, NOW)
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))


def rows(database: Database, language: Language = "en") -> list[dict[str, str]]:
    head, *found = table(database, language)
    return [dict(zip(head, row, strict=True)) for row in found]


def page(database: Database, language: Language = "en") -> Worksheet:
    with everything(database) as (scope, whose):
        content = write_workbook(scope, words_in(language), whose, NOW)
    (sheet,) = load_workbook(io.BytesIO(content)).worksheets
    return sheet


def opportunities(database: Database, now: datetime = NOW) -> list[dict[str, Any]]:
    with everything(database, now) as (scope, whose):
        found: list[dict[str, Any]] = json.loads(write_json(scope, words_in("en"), whose, now))["items"]
    return found


@pytest.fixture
def calls(database: Database) -> Database:
    """One call of which all is known, one of which little is, and one that a rule excludes."""
    known = record(
        "TEST-1",
        titles={"en": "English title", "ca": "Títol català"},
        deadlines=(deadline("2026-03-20", 1), deadline("2026-09-20", 2, at=None)),
        deadline_model="two-stage",
        expected_grants=3,
        grant_min_cents=2_000_000_50,
        grant_max_cents=4_000_000_00,
        funding_rate=95,
        applicants=("Made-up cities",),
        published=date(2026, 1, 10),
    )
    matched(
        database,
        known,
        projects=[{"id": "test_project", "score": 1, "terms": []}],
        roles=[{"id": "partner", "terms": []}],
        areas=[{"id": "water", "score": 1.0, "terms": []}],
    )
    bare = record(
        "TEST-2", deadlines=(), no_deadline="not stated", budget_cents=None, opening=None, status="unknown"
    )
    copy = record("TEST-COPY", source="other", deadlines=(), no_deadline="not stated")
    store(database, bare, record("TEST-SMES"), copy)
    match(database, ("TEST-2", 1.0))
    match(database, ("TEST-SMES", 0.5), verdict="not_open", rule="smes")
    same(database, "TEST-2", "TEST-COPY")
    return database


def test_a_row_says_what_a_call_sheet_says_in_its_order(calls: Database) -> None:
    first = rows(calls)[0]
    assert list(first)[:13] == [
        "Rank",
        "Rank in own areas",
        "Title",
        "English title",
        "Identifier",
        "Link",
        "State",
        "Opening",
        "Deadline",
        "All deadlines",
        "Programme",
        "Type",
        "Budget",
    ]
    wanted = {
        "Rank": "1",
        "Opening": "2026-01-15",
        "Deadline": "2026-03-20",
        "Budget": "12000000",
        "Currency": "EUR",
        "Smallest grant": "2000000.5",
        "Funding rate (per cent)": "95",
        "Eligibility": "Open to us",
        "Role": "partner en",
        "Areas": "Water en",
        "Strategic lines": "Line en",
        "Related projects": "TESTPROJECT",
        "Why it is here": "Fits Water en. Ties in with TESTPROJECT; suggested role: partner en.",
        "Source": "Test portal",
        "Permanent id": "tag:example.org,2026:call/test_portal/TEST-1",
    }
    assert wanted.items() <= first.items()


def test_what_is_not_known_stays_empty_and_what_is_hidden_says_why(calls: Database) -> None:
    _, bare, hidden = rows(calls)
    for name in ("Opening", "Deadline", "Budget", "Currency", "Grants expected", "Role"):
        assert bare[name] == "", name
    assert bare["Also at"] == "other https://example.org/TEST-COPY"
    assert hidden["Rank"] == ""
    assert (hidden["Eligibility"], hidden["Reason"]) == ("Not open to us", "Only for SMEs en")


def test_a_workbook_knows_days_and_amounts(calls: Database) -> None:
    sheet = page(calls)
    head = [cell.value for cell in sheet[1]]
    first = dict(zip(head, sheet[2], strict=True))
    assert first["Deadline"].value == datetime(2026, 3, 20)  # noqa: DTZ001 - a cell has no zone
    assert first["Deadline"].number_format == "yyyy-mm-dd"
    assert (first["Budget"].value, first["Smallest grant"].value) == (12_000_000, 2_000_000.5)
    assert (first["Budget"].number_format, first["Smallest grant"].number_format) == ("#,##0", "#,##0.00")
    link = first["Link"].hyperlink
    assert link
    assert link.target == "https://example.org/TEST-1"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(4, len(head)).coordinate}"
    assert sheet.column_dimensions["C"].width > sheet.column_dimensions["A"].width


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_header_speaks_the_readers_language(calls: Database, language: Language) -> None:
    head = table(calls, language)[0]
    assert len(set(head)) == len(head)
    assert [cell.value for cell in page(calls, language)[1]] == head
    assert head[2] == {"ca": "Títol", "es": "Título", "en": "Title", "fr": "Titre"}[language]


def test_json_has_the_names_of_common_grants(calls: Database) -> None:
    first, bare, hidden = opportunities(calls)
    assert UUID(first["id"]).version == 5
    assert first["title"] == "English title"
    assert first["status"] == {"value": "open", "description": "Open"}
    assert first["funding"] == {
        "totalAmountAvailable": {"amount": "12000000.00", "currency": "EUR"},
        "minAwardAmount": {"amount": "2000000.50", "currency": "EUR"},
        "maxAwardAmount": {"amount": "4000000.00", "currency": "EUR"},
        "estimatedAwardCount": 3,
    }
    dates = first["keyDates"]
    assert dates["postDate"] == {"name": "Published", "eventType": "singleDate", "date": "2026-01-10"}
    assert (dates["closeDate"]["date"], dates["closeDate"]["time"]) == ("2026-03-20", "17:00:00")
    assert dates["otherDates"].keys() == {"opening", "deadline1", "deadline2"}
    assert "time" not in dates["otherDates"]["deadline2"]
    assert first["acceptedApplicantTypes"] == [{"value": "custom", "customValue": "Made-up cities"}]
    assert first["source"] == "https://example.org/TEST-1"
    assert first["customFields"]["verdict"] == {"name": "verdict", "fieldType": "string", "value": "open"}
    assert bare["status"] == {
        "value": "custom",
        "customValue": "unknown",
        "description": "State unknown",
    }
    assert "funding" not in bare
    assert hidden["customFields"]["verdict"]["value"] == "not_open"
    for one in (first, bare, hidden):
        required = {"id", "title", "status", "description", "createdAt", "lastModifiedAt"}
        assert required <= one.keys()
        for name, field in one["customFields"].items():
            kinds: dict[str, type | tuple[type, ...]] = {
                "string": str,
                "number": (int, float),
                "array": list,
                "object": dict,
            }
            assert field["name"] == name
            assert isinstance(field["value"], kinds[field["fieldType"]])


def test_ids_stay_while_a_call_changes(calls: Database) -> None:
    before = opportunities(calls)[0]
    store(calls, record("TEST-1", "2026-07-01"), now=LATER)
    after = opportunities(calls, LATER)[0]
    assert after["id"] == before["id"]
    assert (before["lastModifiedAt"], after["lastModifiedAt"]) == (
        "2026-03-02T06:00:00Z",
        "2026-03-09T06:00:00Z",
    )


@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000, "x" + "😀" * 20_000])
def test_a_cell_is_cut_where_excel_would(text: str) -> None:
    cut = in_cell(text)
    assert 32_765 <= len(cut.encode("utf-16-le")) / 2 <= 32_767
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])


def test_a_text_as_long_as_a_cell_stays_whole() -> None:
    assert in_cell("x" * 32_767) == "x" * 32_767


def scope_of(database: Database, who: Officer | str = "") -> Scope:
    whose = organisation()
    with database.reading() as session:
        if isinstance(who, Officer):
            return calls_of_officer(session, whose, who, NOW)
        return calls_of_area(session, whose, whose.area(who), NOW) if who else all_calls(session, whose, NOW)


def test_all_are_the_live_calls_by_rank_each_by_itself(calls: Database) -> None:
    matched(calls, record("TEST-PAST", "2026-02-01"))
    scope = scope_of(calls)
    assert keys(scope.calls) == ["TEST-1", "TEST-2", "TEST-SMES"]
    assert keys(scope.hidden) == ["TEST-SMES"]


def test_an_area_has_the_calls_that_touch_it(calls: Database) -> None:
    scope = scope_of(calls, "mobility")
    assert (keys(scope.items), keys(scope.hidden)) == (["TEST-2"], ["TEST-SMES"])
    assert scope.title(words_in("en")) == "Funding calls: Mobility en"


def test_an_officer_has_what_their_digest_may_tell_of_in_their_own_order(calls: Database) -> None:
    store(calls, record("TEST-3"), record("TEST-4"))
    match(calls, ("TEST-3", 0.9), areas=[{"id": "mobility", "score": 90.0, "terms": []}])
    match(calls, ("TEST-4", 0.8), percentile=20.0)
    scope = scope_of(calls, officer(areas=["mobility"]))
    assert keys(scope.items) == ["TEST-3", "TEST-2"]
    assert [item.own_rank for item in scope.items] == [1, 2]
    assert scope.hidden == ()
    assert keys(scope_of(calls, officer(areas=["mobility"], minimum=10)).items) == [
        "TEST-3",
        "TEST-2",
        "TEST-4",
    ]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    yield from three_calls(tmp_path_factory.mktemp("exports"))


@settings(max_examples=30)
@given(titles=st.lists(TITLES, min_size=3, max_size=3))
def test_no_title_breaks_a_format_or_starts_a_formula(three: Database, titles: list[str]) -> None:
    kept = retitled(three, titles)
    assert [one["title"] for one in opportunities(three)] == kept

    head, *found = table(three)
    assert len(found) == len(kept)
    for row, title in zip(found, kept, strict=True):
        assert len(row) == len(head)
        assert not any(cell and cell[0] in RUN for cell in row)
        assert row[2] in (plain(title).strip(), f"'{plain(title).strip()}")

    sheet = page(three)
    assert sheet.max_row == 1 + len(kept)
    for number, title in enumerate(kept, start=2):
        assert {cell.data_type for cell in sheet[number] if cell.value is not None} <= {"s", "n", "d"}
        cell = sheet.cell(number, 3)
        assert cell.value is None or cell.data_type == "s"
        assert (cell.value or "") == plain(title).strip()
