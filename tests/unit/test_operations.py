"""The units and the page for whoever runs it: what they say is so."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

from cli import build
from config.settings import Settings
from review.serving import shared_app
from store.clients import add_client
from store.database import Database
from tests.unit.notifier.builders import NOW
from tests.unit.review.entering import PAGE, browser, site
from tests.unit.review.test_metrics import fill

ROOT = Path(__file__).parents[2]
PAGE_OF_OPERATIONS = ROOT / "docs" / "operations.md"
UNITS = sorted((ROOT / "docs" / "systemd").glob("*.service"))
EXECUTABLE = "/opt/funding/.venv/bin/funding"
MOST_EXPOSED = 20
"""Tenths that systemd gives at most for how exposed a service is: below 2.0 it says OK or better."""


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE_OF_OPERATIONS.read_text(encoding="utf-8")


def systemd(*arguments: str) -> subprocess.CompletedProcess[str]:
    tool = shutil.which(arguments[0])
    if tool is None:
        pytest.skip(f"{arguments[0]} is not installed here")
    return subprocess.run([tool, *arguments[1:]], capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units with a program that is there."""
    folder = tmp_path / "units"
    folder.mkdir()
    for unit in UNITS:
        content = unit.read_text(encoding="utf-8").replace(EXECUTABLE, sys.executable)
        (folder / unit.name).write_text(content, encoding="utf-8")
    return sorted(folder.iterdir())


def test_there_are_units_for_all_that_runs_on() -> None:
    names = {unit.name for unit in UNITS}
    assert names == {"funding-schedule.service", "funding-worker@.service", "funding-review.service"}


def test_systemd_finds_no_fault(units: list[Path]) -> None:
    done = systemd("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, units))
    own = [line for line in done.stderr.splitlines() if "funding" in line]
    assert (done.returncode, own) == (0, []), done.stderr


def test_systemd_finds_a_fault_that_is_there(units: list[Path]) -> None:
    units[0].write_text(
        units[0].read_text(encoding="utf-8").replace("UMask=0077", "UMask=many"), encoding="utf-8"
    )
    assert "Failed to parse mode" in systemd("systemd-analyze", "verify", "--man=no", str(units[0])).stderr


def test_services_are_shut_in(units: list[Path]) -> None:
    for unit in units:
        done = systemd(
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={MOST_EXPOSED}",
            "--no-pager",
            str(unit),
        )
        assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_units_can_be_enabled(units: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "root"
    folder = root / "etc" / "systemd" / "system"
    folder.mkdir(parents=True)
    for unit in units:
        shutil.copy(unit, folder)
    names = ["funding-schedule", "funding-worker@1", "funding-worker@2", "funding-review"]
    done = systemd("systemctl", f"--root={root}", "enable", *names)
    assert done.returncode == 0, done.stderr
    enabled = {link.name for link in (folder / "multi-user.target.wants").iterdir()}
    assert enabled == {f"{name}.service" for name in names}


def test_units_start_commands_that_exist() -> None:
    for unit in UNITS:
        (line,) = re.findall(
            rf"^ExecStart={EXECUTABLE} (.+)$", unit.read_text(encoding="utf-8"), re.MULTILINE
        )
        check_command(line.split())


def test_the_page_is_short(text: str) -> None:
    assert len(text.splitlines()) <= 150


def test_every_command_and_option_exists(text: str) -> None:
    lines = re.findall(r"(?<![\w=:-])funding ((?:[a-z][a-z-]*)(?: [^`\n|#]*)?)", text)
    assert len(lines) > 10
    for line in lines:
        check_command(line.split())


def check_command(words: list[str]) -> None:
    command = get_command(build(words[0]))
    for word in words:
        if word in getattr(command, "commands", {}):
            command = command.commands[word]  # type: ignore[attr-defined]
    assert command.name in words, words
    known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, words


def test_every_variable_and_link_exists(text: str) -> None:
    named = {name.lower() for name in re.findall(r"FUNDING_([A-Z_]+)", text)} - {"secrets"}
    assert named <= set(Settings.model_fields)
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (PAGE_OF_OPERATIONS.parent / target).exists(), target


def test_every_metric_stands_there_and_is_one(text: str, database: Database, tmp_path: Path) -> None:
    fill(database)
    here = site(database, tmp_path)
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "funding-20260301T030000Z.zip").touch()
    with database.writing() as session:
        token = add_client(session, here.organisation.key, "test-monitoring", NOW)
    asking = browser(shared_app(here), PAGE)
    asking.get("/sign-in")
    answer = asking.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    own = {
        sample.name
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name.startswith("funding_") and not sample.name.endswith(("_created", "_count", "_sum"))
    }
    only_with_workers = {
        "funding_queue_jobs",
        "funding_queue_oldest_waiting_seconds",
        "funding_queue_workers",
    }
    assert set(re.findall(r"funding_\w+", text)) == own | only_with_workers
