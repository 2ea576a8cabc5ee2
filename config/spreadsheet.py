"""The portfolio as officers keep it: a row a project, every cell read and checked on its own."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any, get_args

from config.errors import ConfigurationError
from config.portfolio import Entry
from config.schema import LANGUAGES, Language, PolicyArea, Project
from config.tables import Column, Table, place, plain_number, tidy

KINDS: tuple[str, ...] = get_args(Project.model_fields["kind"].annotation)
NAMES = {f"name ({language})": language for language in LANGUAGES}
FIELDS = {
    "kind": "kind",
    "programme": "programme",
    "grant agreement": "grant_agreement",
    "start": "start",
    "end": "end",
    "role": "role",
    "budget (EUR)": "budget_eur",
    "grant (EUR)": "grant_eur",
    "own budget (EUR)": "own_budget_eur",
    "own grant (EUR)": "own_grant_eur",
    "areas": "areas",
    "summary": "summary",
    "partners": "partners",
    "sources": "sources",
}
"""The columns that are one field of `config.schema.Project` each."""
COLUMNS = ("id", "mark", "name", *NAMES, *FIELDS)
REQUIRED = ("id", "kind", "areas", "summary")
WIDTHS = {
    "id": 28,
    "name": 28,
    "programme": 28,
    "role": 28,
    "areas": 36,
    "summary": 70,
    "partners": 36,
    "sources": 48,
}
YEARS = range(1950, 2101)


def columns(areas: Sequence[PolicyArea], language: Language) -> list[Column]:
    """The columns in their order; areas are offered by their names in `language`."""
    offered = {"kind": KINDS, "areas": tuple(area.name[language] for area in areas)}
    return [
        Column(
            name,
            width=WIDTHS.get(name, 22 if name in NAMES else 15),
            choices=offered.get(name, ()),
            strict=name == "kind",
            amounts=name.endswith("(EUR)"),
        )
        for name in COLUMNS
    ]


def to_rows(entries: Iterable[Entry], areas: Sequence[PolicyArea], language: Language) -> list[list[str]]:
    """A row a project, in the order of `COLUMNS`."""
    return [
        [cells[name] for name in COLUMNS] for cells in (_cells(entry, areas, language) for entry in entries)
    ]


def _cells(entry: Entry, areas: Sequence[PolicyArea], language: Language) -> dict[str, str]:
    project, name = entry.project, entry.project.name
    area_names = {area.id: area.name[language] for area in areas}
    alike = len({name[one] for one in LANGUAGES}) == 1
    cells = {"id": project.id, "mark": entry.mark, "name": name.en if alike else ""}
    cells |= {column: "" if alike else name[one] for column, one in NAMES.items()}
    cells |= {column: _cell(getattr(project, attribute)) for column, attribute in FIELDS.items()}
    return cells | {"areas": _cell([area_names[area] for area in project.areas])}


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case float():
            return plain_number(value)
        case list() | tuple():
            return "; ".join(value)
    return str(value)


def from_rows(
    file: str, table: Table, known: Mapping[str, Entry], areas: Sequence[PolicyArea], language: Language
) -> list[Entry]:
    """The projects of a table in its order. What has no column stays as it is in `known`, by id.

    A cell that says what `known` says changes nothing, however it would be read otherwise. Raises ConfigurationError
    with a line for every cell that cannot be used, such as `portfolio.xlsx, B7 (start): …`.
    """
    reading = _Reading(file, table, known, areas, language)
    entries = reading.entries()
    if reading.problems:
        raise ConfigurationError("\n".join(text for _, text in sorted(reading.problems)))
    return entries


class _CellError(ValueError):
    """What is wrong with a cell: the end of a sentence that begins with the cell's place."""


