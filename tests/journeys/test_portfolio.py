"""`funding portfolio`: out to a spreadsheet and in again, whole or not at all."""

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import config
from config.organisation import load_organisation
from store.locks import exclusive
from tests.journeys.test_cli import Done, Funding, one_sentence

AMB = Path(config.__file__).parent / "amb"
Run = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AMB, tmp_path / "config" / "amb"))


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path, tmp_path: Path
) -> Run:
    funding = Funding(monkeypatch, capsys)

    def portfolio(*arguments: str | Path) -> Done:
        texts = [str(argument) for argument in arguments]
        return funding("portfolio", *texts, home=tmp_path / "var", FUNDING_CONFIG=str(folder.parent))

    return portfolio


def content(folder: Path) -> bytes:
    return (folder / "portfolio.toml").read_bytes()


def typed(path: Path, cells: dict[str, object]) -> None:
    """Fill cells as a person would: a column's name and a project's id lead to each."""
    book = load_workbook(path)
    sheet: Any = book["portfolio"]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    rows = {str(cell.value): cell.row for cell in sheet["A"]}
    for where, value in cells.items():
        key, column = where.split(".")
        row = rows.get(key) or sheet.max_row + 1
        rows[key] = row
        sheet.cell(row, 1, key)
        sheet.cell(row, columns[column]).value = value
    book.save(path)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "XLSX"])
def test_out_and_in_again_changes_not_a_byte(run: Run, folder: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"portfolio.{ending}"
    before = content(folder)
    assert run("export", file).stdout == f"61 projects in {file}\n"
    assert run("import", file).stdout == "0 added, 0 changed, 0 removed, 61 as they were\n"
    assert content(folder) == before


def test_what_officers_change_is_taken_over(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "portfolio.xlsx"
    run("export", file)
    typed(
        file,
        {
            "guarden.own grant (EUR)": 199000.5,
            "refer.end": "2024-05",
            "reclaimed.name": "Reclaimed water",
            "reclaimed.kind": "standing",
            "reclaimed.areas": "Cicle de l'aigua",
            "reclaimed.summary": "Reuse of water.",
        },
    )
    (folder / "portfolio.toml").chmod(0o640)
    before = content(folder)
    tried = run("import", file, "--dry-run")
    assert tried.stdout.splitlines() == [
        "added reclaimed",
        "changed guarden: own_grant_eur",
        "changed refer: end",
        "1 added, 2 changed, 0 removed, 59 as they were",
        "nothing was written: --dry-run",
    ]
    assert content(folder) == before
    assert run("import", file).stdout.endswith("the next `funding match` ranks by it\n")
    organisation = load_organisation(folder)
    assert organisation.project("guarden").own_grant_eur == 199000.5
    assert organisation.project("reclaimed").areas == ("water",)
    assert stat.S_IMODE((folder / "portfolio.toml").stat().st_mode) == 0o640
    kept = set(before.splitlines()) - set(content(folder).splitlines())
    assert kept == set()


def test_projects_that_are_missing_stay_until_it_is_said_that_they_go(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "portfolio.csv"
    run("export", file)
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    file.write_text("".join([lines[0], *lines[11:]]), encoding="utf-8-sig")
    said = run("import", file).stdout.splitlines()
    assert said[0].startswith("not in portfolio.csv, and kept: guarden, life_urban_greening_plans, ")
    assert said[0].endswith(" and 2 more; --remove-missing takes them out")
    told = json.loads(run("import", file, "--remove-missing", "--json").stdout)
    assert len(told["removed"]) == 10
    assert (told["added"], told["changed"], told["missing"]) == ([], {}, [])
    assert len(load_organisation(folder).projects) == 51


def test_nothing_is_written_while_one_cell_is_wrong(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "portfolio.xlsx"
    run("export", file)
    typed(file, {"guarden.start": "2O24", "guarden.end": "2026", "refer.areas": "energia; aigua"})
    before = content(folder)
    done = run("import", file)
    assert done.returncode == 1
    assert one_sentence(done).splitlines() == [
        "portfolio.xlsx, K2 (start): `2O24` is no date such as 2024-05",
        "portfolio.xlsx, R14 (areas): `energia` is no area; did you mean energy?",
    ]
    assert content(folder) == before


def test_a_sheet_that_is_there_is_not_replaced_unasked(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "portfolio.csv"
    file.write_text("mine", encoding="utf-8")
    assert "is there already" in one_sentence(run("export", file))
    assert file.read_text(encoding="utf-8") == "mine"
    assert run("export", file, "--force").returncode == 0


@pytest.mark.parametrize("command", ["export", "import"])
def test_a_file_of_another_kind_is_refused(run: Run, tmp_path: Path, command: str) -> None:
    done = run(command, tmp_path / "portfolio.ods")
    assert (done.returncode, one_sentence(done)) == (
        1,
        f"{tmp_path / 'portfolio.ods'}: is neither .csv nor .xlsx\n",
    )


def test_configuration_that_cannot_be_written_is_told(
    run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "portfolio.xlsx"
    run("export", file)
    typed(file, {"guarden.end": "2026"})
    before = content(folder)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("cli.configuring.write_whole", refuse)
        done = run("import", file)
    said = f"copy the folder {folder.parent} to a place of your own and set FUNDING_CONFIG to it"
    assert (done.returncode, said in one_sentence(done)) == (1, True)
    assert content(folder) == before


def test_configuration_inside_an_installed_package_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(AMB, tmp_path / "site-packages" / "config" / "amb"))
    file, before = tmp_path / "portfolio.csv", content(folder)
    funding, home = Funding(monkeypatch, capsys), tmp_path / "var"
    funding("portfolio", "export", str(file), home=home, FUNDING_CONFIG=str(folder.parent))
    file.write_text(file.read_text(encoding="utf-8-sig").replace(";101060693;", ";;"), encoding="utf-8")
    done = funding("portfolio", "import", str(file), home=home, FUNDING_CONFIG=str(folder.parent))
    assert "cannot be written; copy the folder" in one_sentence(done)
    assert content(folder) == before


def test_two_imports_do_not_run_at_a_time(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "portfolio.csv"
    run("export", file)
    with exclusive(tmp_path / "var", "portfolio"):
        assert "another process is at it" in one_sentence(run("import", file))
