"""The portfolio as a spreadsheet: out and in again, and what is wrong told by cell."""

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

import config
from config.errors import ConfigurationError
from config.organisation import load_organisation
from config.portfolio import Entry, read_entries
from config.schema import Project
from config.spreadsheet import COLUMNS, columns, from_rows, to_rows
from config.tables import Column, Table, read_table, tidy, write_table

AMB = Path(config.__file__).parent / "amb"
AREAS = load_organisation(AMB).areas
ENTRIES = read_entries((AMB / "portfolio.toml").read_text(encoding="utf-8"))
KNOWN = {entry.project.id: entry for entry in ENTRIES}
ROW = {"id": "third", "name": "Third", "kind": "standing", "areas": "water", "summary": "Reclaimed water."}


def read(rows: Sequence[dict[str, str]], known: dict[str, Entry] | None = None) -> list[Entry]:
    header = list(dict.fromkeys(name for row in rows for name in row))
    table = Table([header, *([tidy(row.get(name, "")) for name in header] for row in rows)])
    return from_rows("portfolio.xlsx", table, known or {}, AREAS, "ca")


def project(**cells: str) -> Project:
    return read([ROW | cells])[0].project


def problems(act: Callable[[], Any]) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        act()
    return str(caught.value).splitlines()


def problem(**cells: str) -> str:
    (found,) = problems(lambda: project(**cells))
    return found


def workbook(
    path: Path, rows: Sequence[Sequence[Any]], prepare: Callable[[Any], None] = lambda _: None
) -> Path:
    """A workbook as a person may leave it, typed cells and all."""
    book = Workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    prepare(sheet)
    book.save(path)
    return path


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["ca", "en"])
def test_out_and_in_again_changes_nothing(tmp_path: Path, ending: str, language: Any) -> None:
    path = tmp_path / f"portfolio.{ending}"
    path.write_bytes(write_table(path, columns(AREAS, language), to_rows(ENTRIES, AREAS, language)))
    table = read_table(path)
    assert from_rows(path.name, table, KNOWN, AREAS, language) == ENTRIES
    assert from_rows(path.name, table, {}, AREAS, language) == ENTRIES


def test_a_cell_left_as_it_was_changes_nothing_however_it_reads() -> None:
    odd = Project.model_validate(
        ROW
        | {"areas": ["water"], "role": "two  spaces", "partners": ["a; b"], "sources": ["no address, a note"]}
    )
    known = {"third": Entry(odd, "of mine")}
    (row,) = to_rows(known.values(), AREAS, "ca")
    assert read([dict(zip(COLUMNS, row, strict=True))], known) == list(known.values())


def test_what_has_no_column_stays() -> None:
    (found,) = read([ROW | {"id": "guarden", "name": "New name"}], KNOWN)
    before = KNOWN["guarden"]
    assert found.mark == "V"
    assert found.project.partners == before.project.partners
    assert (found.project.name.fr, found.project.areas) == ("New name", ("water",))


def test_columns_come_in_any_order_and_case() -> None:
    assert read([{name.upper(): ROW[name] for name in reversed(ROW)}]) == read([ROW])


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("", ""),
        ("2024", "2024"),
        ("2024-5", "2024-05"),
        ("2024-05", "2024-05"),
        ("05/2024", "2024-05"),
        ("2024-05-03", "2024-05-03"),
        ("2024-05-03 00:00:00", "2024-05-03"),
        ("3/5/2024", "2024-05-03"),
        ("03.05.2024", "2024-05-03"),
        ("29-02-2024", "2024-02-29"),
    ],
)
def test_dates_are_as_exact_as_they_are_given(typed: str, day: str) -> None:
    assert project(start=typed).start == day


@pytest.mark.parametrize(
    "typed", ["2O24", "24", "2024-13", "30/2/2024", "5/25/2024", "may-24", "20245", "0001"]
)
def test_what_is_no_date_is_told(typed: str) -> None:
    assert problem(start=typed) == f"portfolio.xlsx, F2 (start): `{typed}` is no date such as 2024-05"