@dataclass
class _Reading:
    """A table being read: `header` has the number of each column, `problems` lines with the row and column they are of."""

    file: str
    table: Table
    known: Mapping[str, Entry]
    areas: Sequence[PolicyArea]
    language: Language
    header: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[tuple[int, int], str]] = field(default_factory=list)

    def entries(self) -> list[Entry]:
        if not self._read_header():
            return []
        names = {number: name for name, number in self.header.items()}
        for (row, column), fault in self.table.faults.items():
            self._complain(row, names.get(column, ""), fault, column)
        parsers = _parsers(self.areas)
        rows: dict[str, int] = {}
        found = []
        for number, cells in enumerate(self.table.rows[1:], start=2):
            if not any(cells):
                continue
            texts = {name: "".join(cells[at - 1 : at]) for name, at in self.header.items()}
            key = texts["id"]
            if key and rows.setdefault(key, number) != number:
                self._complain(number, "id", f"`{key}` stands in row {rows[key]} already")
            found.append(self._entry(number, texts, parsers))
        if not found:
            self.problems.append(((2, 0), f"{self.file}: holds no project"))
        return [entry for entry in found if entry is not None]

    def _read_header(self) -> bool:
        """Whether the columns are there that a project must have."""
        for number, text in enumerate(self.table.rows[0] if self.table.rows else [], start=1):
            name = next((one for one in COLUMNS if one.lower() == text.lower()), None)
            filled = any("".join(row[number - 1 : number]) for row in self.table.rows)
            if name is None and filled:
                self._complain(1, text, f"is no column; there are: {', '.join(COLUMNS)}", number)
            elif name in self.header:
                self._complain(1, text, f"stands in {place(1, self.header[name])} already", number)
            elif name is not None:
                self.header[name] = number
        missing = [name for name in REQUIRED if name not in self.header]
        if not {"name", *NAMES} & self.header.keys():
            missing.append("name")
        if missing:
            self.problems.append(((1, 0), f"{self.file}: row 1 has no column {', '.join(missing)}"))
        return not missing

    def _complain(self, row: int, name: str, problem: str, column: int = 0) -> None:
        at = column or self.header[name]
        where = f"{self.file}, {place(row, at)}" + (f" ({name})" if name else "")
        self.problems.append(((row, at), f"{where}: {problem}"))

    def _entry(
        self, number: int, texts: Mapping[str, str], parsers: Mapping[str, Callable[[str], Any]]
    ) -> Entry | None:
        """The project of a row; None when one of its cells cannot be used."""
        before = len(self.problems)
        known = self.known.get(texts["id"])
        told = (
            {name: tidy(text) for name, text in _cells(known, self.areas, self.language).items()}
            if known
            else {}
        )
        values: dict[str, Any] = known.project.model_dump() if known else {}
        values["mark"] = known.mark if known else ""
        for name, parse in parsers.items():
            if name in texts and texts[name] != told.get(name) and not self._faulty(number, name):
                try:
                    values[FIELDS.get(name, name)] = parse(texts[name])
                except _CellError as error:
                    self._complain(number, name, str(error))
        if any(texts[name] != told.get(name) for name in ("name", *NAMES) if name in texts):
            self._read_name(number, {**dict.fromkeys(NAMES, ""), "name": "", **told, **texts}, values)
        if len(self.problems) == before:
            self._check_period(number, values)
        if len(self.problems) > before or any(self._faulty(number, name) for name in self.header):
            return None
        mark = values.pop("mark")
        return Entry(Project.model_validate(values), mark)

    def _faulty(self, row: int, name: str) -> bool:
        return (row, self.header[name]) in self.table.faults

    def _read_name(self, number: int, texts: Mapping[str, str], values: dict[str, Any]) -> None:
        """One name for all languages, or one for each."""
        given = {language: _line(texts[column]) for column, language in NAMES.items()}
        one = _line(texts["name"])
        shown = next(name for name in ("name", *NAMES) if name in self.header)
        if one and any(given.values()):
            self._complain(number, shown, "there is one name for all languages and one for some: keep either")
        elif one or all(given.values()):
            values["name"] = one or given
        elif any(given.values()):
            missing = [language for language, name in given.items() if not name]
            self._complain(
                number, shown, f"there is no name in {', '.join(missing)}; one of `name` will do for all"
            )
        else:
            self._complain(number, shown, "is empty; a project has a name")

    def _check_period(self, number: int, values: Mapping[str, Any]) -> None:
        start, end = values.get("start", ""), values.get("end", "")
        if start and end and end[: len(start)] < start[: len(end)] and "end" in self.header:
            self._complain(number, "end", f"`{end}` is before the start, {start}")


