"""Calls as a table for spreadsheets, in the order in which officers know a call sheet (GAUE, Diputació de Barcelona)."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, NamedStyle
from openpyxl.utils import get_column_letter

from config.organisation import Organisation
from config.tables import LONGEST_CELL, TEXT_FORMAT, WRAPPED, place
from notifier.permanent import call_tag
from notifier.plain import plain
from notifier.scope import Scope
from notifier.sheet import Sheet, write_sheet
from notifier.words import Words

Value = str | int | float | date | None
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet program may run as a formula (OWASP, CSV injection), and the same behind quotes that guard it."""
CUT = "…"
LONGEST_LINK = 2_000
"""Characters of an address that a cell can lead to; Excel takes 2,079 and calls a file with a longer one damaged."""


@dataclass(frozen=True)
class Column:
    """A column: what stands at its head, how wide it is, what it says of a call, and whether it `leads` there."""

    label: str
    width: int
    value: Callable[[Sheet], Value]
    leads: bool = False


def write_csv(scope: Scope, words: Words, organisation: Organisation, now: datetime) -> bytes:
    """UTF-8 with a mark, parted by semicolons: what Excel expects where a comma parts the decimals.

    Dates are ISO 8601, amounts have a decimal point. A text that a program may run begins with an apostrophe.
    """
    columns = columns_of(words, organisation)
    file = io.StringIO(newline="")
    # With all texts in quotes, a program that expects commas makes no cells, hence no formulas, of what stands in them.
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([column.label for column in columns])
    for sheet in _sheets(scope, words, organisation, now):
        writer.writerow([_in_csv(column.value(sheet)) for column in columns])
    return file.getvalue().encode("utf-8-sig")


def write_workbook(scope: Scope, words: Words, organisation: Organisation, now: datetime) -> bytes:
    """XLSX with one sheet. Texts are stored as texts: none is a formula, whatever it begins with."""
    columns = columns_of(words, organisation)
    book = Workbook(write_only=True)
    book.properties.creator = "funding-tracker"
    for style in _styles():
        book.add_named_style(style)
    page: Any = book.create_sheet(words.gettext("Calls"))
    page.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.append([_head(page, number, column) for number, column in enumerate(columns, start=1)])
    row = 1
    for row, sheet in enumerate(_sheets(scope, words, organisation, now), start=2):
        cells = (
            _cell(page, (row, number), column, column.value(sheet))
            for number, column in enumerate(columns, 1)
        )
        page.append(list(cells))
    page.auto_filter.ref = f"A1:{place(row, len(columns))}"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def columns_of(words: Words, organisation: Organisation) -> tuple[Column, ...]:
    _ = words.gettext
    chained, projects = words.chained, partial(_projects, words, organisation)
    return (
        Column(_("Rank"), 8, lambda sheet: sheet.item.rank or None),
        Column(_("Rank in own areas"), 8, lambda sheet: sheet.item.own_rank or None),
        Column(_("Title"), 60, lambda sheet: sheet.title),
        Column(_("English title"), 40, lambda sheet: sheet.english_title),
        Column(_("Identifier"), 28, lambda sheet: sheet.identifier),
        Column(_("Link"), 28, lambda sheet: sheet.address, leads=True),
        Column(_("State"), 12, lambda sheet: sheet.state),
        Column(_("Opening"), 12, lambda sheet: sheet.item.call.opening),
        Column(_("Deadline"), 12, lambda sheet: sheet.item.deadline.day if sheet.item.deadline else None),
        Column(_("All deadlines"), 36, lambda sheet: chained(sheet.deadlines)),
        Column(_("Programme"), 24, lambda sheet: sheet.programme),
        Column(_("Type"), 24, lambda sheet: sheet.action),
        Column(_("Budget"), 16, lambda sheet: _units(sheet.item.call.budget_cents)),
        Column(_("Currency"), 9, lambda sheet: sheet.item.call.currency if _has_amounts(sheet) else ""),
        Column(_("Grants expected"), 9, lambda sheet: sheet.item.call.expected_grants),
        Column(_("Smallest grant"), 16, lambda sheet: _units(sheet.item.call.grant_min_cents)),
        Column(_("Largest grant"), 16, lambda sheet: _units(sheet.item.call.grant_max_cents)),
        Column(_("Funding rate (per cent)"), 9, _rate),
        Column(_("Conditions"), 40, lambda sheet: chained(sheet.conditions)),
        Column(_("Aims"), 60, lambda sheet: sheet.aims),
        Column(_("Eligibility"), 24, lambda sheet: sheet.verdict.text),
        Column(_("Reason"), 40, lambda sheet: sheet.eligibility),
        Column(_("Deciding words"), 40, lambda sheet: " ".join(sheet.evidence)),
        Column(_("Role"), 16, lambda sheet: sheet.role),
        Column(_("Partners named"), 28, lambda sheet: chained(sheet.tags.partners)),
        Column(_("Areas"), 36, lambda sheet: chained([area.name for area in sheet.areas])),
        Column(_("Strategic lines"), 36, lambda sheet: chained([line.name for line in sheet.tags.lines])),
        Column(_("Related projects"), 24, projects),
        Column(_("Why it is here"), 60, lambda sheet: sheet.why),
        Column(_("Source"), 24, lambda sheet: sheet.source.name),
        Column(_("Also at"), 40, lambda sheet: chained([f"{one.name} {one.address}" for one in sheet.also])),
        Column(_("Permanent id"), 40, lambda sheet: call_tag(organisation, sheet.item.call)),
    )  # fmt: skip


