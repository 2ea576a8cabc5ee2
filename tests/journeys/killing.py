"""An installation whose processes are killed, and what is counted in it afterwards."""

import json
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from multiprocessing.process import BaseProcess
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import text
from sqlmodel import select

import config
from config.organisation import load_organisation
from crawler.replicas.sample import Record
from jobs.plan import plan
from store.database import Database
from store.deliveries import DeliveryState
from store.errors import StoreError
from store.jobs import FAILED, RUNNING, begin_job, end_job
from store.models import Delivery, JobRun
from tests.journeys.crawling import store as store_records
from tests.journeys.crawling import topic
from tests.journeys.processes import LONGEST, begun_for, start, wait_until
from tests.unit.notifier.mail_server import MailServer

WEEK = timedelta(days=7)
FAR = {"deadlineDate": ["2040-12-15T00:00:00.000+0000"]}
BEFORE: list[Record] = [topic(number, title=["As it was called before"], **FAR) for number in range(1, 31)]
AFTER: list[Record] = [topic(number, **FAR) for number in range(1, 131)]
"""More than a batch of a crawl, of which the store knows some, by another title."""
STATED = {
    "call": "SELECT * FROM call",
    "deadline": "SELECT call.source_key, deadline.* FROM deadline JOIN call ON call.id = deadline.call_id",
    "version": "SELECT call.source_key, call_version.* FROM call_version JOIN call ON call.id = call_version.call_id",
    "match": 'SELECT call.source_key, "match".* FROM "match" JOIN call ON call.id = "match".call_id',
}
FACTS = ("call", "deadline", "version")
OF_THE_RUN = {"id", "call_id", "run_id", "opportunity_id", "seen_at", "first_seen_at", "matched_at"}
"""Columns that say when a row came and how many came before it."""


def write_configuration(folder: Path) -> Path:
    """AMB with one source and two officers."""
    shutil.copytree(Path(config.__file__).parent / "amb", folder / "amb")
    for name, table, count in (("sources.toml", "[[source]]", 1), ("officers.toml", "[[officer]]", 2)):
        file = folder / "amb" / name
        parts = file.read_text(encoding="utf-8").split(table)
        file.write_text(table.join(parts[: count + 1]), encoding="utf-8")
    return folder


def fill(database: Database, configuration: Path) -> None:
    """What was known before, and every job done last two weeks ago: each of them is owed."""
    store_records(BEFORE, database)
    now = datetime.now(UTC)
    with database.writing() as session:
        for job in plan([load_organisation(configuration / "amb")]):
            before = job.trigger.latest(now - 2 * WEEK)
            run = begin_job(session, job.work.organisation, job.work.name, before, before)
            assert run is not None
            assert run.id is not None
            end_job(session, run.id, "ok", before)


@dataclass
class Evidence:
    """What is there in the end: rows as they would be in any run, and the mails by Message-ID."""

    rows: Counter[str]
    mails: Counter[str]


@dataclass
class Tally:
    """What was counted over all kills of a victim. `again`: mails that SMTP leaves in doubt, sent again as they were."""

    victim: str
    kills: int = 0
    calls_lost: int = 0
    mails_lost: int = 0
    duplicates: int = 0
    locks_left: int = 0
    again: int = 0

    @property
    def faults(self) -> int:
        return self.calls_lost + self.mails_lost + self.duplicates + self.locks_left

    def __str__(self) -> str:
        counts = (self.kills, self.calls_lost, self.mails_lost, self.duplicates, self.locks_left)
        return f"| {self.victim} | {' | '.join(map(str, counts))} |"


