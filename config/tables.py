"""Tables that people keep in a spreadsheet: CSV and XLSX files as rows of texts, and back."""

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import IllegalCharacterError, InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from config.errors import ConfigurationError

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

ENDINGS = (".csv", ".xlsx")
LARGEST = 60 * 1024 * 1024
"""Bytes of an unpacked workbook: ten times one of 5,000 projects. A larger one is no portfolio, or a zip bomb."""
LONGEST_CELL = 32_767
"""Characters that Excel keeps of a cell."""
FORMULA_STARTS = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet program may run as a formula, and the same behind quotes that guard it."""
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
DELIMITERS = ";,\t"
MOST_CELLS = 1_000_000
"""More have only sheets whose empty cells are formatted to the end."""
SHEET, CHOICES = "portfolio", "choices"
TEXT_FORMAT = "@"
"""Keeps a spreadsheet from taking `2024-05` or an agreement's number for something else."""
ROWS_AHEAD = 1_000
"""Rows below the last one that offer the choices too."""
WRAPPED = 30
"""Columns from this width on show long texts on several lines."""
UNREADABLE_WORKBOOK = (
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    SyntaxError,  # that of lxml and of the standard library for broken XML
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl raises on a file that is no workbook, or a damaged one."""


@dataclass(frozen=True)
class Column:
    """A column of a table: its name, how wide it is, and the values that it offers; others are refused if `strict`."""

    name: str
    width: int
    choices: tuple[str, ...] = ()
    strict: bool = False
    amounts: bool = False


@dataclass(frozen=True)
class Table:
    """`rows` are texts, the first row the header. `faults` says of cells (row, column; from 1) why they have none."""

    rows: list[list[str]]
    faults: dict[tuple[int, int], str] = field(default_factory=dict)


def place(row: int, column: int) -> str:
    """What spreadsheets call a cell: `B7`."""
    return f"{get_column_letter(column)}{row}"


def plain_number(value: float) -> str:
    """A number as text that reads as the same number: three decimals would read as thousands."""
    if value == int(value):
        return str(int(value))
    text = f"{value:.10f}".rstrip("0")
    return f"{text}0" if re.search(r"\.\d{3}$", text) else text


def read_table(path: Path) -> Table:
    """The table in a CSV or XLSX file, by its ending.

    Raises ConfigurationError, which says what is wrong with the file as a whole.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ConfigurationError(f"{path}: is neither .csv nor .xlsx")
    refuse_open_elsewhere(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such file") from None
    except IsADirectoryError:
        raise ConfigurationError(f"{path}: is a folder") from None
    except PermissionError:
        raise ConfigurationError(
            f"{path}: cannot be read: another program holds it, or you have no right to read it"
        ) from None
    if content.startswith(OLD_OFFICE):
        reason = (
            "is protected by a password; take it off and try again"
            if ENCRYPTED in content
            else "is a workbook of the old format; save it as .xlsx"
        )
        raise ConfigurationError(f"{path}: {reason}")
    if path.suffix.lower() == ".csv":
        return _read_csv(path, content)
    return _read_workbook(path, content)


def refuse_open_elsewhere(path: Path) -> None:
    """Raise ConfigurationError while a spreadsheet program has `path` open: what is not saved there would be lost."""
    for mark in (f".~lock.{path.name}#", f"~${path.name}"):  # LibreOffice's and Excel's own
        if (path.parent / mark).exists():
            raise ConfigurationError(
                f"{path}: is open in another program; save and close it there (if it is not: remove {mark} beside it)"
            )


def _read_csv(path: Path, content: bytes) -> Table:
    try:
        text = content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(
            f"{path}: is no UTF-8 text; in Excel, save it as “CSV UTF-8” or as .xlsx"
        ) from None
    delimiter, text = _delimiter(text)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return Table([[_text(cell) for cell in row] for row in rows])
    except csv.Error as error:
        raise ConfigurationError(f"{path}, line {rows.line_num}: cannot be read as CSV: {error}") from error


def _delimiter(text: str) -> tuple[str, str]:
    """What parts the cells, and the text behind a first line `sep=;`, by which Excel is told."""
    first, _, rest = text.partition("\n")
    if told := re.fullmatch(r"sep=(.)\r?", first):
        return told[1], rest
    return max(DELIMITERS, key=first.count), text


def _read_workbook(path: Path, content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        book = None if size > LARGEST else _open_workbook(content)
    except UNREADABLE_WORKBOOK as error:
        raise ConfigurationError(f"{path}: is no workbook that can be read, or a damaged one") from error
    if book is None:
        raise ConfigurationError(f"{path}: is too large: {size // 1024**2} MB unpacked")
    sheets = book.worksheets
    sheet = next((one for one in sheets if one.title.lower() == SHEET), sheets[0] if sheets else None)
    if sheet is None:
        raise ConfigurationError(f"{path}: holds no sheet with cells")
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        last = place(sheet.max_row, sheet.max_column)
        raise ConfigurationError(
            f"{path}: reaches to cell {last}; delete the empty rows and columns behind its last project"
        )
    return _table(sheet)


def _open_workbook(content: bytes) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what else a workbook holds and openpyxl leaves out
        return load_workbook(io.BytesIO(content))


def _table(sheet: "Worksheet") -> Table:
    faults: dict[tuple[int, int], str] = {}
    for area in sheet.merged_cells.ranges:
        faults[area.min_row, area.min_col] = f"{area.coord} are merged; every project needs cells of its own"
    rows = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        rows.append([_cell_text(cell) for cell in cells])
        faults |= {
            (number, cell.column): fault
            for cell in cells
            if cell.value is not None and (fault := _fault(cell))
        }
    return Table(rows, faults)


def _fault(cell: Any) -> str:
    if cell.data_type == "f":
        return "is a formula; put its value there"
    return f"is a fault of the spreadsheet: {cell.value}" if cell.data_type == "e" else ""


def _cell_text(cell: Any) -> str:
    value = cell.value
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return plain_number(value)
        case date():
            return _date_text(value, cell.number_format)
    return _text(str(value))


def _date_text(value: date, shown_as: str) -> str:
    """A date as exact as the cell shows it: of `2024-05`, spreadsheets make the first of May, shown without its day."""
    shown = re.sub(r'\[[^\]]*\]|"[^"]*"|\\.', "", shown_as).lower()
    day = value.date() if isinstance(value, datetime) else value
    if "d" in shown or not {"m", "y"} & set(shown):
        return day.isoformat()
    return f"{day:%Y-%m}" if "m" in shown else f"{day:%Y}"


def tidy(text: str) -> str:
    """A text as it comes out of a cell: spaces as one, lines kept."""
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).strip("\n")


def _text(cell: str) -> str:
    """What stands in a cell, without the quote that guards a formula."""
    text = tidy(cell)
    return text[1:] if text.startswith("'") and FORMULA_STARTS.match(text) else text


def _guarded(text: str) -> str:
    return f"'{text}" if FORMULA_STARTS.match(text) else text


def write_table(path: Path, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> bytes:
    """The content of a CSV or XLSX file, by the ending of `path`. Raises ConfigurationError."""
    if path.suffix.lower() == ".csv":
        return _write_csv(columns, rows)
    if path.suffix.lower() == ".xlsx":
        return _write_workbook(path, columns, rows)
    raise ConfigurationError(f"{path}: is neither .csv nor .xlsx")


def _write_csv(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";")  # what Excel expects where a comma parts the decimals
    writer.writerow([column.name for column in columns])
    writer.writerows([_guarded(text) for text in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _write_workbook(path: Path, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook()
    book.properties.creator = "funding-tracker"
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        if not column.amounts:
            sheet.column_dimensions[letter].number_format = TEXT_FORMAT
        sheet.cell(1, number, column.name).font = Font(bold=True)
    sheet.freeze_panes = "B2"
    for row, texts in enumerate(rows, start=2):
        for number, (column, text) in enumerate(zip(columns, texts, strict=True), start=1):
            if text:
                _write_cell(path, sheet, (row, number), column, text)
    sheet.auto_filter.ref = f"A1:{place(len(rows) + 1, len(columns))}"
    _offer_choices(book, sheet, columns, len(rows) + 1)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_cell(path: Path, sheet: "Worksheet", at: tuple[int, int], column: Column, text: str) -> None:
    if len(text) >= LONGEST_CELL:
        raise ConfigurationError(f"{path}, {place(*at)} ({column.name}): is longer than a cell may be")
    cell: Any = sheet.cell(*at)
    cell.alignment = Alignment(vertical="top", wrap_text=column.width >= WRAPPED)
    if column.amounts:
        cell.value, cell.number_format = float(text), "#,##0.00" if "." in text else "#,##0"
        return
    try:
        cell.value = _guarded(text)
    except IllegalCharacterError:
        raise ConfigurationError(f"{path}, {place(*at)} ({column.name}): holds a control character") from None
    cell.data_type, cell.number_format = "s", TEXT_FORMAT


def _offer_choices(book: Workbook, sheet: "Worksheet", columns: Sequence[Column], last: int) -> None:
    """Lists that cells can be filled from, kept on a sheet of their own: in the cell's rule only 255 characters fit."""
    lists: Any = book.create_sheet(CHOICES)
    for number, column in enumerate((one for one in columns if one.choices), start=1):
        letter = get_column_letter(number)
        lists.column_dimensions[letter].width = max(map(len, column.choices)) + 2
        lists.cell(1, number, column.name).font = Font(bold=True)
        for row, choice in enumerate(column.choices, start=2):
            lists.cell(row, number, choice)
        rule = DataValidation(
            type="list",
            formula1=f"={CHOICES}!${letter}$2:${letter}${len(column.choices) + 1}",
            allow_blank=True,
            showErrorMessage=column.strict,
            error=f"One of: {', '.join(column.choices)}" if column.strict else None,
        )
        filled = get_column_letter(columns.index(column) + 1)
        rule.add(f"{filled}2:{filled}{last + ROWS_AHEAD}")
        sheet.add_data_validation(rule)