def _sheets(scope: Scope, words: Words, organisation: Organisation, now: datetime) -> Iterator[Sheet]:
    return (write_sheet(item, words, organisation, now) for item in scope.calls)


def _units(cents: int | None) -> int | float | None:
    """An amount in whole units of its currency, with decimals only where it has some."""
    if cents is None:
        return None
    return cents / 100 if cents % 100 else cents // 100


def _has_amounts(sheet: Sheet) -> bool:
    call = sheet.item.call
    return any(cents is not None for cents in (call.budget_cents, call.grant_min_cents, call.grant_max_cents))


def _rate(sheet: Sheet) -> int | None:
    """As the call or else its programme states it."""
    known = sheet.item.match.conditions.get("funding_rate")
    return sheet.item.call.funding_rate or (known["value"] if known else None)


def _projects(words: Words, organisation: Organisation, sheet: Sheet) -> str:
    names = {project.id: project.name[words.language] for project in organisation.projects}
    return words.chained([names.get(one["id"], one["id"]) for one in sheet.item.match.projects])


def in_cell(text: str, longest: int = LONGEST_CELL) -> str:
    """`text` as a cell holds it: cut with a mark where it is longer than Excel keeps, in its units of UTF-16."""
    kept = plain(text).strip()
    units = kept.encode("utf-16-le")
    if len(units) <= 2 * longest:
        return kept
    return units[: 2 * (longest - len(CUT))].decode("utf-16-le", errors="ignore") + CUT


def _in_csv(value: Value) -> Value:
    match value:
        case str():
            text = in_cell(value, LONGEST_CELL - 1)
            return f"'{text}" if FORMULA.match(text) else text
        case date():
            return value.isoformat()
    return value


def _styles() -> tuple[NamedStyle, ...]:
    """What cells look like: named, since openpyxl compares a style of its own of every cell with all others."""
    top, wrapped = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
    return (
        NamedStyle("head", font=Font(bold=True), alignment=wrapped),
        NamedStyle("short", alignment=top),
        NamedStyle("long", alignment=wrapped),
        # Without it, what looks like a formula would become one once somebody edits the cell.
        NamedStyle("guarded", alignment=wrapped, number_format=TEXT_FORMAT),
        NamedStyle("day", alignment=top, number_format="yyyy-mm-dd"),
        NamedStyle("whole", alignment=top, number_format="#,##0"),
        NamedStyle("decimal", alignment=top, number_format="#,##0.00"),
    )


def _head(page: Any, number: int, column: Column) -> Cell:
    cell = Cell(page, row=1, column=number, value=column.label)
    cell.style = "head"
    return cell


def _cell(page: Any, at: tuple[int, int], column: Column, value: Value) -> Cell | None:
    if value is None or value == "":
        return None
    cell = Cell(page, row=at[0], column=at[1])
    if isinstance(value, str):
        _write_text(cell, column, in_cell(value))
    else:
        cell.value = value
        cell.style = "day" if isinstance(value, date) else "whole" if isinstance(value, int) else "decimal"
    return cell


def _write_text(cell: Cell, column: Column, text: str) -> None:
    cell.value = text
    cell.data_type = "s"
    cell.style = "guarded" if FORMULA.match(text) else "long" if column.width >= WRAPPED else "short"
    if column.leads and len(text) <= LONGEST_LINK:
        cell.hyperlink = text
