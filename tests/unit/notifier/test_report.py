"""The report: what its tables say, its page and its workbook."""

import io
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from config.errors import ConfigurationError
from config.organisation import LANGUAGES, Language
from notifier.figure_events import Period, PeriodError
from notifier.figure_tables import SMALLEST_BASE, Table, tables_of
from notifier.report import fault_said, render_report, write_report, write_workbook
from notifier.words import words_in
from store.database import Database
from tests.unit.notifier.builders import NOW, match, matched, organisation, record
from tests.unit.notifier.counting import YEAR, counted, decided, staged, told
from tests.unit.notifier.wild import HOSTILE

HOSTILE_TITLES = [title for title in HOSTILE if title.isprintable()]


def tables(database: Database, language: Language = "en", period: Period = YEAR) -> dict[str, Table]:
    found = tables_of(counted(database, period), words_in(language), organisation())
    return {table.key: table for table in found}


def workbook(database: Database, language: Language = "en") -> Workbook:
    content = write_workbook(counted(database), words_in(language), organisation(), NOW)
    return load_workbook(io.BytesIO(content))


@pytest.fixture
def some(database: Database) -> Database:
    """Two calls seen, of which one was submitted in euros and won, the other in dollars."""
    matched(database, record("TEST-0", programme="Alpha"), record("TEST-1", programme="=Beta"))
    told(database, "2026-02-01", "TEST-0", "TEST-1")
    decided(database, "2026-02-02", "TEST-0")
    decided(database, "2026-02-02", "TEST-1", "not_relevant", "too_small", officer="water")
    staged(database, "2026-02-03", "TEST-0", "submitted", cents=1_234_567_89)
    staged(database, "2026-02-03", "TEST-0", "awarded", cents=1_000_000_00)
    staged(database, "2026-02-03", "TEST-1", "submitted", cents=500_00, currency="USD")
    return database


def test_what_there_is_nothing_of_has_no_table(database: Database) -> None:
    assert tables(database) == {}
    matched(database, record("TEST-0"), verdict="not_open", rule="smes")
    assert list(tables(database)) == ["hidden"]
    assert tables(database)["hidden"].rows == (("Only for SMEs en", 1, 0),)


def test_small_numbers_have_no_shares(some: Database) -> None:
    found = tables(some)
    assert [row[2] for row in found["funnel"].rows] == [None] * 5
    assert not any("Share" in column.label for column in found["source"].columns)


def test_shares_stand_beside_their_base(database: Database) -> None:
    keys = [f"TEST-{number}" for number in range(SMALLEST_BASE)]
    matched(database, *(record(key, source=f"portal_{key[-1]}") for key in keys))
    told(database, "2026-02-01", *keys)
    decided(database, "2026-02-02", "TEST-0")
    found = tables(database)
    assert found["funnel"].rows[:2] == (("Seen", 20, None), ("Relevant", 1, 5))
    source = found["source"]
    assert [column.label for column in source.columns][-1] == "Share: Seen"
    assert source.total[-1] == 100
    assert source.rows[0] == ("portal_0", 2, 1, 0, 0, 0, 10)


def test_currencies_have_columns_of_their_own(some: Database) -> None:
    amounts = tables(some)["amounts"]
    assert [column.label for column in amounts.columns] == ["What", "EUR", "USD"]
    assert amounts.rows == (("Asked for", 1_234_567_89, 500_00), ("Won", 1_000_000_00, None))
    assert amounts.columns[1].said(words_in("en"), 1_000_000_00) == "€1M"
    assert amounts.columns[2].said(words_in("en"), None) == "–"


def test_where_a_call_counts_several_times_it_is_said(some: Database) -> None:
    found = tables(some)
    for key in ("area", "programme"):
        assert "call" in found[key].notes[0]
        assert found[key].total[0] == "All calls, each counted once"


def test_a_year_alone_has_no_table_of_years(some: Database) -> None:
    assert "year" not in tables(some)
    staged(some, "2025-02-03", "TEST-1", "seen")
    assert "year" in tables(some, period=Period(date(2025, 1, 1), date(2026, 12, 31)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_each_number_in_a_table_and_needs_nothing_else(
    some: Database, language: Language
) -> None:
    html = render_report(counted(some), words_in(language), organisation(), NOW)
    assert html.count("<table") == html.count("<caption") == len(tables(some, language))
    assert "<script" not in html
    assert " src=" not in html
    assert "<link" not in html
    levels = [int(part[0]) for part in html.split("<h")[1:] if part[0].isdigit()]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_hostile_programmes_are_text(database: Database) -> None:
    records = [record(f"TEST-{number}", programme=title) for number, title in enumerate(HOSTILE_TITLES)]
    matched(database, *records)
    told(database, "2026-02-01", *(one.source_key for one in records))
    html = render_report(counted(database), words_in("en"), organisation(), NOW)
    assert "<script" not in html
    sheet = workbook(database)["By programme"]
    kept = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert "=cmd|' /C calc'!A1" in kept
    assert all(row[0].data_type in ("s", "inlineStr") for row in sheet.iter_rows(min_row=2))


def test_the_workbook_has_a_sheet_a_table_with_numbers(some: Database) -> None:
    book = workbook(some)
    assert book.sheetnames[0] == "What is counted"
    assert book.sheetnames[1:] == [table.title for table in tables(some).values()]
    assert all(sheet.freeze_panes == "A2" for sheet in book.worksheets)
    amounts = [[cell.value for cell in row] for row in book["Asked for and won"].rows]
    assert amounts == [["What", "EUR", "USD"], ["Asked for", 1_234_567.89, 500], ["Won", 1_000_000, None]]
    programmes = {row[0].value: row[1].value for row in book["By programme"].iter_rows(min_row=2)}
    assert programmes == {"Alpha": 1, "=Beta": 1, "All calls, each counted once": 2}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_have_names_that_excel_takes(some: Database, language: Language) -> None:
    match(some, ("TEST-0", 1.0), organisation="other")
    names = workbook(some, language).sheetnames
    assert len(names) == len({name.lower() for name in names})
    assert all(0 < len(name) <= 31 for name in names)


def test_both_files_say_what_will_stand_there(database: Database, tmp_path: Path) -> None:
    page, book = write_report(counted(database), words_in("en"), organisation(), NOW, tmp_path / "out")
    assert page.name == "figures-2026-01-01-2026-12-31.html"
    assert "What will stand here" in page.read_text(encoding="utf-8")
    assert load_workbook(book).sheetnames == ["What is counted"]


def test_a_workbook_that_is_open_elsewhere_is_left_alone(database: Database, tmp_path: Path) -> None:
    (tmp_path / "~$figures-2026-01-01-2026-12-31.xlsx").touch()
    with pytest.raises(ConfigurationError, match="open in another program"):
        write_report(counted(database), words_in("en"), organisation(), NOW, tmp_path)
    assert not (tmp_path / "figures-2026-01-01-2026-12-31.html").exists()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("day", "L’une des dates n’existe pas ou n’est pas écrite comme 2026-08-22."),
        ("order", "La période se termine avant d’avoir commencé."),
        ("bounds", "La période doit se situer entre le 1er janvier 2000 et le 31 décembre 2026."),
    ],
)
def test_what_is_wrong_with_a_period(fault: str, said: str) -> None:
    assert fault_said(words_in("fr"), PeriodError(fault), NOW) == said
