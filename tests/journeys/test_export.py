"""`funding export`: each format to a file and to standard output, and what is refused."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from store.database import Database
from tests.journeys.test_call_sheet import Funding
from tests.unit.notifier.builders import match, record, store

COMMAND = (sys.executable, "-c", "from cli import main; main()")
TODAY = ("--today", "2026-03-02")


@pytest.fixture
def funding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stored: Path) -> Funding:
    assert stored.is_dir()
    return Funding(monkeypatch, capsys)


@pytest.fixture
def stored(home: Path) -> Path:
    """Two made-up calls: one on mobility, one on water."""
    database = Database(f"sqlite:///{home / 'funding.db'}")
    store(database, record("TEST-1"), record("TEST-2", titles={"ca": "=fórmula", "en": "=formula"}))
    for key, score, area in (("TEST-1", 2.0, "mobility"), ("TEST-2", 1.0, "water")):
        areas = [{"id": area, "score": 1.0, "terms": []}]
        match(database, (key, score), organisation="amb", areas=areas)
    database.close()
    return home


def test_each_format_is_written_whole_to_a_file(funding: Funding, tmp_path: Path) -> None:
    for form in ("json", "csv", "xlsx", "atom", "ics"):
        path = tmp_path / "out" / f"calls.{form}"
        done = funding("export", form, "-o", str(path), *TODAY)
        assert done.code == 0
        assert path.name in done.out
    out = tmp_path / "out"
    assert len(json.loads((out / "calls.json").read_text(encoding="utf-8"))["items"]) == 2
    assert len((out / "calls.csv").read_text(encoding="utf-8-sig").splitlines()) == 3
    assert load_workbook(out / "calls.xlsx").worksheets[0].max_row == 3
    assert len(ET.parse(out / "calls.atom").getroot().findall("{*}entry")) == 2
    assert len(Calendar.from_ical((out / "calls.ics").read_bytes()).events) == 2
    assert sorted(path.name for path in out.iterdir()) == [
        "calls.atom",
        "calls.csv",
        "calls.ics",
        "calls.json",
        "calls.xlsx",
    ]


def test_standard_output_holds_the_export_and_nothing_else(funding: Funding) -> None:
    out = funding("export", "csv", "--area", "water", *TODAY).out
    head, row = csv.reader(io.StringIO(out.removeprefix("\ufeff"), newline=""), delimiter=";")
    assert head[2] == "Títol"
    assert row[2] == "'=fórmula"


def test_an_officers_export_speaks_their_language_unless_another_is_asked_for(funding: Funding) -> None:
    of_ecology = json.loads(funding("export", "json", "--officer", "ecology", *TODAY).out)
    assert of_ecology["language"] == "es"
    assert [item["customFields"]["sourceKey"]["value"] for item in of_ecology["items"]] == ["TEST-2"]
    french = json.loads(funding("export", "json", "--officer", "ecology", "--language", "fr", *TODAY).out)
    assert french["language"] == "fr"


def test_a_feed_names_where_it_is_published(funding: Funding) -> None:
    address = "https://example.org/mobility.atom"
    out = funding("export", "atom", "--area", "mobility", "--address", address, *TODAY).out
    links = ET.fromstring(out.encode()).findall("{*}link")
    assert {link.get("rel"): link.get("href") for link in links}["self"] == address


def test_a_workbook_goes_through_a_pipe_but_not_to_a_terminal(stored: Path) -> None:
    environment = os.environ | {"FUNDING_HOME": str(stored)}
    command = [*COMMAND, "export", "xlsx", *TODAY]
    piped = subprocess.run(command, env=environment, capture_output=True, check=True)
    assert load_workbook(io.BytesIO(piped.stdout)).worksheets[0].max_row == 3
    screen, terminal = pty.openpty()
    try:
        refused = subprocess.run(
            command, env=environment, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(terminal)
        os.close(screen)
    assert refused.returncode == 2
    assert "terminal" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("json", "--area", "nowhere"), 1, "`nowhere` is no area; there are: territory, mobility"),
        (("json", "--officer", "nobody"), 1, "`nobody` is no officer; there are: mobility_territory"),
        (("json", "--area", "water", "--officer", "ecology"), 2, "not both"),
        (("json", "--language", "de"), 2, "de"),
        (("pdf",), 2, "pdf"),
    ],
)
def test_a_mistake_ends_in_a_sentence_and_an_exit_code(
    funding: Funding, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = funding("export", *arguments, *TODAY, columns=200)
    assert done.code == code
    assert words in done.err


def test_a_sheet_that_is_open_elsewhere_is_left_alone(funding: Funding, tmp_path: Path) -> None:
    path = tmp_path / "calls.xlsx"
    path.write_bytes(b"before")
    (tmp_path / ".~lock.calls.xlsx#").touch()
    done = funding("export", "xlsx", "-o", str(path), *TODAY)
    assert done.code == 1
    assert "is open in another program" in done.err
    assert path.read_bytes() == b"before"
