"""Starts a crawl in a process of its own, with a timeout, and tells how it went.

Scrapy's engine runs once in a process; a crawl that hangs or dies must not take the scheduler with it.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from config.clock import clock
from config.secret_files import without_secrets
from config.settings import Settings
from crawler.outcomes import Outcome
from store.database import Database
from store.locks import exclusive
from store.models import CrawlRun
from store.runs import begin_run, end_run

GRACE = 30
"""Seconds beyond Scrapy's own timeout before the process is killed."""
BEGUN_BY = "FUNDING_CRAWL_BEGUN_BY"
"""The variable that tells a crawl which process began it: that one may be gone before it can look."""
LEAST_ROOM = 1024 * 1024
"""Bytes that the disk must have left for a batch of a crawl."""
LOOK_EVERY = 0.5
"""Seconds between two looks at a run's counts for the progress bar."""

Progress = Callable[[int, int | None], None]
"""Called with the rows seen and the rows declared."""


@dataclass(frozen=True)
class RunResult:
    """One run as `funding crawl --json` prints it."""

    source: str
    outcome: str
    error: str
    detail: str
    seen: int
    declared: int | None
    new: int
    changed: int
    quarantined: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def crawl(
    source: str,
    settings: Settings,
    database: Database,
    today: date | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> RunResult:
    """Read `source` and store what it states. Never raises for a portal's fault: the outcome says it.

    Once `stop` says so, it asks no further, keeps what it has, and the run is partial.

    Raises store.errors.StoreError when the database cannot be used, and store.locks.BusyError while another process reads
    the same source.
    """
    with exclusive(settings.home, f"crawl-{source}", database):
        return _crawl(source, settings, database, today, progress, stop)


def _crawl(
    source: str,
    settings: Settings,
    database: Database,
    today: date | None,
    progress: Progress | None,
    stop: Callable[[], bool],
) -> RunResult:
    begun = time.monotonic()
    with database.writing() as session:
        run_id = begin_run(session, source, clock(today)).id
    assert run_id is not None
    with _log_file(settings, source).open("wb+") as log:
        process = subprocess.Popen(
            _command(source, run_id, today), env=_environment(settings), stdout=log, stderr=subprocess.STDOUT
        )
        killed = _wait(process, database, run_id, settings.crawl_timeout + GRACE, progress, stop)
        run = _ended(database, run_id, today, killed, log)
    return RunResult(
        source=source,
        outcome=run.outcome,
        error=run.error,
        detail=run.detail,
        seen=run.seen,
        declared=run.declared,
        new=run.new,
        changed=run.changed,
        quarantined=run.quarantined,
        seconds=round(time.monotonic() - begun, 2),
    )


def _command(source: str, run_id: int, today: date | None) -> list[str]:
    arguments = ["-a", f"run={run_id}"] + (["-a", f"today={today.isoformat()}"] if today else [])
    return [sys.executable, "-m", "scrapy", "crawl", source, *arguments]


def _environment(settings: Settings) -> dict[str, str]:
    """The environment of this process, with the places that must be the same in both made explicit."""
    addresses = {f"FUNDING_ADDRESS_{key.upper()}": address for key, address in settings.address.items()}
    return (
        without_secrets()
        | addresses
        | {
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
            "FUNDING_HOME": str(settings.home.absolute()),
            "FUNDING_DATABASE_URL": settings.database,
            "FUNDING_ORGANISATION": settings.organisation,
            "FUNDING_CONFIG": str(settings.config.absolute()),
            "FUNDING_CRAWL_TIMEOUT": str(settings.crawl_timeout),
            BEGUN_BY: str(os.getpid()),
        }
    )


def _log_file(settings: Settings, source: str) -> Path:
    """What the last crawl of `source` logged, for those who look further than its outcome."""
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"crawl-{source}.log"


def _wait(
    process: subprocess.Popen[bytes],
    database: Database,
    run_id: int,
    timeout: float,
    progress: Progress | None,
    stop: Callable[[], bool],
) -> bool:
    """Wait for the process and show how far it is; True when it had to be killed."""
    ends, told = time.monotonic() + timeout, False
    try:
        while time.monotonic() < ends:
            if stop() and not told:
                told = True
                process.terminate()  # Scrapy finishes what it has asked for
                ends = min(ends, time.monotonic() + GRACE)
            with suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_EVERY)
                return False
            if progress is not None:
                with database.reading() as session:
                    run = session.get_one(CrawlRun, run_id)
                    progress(run.seen, run.declared)
        return True
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _ended(database: Database, run_id: int, today: date | None, killed: bool, log: BinaryIO) -> CrawlRun:
    """The run with its outcome; a process that ended without giving one has failed, or kept a part."""
    with database.writing() as session:
        run = session.get_one(CrawlRun, run_id)
        outcome = Outcome.PARTIAL if run.new or run.changed else Outcome.FAILED
        detail = "the run took too long and was ended" if killed else _last_line(log)
        end_run(session, run, outcome, "incomplete", detail, clock(today))
        session.flush()
        session.expunge(run)
        return run


def _last_line(log: BinaryIO) -> str:
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    if lines:
        return lines[-1][:500]
    if shutil.disk_usage(log.name).free < LEAST_ROOM:  # what it said could not be written down either
        return "the disk is full; free some space, nothing stored was lost"
    return "the process ended without a word"