def _parsers(areas: Sequence[PolicyArea]) -> dict[str, Callable[[str], Any]]:
    """How the cells of a column are read; the texts are those of `config.tables.tidy`. Each may raise _CellError."""
    known = {area.name[language].casefold(): area.id for area in areas for language in LANGUAGES}
    known |= {area.id: area.id for area in areas}
    amounts = dict.fromkeys((name for name in FIELDS if name.endswith("(EUR)")), _amount)
    lines = dict.fromkeys(("programme", "role"), _line)
    return {
        "id": _id,
        "mark": _mark,
        "kind": _kind,
        "grant agreement": _number,
        "start": _day,
        "end": _day,
        "areas": lambda text: _areas(text, known, areas),
        "summary": str,
        "partners": lambda text: _listed(text, r"[;\n]"),
        "sources": lambda text: _listed(text, r";?\s+|;(?=https?://)|;$"),
        **amounts,
        **lines,
    }


def _line(text: str) -> str:
    return " ".join(text.split())


def _id(text: str) -> str:
    if not text:
        raise _CellError("is empty; every project has an id, such as `guarden`")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise _CellError(
            f"`{text}` is no id: small letters, digits and _, a letter first, such as `up_stairs`"
        )
    return text


def _mark(text: str) -> str:
    if text and not re.fullmatch(r"(V-part|V|GK)\b[^\[\]\n]*", text):
        raise _CellError(
            f"`{text}` is no mark; it begins with V (read), V-part (read in part) or GK (unverified)"
        )
    return text


def _kind(text: str) -> str:
    found = text.lower().replace(" ", "_")
    if found not in KINDS:
        raise _CellError(f"`{text}` is no kind; expected one of: {', '.join(KINDS)}" if text else "is empty")
    return found


def _number(text: str) -> str:
    """A grant agreement's number, of which nothing may be lost."""
    if re.fullmatch(r"\d[.,]\d+E\+\d+", text):
        raise _CellError(
            f"`{text}` was shortened by the spreadsheet; format the cell as text and type it anew"
        )
    return _line(text)


def _day(text: str) -> str:
    """A year, a month or a day, as exact as it is given; days are written day first, as people here do."""
    year, month, day = _parts_of_day(text)
    if not year:
        return ""
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise _CellError(f"`{text}` is no date such as 2024-05") from None
    if int(year) not in YEARS:
        raise _CellError(f"`{text}` is no date such as 2024-05")
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)])


def _parts_of_day(text: str) -> tuple[str, str, str]:
    if not text:
        return "", "", ""
    if found := re.fullmatch(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T ]00:00(?::00)?)?)?)?", text):
        return found[1], found[2] or "", found[3] or ""
    if found := re.fullmatch(r"(?:(\d{1,2})[-/.])?(\d{1,2})[-/.](\d{4})", text):
        return found[3], found[2], found[1] or ""
    raise _CellError(f"`{text}` is no date such as 2024-05")


def _amount(text: str) -> float | None:
    """Euros: `1234567.89`, `1.234.567,89`, `1 234 567,89 €`. One mark before three digits parts thousands."""
    digits = re.sub(r"\s|'|’|€|\bEUR\b", "", text)
    if not text:
        return None
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    elif re.fullmatch(r"\d+[.,]\d+|\d+", digits):
        digits = digits.replace(",", ".")
    else:
        raise _CellError(f"`{text}` is no amount in euros such as 146125 or 146.125,50")
    return float(digits)


def _listed(text: str, separator: str) -> tuple[str, ...]:
    return tuple(filter(None, (_line(part) for part in re.split(separator, text))))


def _areas(text: str, known: Mapping[str, str], areas: Sequence[PolicyArea]) -> tuple[str, ...]:
    parts = _listed(text, r"[;\n]")
    if not parts:
        raise _CellError("is empty; a project has at least one area, or no call can find it")
    found: list[str] = []
    while parts:
        # Some names have a semicolon of their own: the longest one that is known counts.
        sizes = (size for size in range(len(parts), 0, -1) if "; ".join(parts[:size]).casefold() in known)
        size = next(sizes, 0)
        if not size:
            raise _CellError(_unknown_area(parts[0], known, areas))
        found.append(known["; ".join(parts[:size]).casefold()])
        parts = parts[size:]
    return tuple(dict.fromkeys(found))


def _unknown_area(text: str, known: Mapping[str, str], areas: Sequence[PolicyArea]) -> str:
    near = get_close_matches(text.casefold(), known, 1)
    meant = (
        f"did you mean {known[near[0]]}?" if near else f"there are: {', '.join(area.id for area in areas)}"
    )
    return f"`{text}` is no area; {meant}"
