"""Every source against every fault: the right outcome, and what was stored before is byte for byte what it was."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.replicas.faults import Fault, Faulty
from crawler.replicas.serving import Replica
from crawler.replicas.world import addresses, create_world, replicas

SOURCES = replicas()
CRAWL_ALL = """
import sys
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
settings.setdict({"RETRY_TIMES": 1, "DOWNLOAD_TIMEOUT": int(sys.argv[1])}, priority="cmdline")
process = AsyncCrawlerProcess(settings)
for source in sys.argv[2:]:
    process.crawl(source, today="2026-08-22")
process.start()
"""
EXPECTED = {
    Fault.NEVER_ANSWERS: {"unavailable"},
    Fault.RESET: {"unavailable"},
    Fault.FORBIDDEN: {"blocked"},
    Fault.MISSING: {"unreadable", "blocked"},  # of interreg.eu it means that the search key has changed
    Fault.BUSY: {"rate_limited"},
    Fault.BUSY_FOR_A_SECOND: {"rate_limited"},
    Fault.BROKEN: {"unavailable"},
    Fault.EMPTY: {"unreadable"},
    Fault.LOGIN: {"unreadable"},
    Fault.TRUNCATED: {"unreadable", "incomplete"},
    Fault.WRONG_SCHEMA: {"unreadable"},
    Fault.HUGE: {"unreadable"},
    Fault.BOMB: {"unreadable"},
    Fault.ELSEWHERE: {"blocked"},
    Fault.PRIVATE: {"blocked"},
}


def crawl_all(home: Path, address: str, timeout: int = 60) -> dict[str, tuple[str, str]]:
    """Crawl every source in one process; outcome and error of each."""
    variables = {f"FUNDING_ADDRESS_{key.upper()}": at for key, at in addresses(address, SOURCES).items()}
    subprocess.run(
        [sys.executable, "-c", CRAWL_ALL, str(timeout), *SOURCES],
        env=os.environ
        | variables
        | {
            "FUNDING_HOME": str(home),
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
            "FUNDING_INTERREG_APP_ID": "TEST",
            "FUNDING_INTERREG_SEARCH_KEY": "TEST",
        },
        check=True,
        capture_output=True,
        timeout=180,
    )
    return last_outcomes(home)


def last_outcomes(home: Path) -> dict[str, tuple[str, str]]:
    with sqlite3.connect(home / "funding.db") as connection:
        rows = connection.execute("SELECT source, outcome, error FROM crawl_run ORDER BY id").fetchall()
    connection.close()
    return {source: (outcome, error) for source, outcome, error in rows}


def stored(home: Path) -> list[str]:
    """Everything that is known of calls."""
    connection = sqlite3.connect(home / "funding.db")
    tables = ("call", "deadline", "call_version")
    rows = [repr(row) for table in tables for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]
    connection.close()
    return rows


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which every source has been read."""
    home = tmp_path_factory.mktemp("read")
    with Replica(create_world(SOURCES)) as world:
        outcomes = crawl_all(home, world.address)
    assert {source: outcome for source, (outcome, _) in outcomes.items()} == dict.fromkeys(SOURCES, "ok")
    return home


@pytest.mark.parametrize("fault", list(Fault))
def test_no_fault_passes_for_an_answer_or_touches_a_call(fault: Fault, read: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(read, home)
    before = stored(home)
    with Replica(Faulty(create_world(SOURCES), fault)) as world:
        # Only where nothing answers is there no point in waiting.
        outcomes = crawl_all(home, world.address, timeout=2 if fault is Fault.NEVER_ANSWERS else 60)
    assert {source: outcome for source, (outcome, _) in outcomes.items()} == dict.fromkeys(SOURCES, "failed")
    assert {source: error for source, (_, error) in outcomes.items() if error not in EXPECTED[fault]} == {}
    assert stored(home) == before