@pytest.mark.parametrize(
    ("typed", "euros"),
    [
        ("", None),
        ("0", 0),
        ("1234", 1234),
        ("1234.5", 1234.5),
        ("1234,56", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234.56", 1234.56),
        ("146.125", 146125),
        ("146,125", 146125),
        ("1.234.567", 1234567),
        ("1\u202f234\u00a0567,89 €", 1234567.89),
        ("1'234'567.89", 1234567.89),
        ("EUR 2500000", 2500000),
        ("123.5670", 123.567),
    ],
)
def test_amounts_as_people_and_spreadsheets_write_them(typed: str, euros: float | None) -> None:
    assert project(**{"budget (EUR)": typed}).budget_eur == euros


@pytest.mark.parametrize(
    "typed", ["2 M", "about 200000", "-5", "1.23.456", "1,2,3", "1.234,567,8", "€", "1e6"]
)
def test_what_is_no_amount_is_told(typed: str) -> None:
    assert "is no amount in euros such as" in problem(**{"budget (EUR)": typed})


def test_areas_by_name_in_any_language_or_by_id() -> None:
    assert project(areas="water; Mobilitat i transport; ENERGY;water").areas == (
        "water",
        "mobility",
        "energy",
    )
    named = "Waste prevention and management; circular economy; Water cycle"
    assert project(areas=named).areas == ("waste_circular", "water")
    assert "`Movilidat y transporte` is no area; did you mean mobility?" in problem(
        areas="Movilidat y transporte"
    )
    assert "`xyz` is no area; there are: territory, " in problem(areas="water; xyz")
    assert "is empty" in problem(areas="")


def test_lists_and_lines() -> None:
    found = project(
        partners="Lyon; Porto ;\nTunis;",
        sources="https://example.org/a;b https://example.org/c;https://example.org/d;\nhttps://example.org/e;",
        role="lead\npartner",
        kind="Next generation",
    )
    assert found.partners == ("Lyon", "Porto", "Tunis")
    assert found.sources == tuple(f"https://example.org/{end}" for end in ("a;b", "c", "d", "e"))
    assert (found.role, found.kind) == ("lead partner", "next_generation")


def test_one_name_or_four() -> None:
    four = {"name (ca)": "Tercer", "name (es)": "Tercero", "name (en)": "Third", "name (fr)": "Troisième"}
    assert project(name="", **four).name.fr == "Troisième"
    assert "keep either" in problem(**four)
    assert problem(name="", **four | {"name (fr)": ""}).endswith(
        "B2 (name): there is no name in fr; one of `name` will do for all"
    )
    assert "is empty; a project has a name" in problem(name="")


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"id": ""}, "A2 (id): is empty; every project has an id, such as `guarden`"),
        ({"id": "Up-Stairs"}, "A2 (id): `Up-Stairs` is no id: small letters, digits and _"),
        ({"kind": "prize"}, "C2 (kind): `prize` is no kind; expected one of: competitive, award, "),
        ({"kind": ""}, "C2 (kind): is empty"),
        ({"mark": "verified"}, "F2 (mark): `verified` is no mark; it begins with V (read), "),
        ({"grant agreement": "1,01061E+08"}, "was shortened by the spreadsheet"),
        ({"start": "2024-05", "end": "2023"}, "G2 (end): `2023` is before the start, 2024-05"),
    ],
)
def test_what_is_wrong_with_a_cell(cells: dict[str, str], said: str) -> None:
    assert said in problem(**cells)


def test_a_period_may_end_in_the_year_it_began() -> None:
    assert project(start="2024-05", end="2024").end == "2024"


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_cells() -> None:
    rows = [ROW | {"start": "soon"}, ROW, {}, ROW | {"id": "", "kind": "x", "areas": "y"}]
    assert [line.split(": ")[0] for line in problems(lambda: read(rows))] == [
        "portfolio.xlsx, F2 (start)",
        "portfolio.xlsx, A3 (id)",
        "portfolio.xlsx, A5 (id)",
        "portfolio.xlsx, C5 (kind)",
        "portfolio.xlsx, D5 (areas)",
    ]
    assert "`third` stands in row 2 already" in problems(lambda: read(rows))[1]


