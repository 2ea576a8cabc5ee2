"""The figures as files: one HTML page that needs nothing else, and a workbook."""

import io
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from config.clock import local_day
from config.organisation import Organisation
from config.tables import TEXT_FORMAT, refuse_open_elsewhere
from notifier.exports import FORMULA, in_cell
from notifier.figure_events import EARLIEST, Period, PeriodError, latest
from notifier.figure_tables import Column, Kind, Table, Value, tables_of
from notifier.figures import Figures
from notifier.files import write_whole
from notifier.templating import templates
from notifier.words import Words

LONGEST_SHEET_NAME = 31
NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
WORDY, NARROW = 60, 16
"""Widths of columns, in characters."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def write_report(
    figures: Figures, words: Words, organisation: Organisation, now: datetime, folder: Path
) -> tuple[Path, Path]:
    """Write both files to `folder` and return their paths.

    Raises OSError, and config.errors.ConfigurationError while the workbook is open in another program.
    """
    page, book = (folder / file_name(figures.period, ending) for ending in ("html", "xlsx"))
    refuse_open_elsewhere(book)
    write_whole(page, render_report(figures, words, organisation, now).encode("utf-8", "replace"))
    write_whole(book, write_workbook(figures, words, organisation, now))
    return page, book


def file_name(period: Period, ending: str) -> str:
    """`figures-2026-01-01-2026-12-31.xlsx`"""
    return f"figures-{period.first}-{period.last}.{ending}"


def render_report(figures: Figures, words: Words, organisation: Organisation, now: datetime) -> str:
    """The page; nothing is loaded from anywhere and no script runs."""
    return (
        templates(words.language)
        .get_template("report.html.j2")
        .render(
            words=words,
            organisation=organisation,
            period=period_said(words, figures.period),
            written=words.full_date(local_day(now)),
            empty=figures.empty,
            tables=tables_of(figures, words, organisation),
            definitions=definitions(words),
        )
    )


def write_workbook(figures: Figures, words: Words, organisation: Organisation, now: datetime) -> bytes:
    """XLSX: what is counted, then a sheet a table. Numbers are numbers; amounts are in whole units of the currency that
    the head of their column names; no text is a formula.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "funding-tracker"
    written = words.gettext("Written on %(day)s", day=words.full_date(local_day(now)))
    lines = (organisation.profile.name[words.language], written, *definitions(words))
    _write_sheet(
        book,
        words.gettext("What is counted"),
        [Column(period_said(words, figures.period), Kind.TEXT)],
        [(line,) for line in lines],
    )
    for table in tables_of(figures, words, organisation):
        _write_sheet(book, table.title, table.columns, _rows(table))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def period_said(words: Words, period: Period) -> str:
    return words.smooth(
        words.gettext(
            "From %(first)s to %(last)s",
            first=words.full_date(period.first),
            last=words.full_date(period.last),
        )
    )


def fault_said(words: Words, error: PeriodError, now: datetime) -> str:
    """What is wrong with a period, in a sentence."""
    match error.fault:
        case "day":
            return words.gettext("One of the days does not exist, or is not written like 2026-08-22.")
        case "order":
            return words.gettext("The period ends before it begins.")
    return words.smooth(
        words.gettext(
            "A period lies between %(first)s and %(last)s.",
            first=words.full_date(EARLIEST),
            last=words.full_date(latest(local_day(now))),
        )
    )


def definitions(words: Words) -> tuple[str, ...]:
    """What is counted, in sentences."""
    _ = words.gettext
    return (
        _(
            "A call counts when something happened to it in the period: it stood in a digest that went out, or somebody "
            "worked on it, decided on it or noted how far it has got."
        ),
        _("It counts in the line of the furthest step that it took in the period, and in all lines before."),
        _(
            "Relevant: at least one officer finds it so. Shortlisted: in preparation too. Submitted: those rejected later too."
        ),
        _("What was taken back does not count; of each officer the last decision on a call does."),
        _("A call that several sources state is one call. Days are those of Madrid."),
    )


def _rows(table: Table) -> Iterable[tuple[Value, ...]]:
    return (*table.rows, table.total) if table.total else table.rows


def _write_sheet(
    book: Workbook, title: str, columns: Iterable[Column], rows: Iterable[tuple[Value, ...]]
) -> None:
    columns = list(columns)
    page: Any = book.create_sheet(NOT_IN_SHEET_NAMES.sub(" ", title)[:LONGEST_SHEET_NAME])
    page.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = (
            WORDY if column.kind is Kind.TEXT else NARROW
        )
    page.append([_cell(page, Column("", Kind.TEXT), column.label, bold=True) for column in columns])
    for row in rows:
        page.append([_cell(page, *pair) for pair in zip(columns, row, strict=True)])


def _cell(page: Any, column: Column, value: Value, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(page)
    cell.alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    cell.font = Font(bold=bold)
    if isinstance(value, str):
        cell.value = in_cell(value)
        cell.data_type = "s"
        if FORMULA.match(value):
            cell.number_format = TEXT_FORMAT
    elif value is not None:
        cell.value, cell.number_format = _number(column.kind, value)
    return cell


def _number(kind: Kind, value: float) -> tuple[float, str]:
    """The value as a spreadsheet has it, and the format that shows it."""
    match kind:
        case Kind.SHARE:
            return value / 100, "0%"
        case Kind.MONEY:
            return value / 100, "#,##0.00"
    return value, "#,##0" if isinstance(value, int) or value.is_integer() else "#,##0.0"