@dataclass
class Scene:
    """One installation, from its first process to the last."""

    home: Path
    url: str
    environment: Mapping[str, str]
    mails: MailServer
    doubtful: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        self.began = datetime.now(UTC)

    @property
    def log(self) -> Path:
        return self.home / "log"

    def start(self, *arguments: str) -> BaseProcess:
        own = {"FUNDING_HOME": str(self.home), "FUNDING_DATABASE_URL": self.url}
        return start(arguments, {**self.environment, **own}, self.log)

    def finish(self, *arguments: str) -> None:
        process = self.start(*arguments)
        process.join(LONGEST)
        assert process.exitcode == 0, self.log.read_text()

    def is_done(self) -> bool:
        """Whether every due time has been done, and nothing waits that is to be done now."""
        with suppress(StoreError), self.database.reading() as session:
            runs = session.exec(select(JobRun)).all()
            jobs = {(run.organisation, run.job) for run in runs}
            done = {
                (run.organisation, run.job) for run in runs if run.started_at >= self.began and run.ended_at
            }
            waits = (
                self.database.engine.dialect.name == "postgresql"
                and session.execute(text(WAITS)).scalar_one()
            )
            return not waits and done == jobs and all(run.outcome not in (RUNNING, FAILED) for run in runs)
        return False

    def note_doubt(self) -> None:
        """Mails of which nobody can tell now whether they have gone out."""
        self.database.close()  # connections to a server that was killed
        with self.database.reading() as session:
            claimed = select(Delivery.message_id).where(Delivery.state == DeliveryState.SENDING)
            self.doubtful.update(session.exec(claimed))

    def evidence(self) -> Evidence:
        """Matches count where nothing else ran beside matching: otherwise they depend on what came first."""
        with self.database.reading() as session:
            tables = (
                STATED
                if not session.exec(select(JobRun).where(JobRun.started_at >= self.began)).first()
                else FACTS
            )
            rows = Counter(
                f"{table} {sorted((name, str(value)) for name, value in row.items() if name not in OF_THE_RUN)}"
                for table in tables
                for row in session.execute(text(STATED[table])).mappings()
            )
        return Evidence(rows, Counter(message_from_bytes(mail)["Message-ID"] for mail in self.mails.arrived))

    def done_twice(self) -> int:
        """How often a job was done for a due time for which it had been done."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        told = Counter(
            event["job"]
            for event in map(json.loads, lines)
            if event["event"] == "job done" and event["outcome"] != FAILED
        )
        with self.database.reading() as session:
            runs = session.exec(select(JobRun).where(JobRun.started_at >= self.began)).all()
        noted = Counter(f"{run.organisation}: {run.job}" if run.organisation else run.job for run in runs)
        return (told - noted).total()

    def locks_left(self) -> int:
        """Locks that cannot be had although nobody works any more; and the processes that still do."""
        wait_until(lambda: not begun_for(self.home), "a crawl that was left alone to end", 60)
        if self.database.engine.dialect.name == "postgresql":
            self.database.close()
            count = text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )

            def held() -> int:
                with self.database.reading() as session:
                    return int(session.execute(count).scalar_one())

            with suppress(TimeoutError):
                wait_until(lambda: not held(), "the server to notice", 5)
            return held()
        left = sum(not _is_free(file) for file in self.home.glob("locks/*.lock"))
        with closing(sqlite3.connect(self.home / "funding.db", timeout=0)) as connection:
            connection.execute("BEGIN IMMEDIATE")
        return left

    def judge(self, expected: Evidence, tally: Tally) -> None:
        found = self.evidence()
        tally.calls_lost += (expected.rows - found.rows).total()
        tally.duplicates += (found.rows - expected.rows).total()
        tally.mails_lost += len(expected.mails.keys() - found.mails.keys())
        tally.duplicates += len(found.mails.keys() - expected.mails.keys())
        again = {name: count - 1 for name, count in found.mails.items() if count > 1}
        tally.again += sum(again.values())
        tally.duplicates += sum(count for name, count in again.items() if name not in self.doubtful)
        tally.duplicates += len(set(self.mails.arrived)) - len(found.mails)
        tally.duplicates += self.done_twice()
        tally.locks_left += self.locks_left()


WAITS = """
SELECT count(*) FROM queue.procrastinate_jobs
WHERE task_name = 'do' AND (status = 'doing' OR status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
"""


def _is_free(file: Path) -> bool:
    with suppress(Timeout), FileLock(file, timeout=0):
        return True
    return False


class Services:
    """Commands that run until they are stopped, each begun again when it ends, as systemd does."""

    def __init__(self, scene: Scene, commands: Iterable[tuple[str, ...]]) -> None:
        self._scene = scene
        self.running = {command: scene.start(*command) for command in commands}

    def kill(self, command: tuple[str, ...]) -> None:
        self.running[command].kill()
        self.running[command].join()

    def begin_again(self) -> None:
        for command, process in self.running.items():
            if process.exitcode is not None:
                self.running[command] = self._scene.start(*command)

    def is_done(self) -> bool:
        self.begin_again()
        return self._scene.is_done()

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.join(LONGEST)
            # One that had only just been begun again has no handler yet.
            assert process.exitcode in (0, -signal.SIGTERM), (process.exitcode, self._scene.log.read_text())


@contextmanager
def served(scene: Scene, commands: Iterable[tuple[str, ...]]) -> Iterator[Services]:
    """Services that are begun, and told to stop at the end of a `with` block."""
    services = Services(scene, commands)
    try:
        yield services
        services.stop()
    finally:
        for process in services.running.values():
            process.kill()
            process.join()
