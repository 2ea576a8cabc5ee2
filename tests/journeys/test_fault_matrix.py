"""Every source against every fault: the right outcome, and what was stored before is byte for byte what it was."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.contract import load_contract
from crawler.replicas.faults import Fault, Faulty, Shifting
from crawler.replicas.sample import Record
from crawler.replicas.serving import Replica
from crawler.replicas.world import addresses, create_world, replicas

SOURCES = replicas()
CRAWL_ALL = """
import json
import sys
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
settings.setdict({"RETRY_TIMES": 1, "DOWNLOAD_TIMEOUT": int(sys.argv[1])}, priority="cmdline")
process = AsyncCrawlerProcess(settings)
for source in sys.argv[3:]:
    process.crawl(source, today="2026-08-22", **json.loads(sys.argv[2]))
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
WITHOUT_TOTAL = {key for key in SOURCES if not load_contract(key).declares_total} - {"world_bank"}
"""Sources that do not say how many rows they have: nothing tells that one is missing or stands twice.

The World Bank says it of all years, which counts as a declaration only where no older notice was left out.
"""


def crawl_all(home: Path, address: str, timeout: int = 60, **settings: int) -> dict[str, tuple[str, str]]:
    """Crawl every source in one process, its spider with `settings`; outcome and error of each."""
    variables = {f"FUNDING_ADDRESS_{key.upper()}": at for key, at in addresses(address, SOURCES).items()}
    subprocess.run(
        [sys.executable, "-c", CRAWL_ALL, str(timeout), json.dumps(settings), *SOURCES],
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


def keys(home: Path) -> set[tuple[str, str]]:
    with sqlite3.connect(home / "funding.db") as connection:
        found = set(connection.execute("SELECT source, source_key FROM call").fetchall())
    connection.close()
    return found


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.LYING])
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


def test_total_that_lies_is_told_and_touches_no_call(read: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(read, home)
    before = stored(home)
    with Replica(Faulty(create_world(SOURCES), Fault.LYING)) as world:
        outcomes = crawl_all(home, world.address)
    told = {source: error for source, (outcome, error) in outcomes.items() if outcome != "ok"}
    assert set(told) == set(SOURCES) - WITHOUT_TOTAL
    # A list of terms that seems cut makes the posts of WordPress unreadable, since their states stand in it.
    assert set(told.values()) == {"incomplete", "unreadable"}
    assert stored(home) == before


def test_rows_that_stand_twice_are_one_call(read: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(read, home)
    before = stored(home)
    with Replica(create_world(SOURCES, alter=lambda records: records + records[:3])) as world:
        outcomes = crawl_all(home, world.address)
    # A total that counts a row twice cannot be told from one that counts a row which nobody gets to see.
    assert set(outcomes.values()) == {("ok", ""), ("partial", "incomplete")}
    assert stored(home) == before


def without_every_fifth(records: list[Record]) -> list[Record]:
    return [record for number, record in enumerate(records) if number % 5]


@pytest.mark.parametrize("after", [1, 2, 3])
def test_rows_that_move_while_they_are_read_are_found_or_told(
    after: int, read_later: Path, tmp_path: Path
) -> None:
    first, later = create_world(SOURCES), create_world(SOURCES, alter=without_every_fifth)
    with Replica(Shifting(first, later, after)) as world:
        outcomes = crawl_all(tmp_path, world.address, page_size=3)
    silently_lost = {key for key in keys(read_later) - keys(tmp_path) if outcomes[key[0]][0] == "ok"}
    assert silently_lost == set()


@pytest.fixture(scope="module")
def read_later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the calls that are there all the time while rows move."""
    home = tmp_path_factory.mktemp("read_later")
    with Replica(create_world(SOURCES, alter=without_every_fifth)) as world:
        crawl_all(home, world.address)
    return home