def test_columns_that_are_unknown_or_doubled_or_missing_are_told() -> None:
    table = Table([["id", "Start", "start", "colour", "", "kind"], ["a", "", "", "", "note", "award"]])
    said = problems(lambda: from_rows("p.csv", table, {}, AREAS, "ca"))
    assert said[0] == "p.csv: row 1 has no column areas, summary, name"
    assert said[1] == "p.csv, C1 (start): stands in B1 already"
    assert said[2].startswith("p.csv, D1 (colour): is no column; there are: id, mark, name, name (ca), ")
    assert said[3].startswith("p.csv, E1: is no column; there are: ")
    assert "row 1 has no column id" in problems(lambda: from_rows("p.csv", Table([]), {}, AREAS, "ca"))[0]


def test_a_table_without_projects_is_no_portfolio() -> None:
    """Or all projects would be taken out by --remove-missing and the wrong file."""
    assert problems(lambda: read([dict.fromkeys(ROW, "")])) == ["portfolio.xlsx: holds no project"]


def test_a_workbook_is_made_for_people(tmp_path: Path) -> None:
    path = tmp_path / "portfolio.xlsx"
    content = write_table(path, columns(AREAS, "ca"), to_rows(ENTRIES, AREAS, "ca"))
    book = load_workbook(io.BytesIO(content))
    sheet = book["portfolio"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:U{len(ENTRIES) + 1}"
    width = sheet.column_dimensions["S"].width
    assert width == 70
    cells = {column: sheet.cell(2, number) for number, column in enumerate(COLUMNS, start=1)}
    assert (cells["start"].data_type, cells["start"].number_format) == ("s", "@")
    assert (cells["budget (EUR)"].value, cells["budget (EUR)"].number_format) == (4566888, "#,##0")
    kinds, areas = sheet.data_validations.dataValidation
    assert (str(kinds.sqref), kinds.formula1, kinds.showErrorMessage) == (
        "H2:H1062",
        "=choices!$A$2:$A$7",
        True,
    )
    assert (str(areas.sqref), areas.formula1, areas.showErrorMessage) == (
        "R2:R1062",
        "=choices!$B$2:$B$19",
        False,
    )
    assert [cell.value for cell in book["choices"]["B"]][:2] == ["areas", AREAS[0].name.ca]


def test_what_a_spreadsheet_makes_of_what_is_typed(tmp_path: Path) -> None:
    def show_month(sheet: Any) -> None:
        sheet["F2"].number_format = "mmm\\-yy"
        sheet["G2"].number_format = "dd/mm/yyyy"
        sheet["F3"].number_format = "yyyy"

    header = ["id", "name", "kind", "areas", "summary", "start", "end", "budget (EUR)", "grant agreement"]
    row: list[Any] = ["third", "Third", "standing", "water", " A  summary\nof two lines "]
    rows = [
        header,
        [*row, datetime(2024, 5, 1), date(2024, 6, 30), 123.567, 101060693],  # noqa: DTZ001 - cells have no zone
        ["fourth", *row[1:], date(2024, 1, 1), 2025, "1.234,56", 892037.0],
    ]
    table = read_table(workbook(tmp_path / "p.xlsx", rows, show_month))
    third, fourth = (one.project for one in from_rows("p.xlsx", table, {}, AREAS, "ca"))
    assert (third.start, third.end, third.budget_eur, third.grant_agreement) == (
        "2024-05",
        "2024-06-30",
        123.567,
        "101060693",
    )
    assert third.summary == "A summary\nof two lines"
    assert (fourth.start, fourth.end, fourth.budget_eur, fourth.grant_agreement) == (
        "2024",
        "2025",
        1234.56,
        "892037",
    )


def test_formulas_faults_and_merged_cells_are_told(tmp_path: Path) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("E2:E3")

    rows: list[list[Any]] = [
        list(ROW),
        ["a", "A", "award", "water", "One text."],
        ["b", "=A2", "award", "#REF!", ""],
        [None, " ", None],
        ["c", "C", "award", "water", "", "stray"],
    ]
    table = read_table(workbook(tmp_path / "p.xlsx", rows, merge))
    assert problems(lambda: from_rows("p.xlsx", table, {}, AREAS, "ca")) == [
        f"p.xlsx, F1: is no column; there are: {', '.join(COLUMNS)}",
        "p.xlsx, E2 (summary): E2:E3 are merged; every project needs cells of its own",
        "p.xlsx, B3 (name): is a formula; put its value there",
        "p.xlsx, D3 (areas): is a fault of the spreadsheet: #REF!",
    ]


HARMFUL = ["=1+1", "+34 93", "-5", "@x", "'=1", "''=1", "'quoted'", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_no_cell_is_run_as_a_formula(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"p.{ending}"
    path.write_bytes(write_table(path, [Column("id", 9)], [[text] for text in HARMFUL]))
    assert [row[0] for row in read_table(path).rows[1:]] == HARMFUL
    if ending == "csv":
        cells = path.read_text(encoding="utf-8-sig").splitlines()[1:]
    else:
        cells = [str(row[0].value) for row in load_workbook(path)["portfolio"].iter_rows(min_row=2)]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


@pytest.fixture(scope="session")
def csv_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("csv") / "portfolio.csv"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_any_text_comes_through_a_csv(csv_file: Path, text: str) -> None:
    csv_file.write_bytes(write_table(csv_file, [Column("id", 9), Column("b", 9)], [[text, "x"]]))
    assert read_table(csv_file).rows == [["id", "b"], [tidy(text), "x"]]


@pytest.mark.parametrize(
    "content",
    [
        "id;name\r\nguarden;é",
        "\ufeffid,name\nguarden,é\n",
        "sep=;\r\nid;name\r\nguarden;é\r\n",
        "id\tname\nguarden\té",
        '"id";"name"\n"guarden";"é"',
    ],
)
def test_csv_as_programs_write_it(csv_file: Path, content: str) -> None:
    for encoded in (content.encode(), content.removeprefix("\ufeff").encode("utf-16")):
        csv_file.write_bytes(encoded)
        assert read_table(csv_file).rows == [["id", "name"], ["guarden", "é"]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.ods", b"", "is neither .csv nor .xlsx"),
        ("p.csv", "è".encode("cp1252"), "is no UTF-8 text; in Excel, save it as “CSV UTF-8”"),
        ("p.csv", b'id;name\n"a"b;c', "line 2: cannot be read as CSV"),
        ("p.xlsx", b"id;name", "is no workbook that can be read, or a damaged one"),
        ("p.xlsx", b"", "is no workbook that can be read, or a damaged one"),
        ("p.xlsx", b"PK\x05\x06" + bytes(18), "is no workbook that can be read, or a damaged one"),
        ("p.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "is a workbook of the old format"),
        (
            "p.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "is protected by a password",
        ),
    ],
)
def test_a_file_that_is_no_table_is_told(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        read_table(tmp_path / name)


def test_a_file_that_is_missing_or_held_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        read_table(tmp_path / "p.xlsx")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ConfigurationError, match="is a folder"):
        read_table(tmp_path / "folder.csv")
    (tmp_path / "p.xlsx").write_bytes(b"")
    (tmp_path / ".~lock.p.xlsx#").touch()
    with pytest.raises(ConfigurationError, match="is open in another program; save and close it there"):
        read_table(tmp_path / "p.xlsx")


def test_a_sheet_that_is_formatted_to_its_end_is_told(tmp_path: Path) -> None:
    def far(sheet: Any) -> None:
        sheet["XFD1048576"] = " "

    with pytest.raises(ConfigurationError, match="reaches to cell XFD1048576; delete the empty rows"):
        read_table(workbook(tmp_path / "p.xlsx", [["id"]], far))


def test_what_no_cell_can_hold_is_not_written(tmp_path: Path) -> None:
    for text, said in (("x" * 40_000, "is longer than a cell may be"), ("\x07", "holds a control character")):
        with pytest.raises(ConfigurationError, match=rf"A2 \(id\): {said}"):
            write_table(tmp_path / "p.xlsx", [Column("id", 9)], [[text]])


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_thousands_of_projects(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"p.{ending}"
    many = [
        Entry(entry.project.model_copy(update={"id": f"{entry.project.id}_{number}"}), entry.mark)
        for number in range(5_000 // len(ENTRIES) + 1)
        for entry in ENTRIES
    ]
    path.write_bytes(write_table(path, columns(AREAS, "ca"), to_rows(many, AREAS, "ca")))
    assert from_rows(path.name, read_table(path), {}, AREAS, "ca") == many
