"""`funding report`: both files, and what is refused."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from store.database import Database
from tests.journeys.test_call_sheet import Funding, funding
from tests.unit.notifier.builders import match, record, store

__all__ = ["funding"]
TODAY = ("--today", "2026-03-02")
YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")


@pytest.fixture
def stored(home: Path) -> None:
    database = Database(f"sqlite:///{home / 'funding.db'}")
    store(database, record("TEST-1"))
    match(database, ("TEST-1", 1.0), organisation="amb")
    database.close()


@pytest.mark.usefixtures("stored")
def test_what_was_decided_stands_in_both_files(funding: Funding, tmp_path: Path) -> None:
    officer = ("--officer", "mobility_territory")
    assert funding("decide", "TEST-1", "relevant", *officer, *TODAY).code == 0
    done = funding("report", *YEAR, "-o", str(tmp_path / "out"), "--language", "en", *TODAY)
    assert done.code == 0
    page, book = (tmp_path / "out" / f"figures-2026-01-01-2026-12-31.{end}" for end in ("html", "xlsx"))
    assert page.name in done.out
    assert book.name in done.out
    assert "From seen to awarded" in page.read_text(encoding="utf-8")
    rows = [[cell.value for cell in row] for row in load_workbook(book)["From seen to awarded"].rows]
    assert rows[1:3] == [["Seen", 1, None], ["Relevant", 1, None]]


@pytest.mark.usefixtures("stored")
def test_a_new_installation_is_told_so(funding: Funding, tmp_path: Path) -> None:
    done = funding("report", "-o", str(tmp_path / "out"), *TODAY)
    assert done.code == 0
    assert "nothing is counted in this period yet" in done.out
    assert "Xifres de les convocatòries" in (
        tmp_path / "out" / "figures-2026-01-01-2026-03-02.html"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "2026-03-01", "--to", "2026-02-01"), "The period ends before it begins."),
        (("--from", "0000-01-01"), "One of the days does not exist"),
        (("--to", "9999-12-31"), "A period lies between"),
        (("--language", "de"), "none of ca, es, en, fr"),
    ],
)
def test_what_there_is_none_of_is_refused(
    funding: Funding, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = funding("report", *arguments, "-o", str(tmp_path / "out"), *TODAY, columns=200)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("stored")
def test_a_folder_that_cannot_be_one(funding: Funding, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = funding("report", "-o", str(tmp_path / "file"), *TODAY)
    assert done.code == 1
    assert "file" in done.err
