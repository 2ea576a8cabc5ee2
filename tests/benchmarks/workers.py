"""Sources read by many workers: each once, no host asked sooner than its delay, whoever is killed.

    python -m tests.benchmarks.workers [WORKERS] [DATABASE_URL]

20 replicas of portals on 10 hosts of this machine (two sources a host), two schedulers, 4 workers unless told otherwise, of
which one is killed midway, and an empty PostgreSQL database: one of its own on the server of the tests, unless one is given.
All jobs are owed, as after a pause. The delays are those that sources.toml asks for.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import tomlkit
from sqlalchemy import text
from sqlmodel import select

import config
from config.settings import Settings
from crawler.replicas.sample import RECORDS, load_records
from crawler.replicas.serving import Replica, RequestLog, Seen
from crawler.replicas.world import replica_of, replicas
from jobs.installation import Installation
from jobs.plan import Job, Task, plan
from store.database import Database
from store.jobs import begin_job, end_job
from store.models import CrawlRun, JobRun
from store.queue import queue_state
from tests.databases import new_postgresql

COMMAND = (sys.executable, "-u", "-c", "from cli import main; main()")
HOSTS, SCHEDULERS = 10, 2
KEYS = {"FUNDING_INTERREG_APP_ID": "replica", "FUNDING_INTERREG_SEARCH_KEY": "replica"}
LATE = 0.02
"""Seconds by which a request may be noted late, so that the next one seems to come too soon."""


def organisations(folder: Path) -> Path:
    """AMB with every source that has a replica switched on, to be read each day."""
    amb = Path(config.__file__).parent / "amb"
    shutil.copytree(amb, folder / "amb")
    path = folder / "amb" / "sources.toml"
    sources = tomlkit.parse(path.read_text(encoding="utf-8"))
    for source in sources["source"]:
        if source["key"] in replicas():
            source.update({"enabled": True, "cadence": "daily"})
    path.write_text(tomlkit.dumps(sources), encoding="utf-8")
    return folder


def owe_everything(database: Database, jobs: list[Job]) -> None:
    before = datetime.now(UTC) - timedelta(days=15)
    with database.writing() as session:
        for job in jobs:
            run = begin_job(session, job.work.organisation, job.work.name, job.trigger.latest(before), before)
            assert run is not None
            assert run.id is not None
            end_job(session, run.id, "ok", before)


class Worker:
    """A process whose log is read as it is written."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.done: list[str] = []
        self.told = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            event = json.loads(line)
            if event["event"] == "job done":
                self.done.append(event["job"])
                self.told.set()
            else:
                print("   ", event["event"], event.get("job", ""), event.get("reason", ""))

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def stop(self) -> None:
        self.process.terminate()
        self.end()

    def end(self) -> None:
        self.process.wait()
        self._reader.join()


def gaps(seen: dict[str, list[Seen]]) -> Iterator[tuple[str, float]]:
    """Seconds between two requests to a host, whichever crawl made them. robots.txt is asked before anything is known."""
    for host, requests in seen.items():
        times = sorted(one.at for one in requests if one.path != "/robots.txt")
        yield from ((host, later - earlier) for earlier, later in pairwise(times))


def measure(url: str, workers: int, folder: Path) -> bool:
    settings = Settings(home=folder / "home", config=organisations(folder / "config"), database_url=url)
    seen: dict[str, list[Seen]] = defaultdict(list)
    with ExitStack() as stack:
        addresses = {}
        for number, source in enumerate(replicas()):
            host = f"127.0.1.{number % HOSTS + 1}"
            app = replica_of(source).create_app(load_records(RECORDS / f"{source}.jsonl"))
            addresses[source] = stack.enter_context(Replica(RequestLog(app, seen[host]), host=host)).address
        environment = {
            "FUNDING_HOME": str(settings.home),
            "FUNDING_CONFIG": str(settings.config),
            "FUNDING_DATABASE_URL": url,
            "FUNDING_ENCODER": "none",
            **KEYS,
            **{f"FUNDING_ADDRESS_{source.upper()}": address for source, address in addresses.items()},
        }
        database = Database(url)
        stack.callback(database.close)
        here = Installation(settings, database)
        jobs = plan(here.organisations())
        owe_everything(database, jobs)
        started = [Worker(environment, "schedule", "--workers") for _ in range(SCHEDULERS)]
        working = [Worker(environment, "worker") for _ in range(workers)]
        victim = working[0]
        victim.told.wait(120)
        victim.kill()
        killed_at = len(victim.done)
        while left := unfinished(database, jobs):
            if all(one.process.poll() is not None for one in working):
                raise RuntimeError(f"no worker is left, and these are not done: {sorted(left)}")
            for one in working[1:]:
                one.told.clear()
                one.told.wait(5)
        for process in (*started, *working[1:]):
            process.stop()
        return report(here, jobs, working, killed_at, dict(seen))


def unfinished(database: Database, jobs: list[Job]) -> set[str]:
    now = datetime.now(UTC)
    with database.reading() as session:
        ended = {
            (run.organisation, run.job, run.due_at)
            for run in session.exec(select(JobRun).where(JobRun.outcome != "running"))
        }
    due = {(job.work.organisation, job.work.name, job.trigger.latest(now)) for job in jobs}
    return {" ".join(one[:2]).strip() for one in due - ended}


def report(
    here: Installation, jobs: list[Job], working: list[Worker], killed_at: int, seen: dict[str, list[Seen]]
) -> bool:
    with here.database.reading() as session:
        crawls = Counter(
            run.source for run in session.exec(select(CrawlRun)) if run.detail != "the process was killed"
        )
        locks = session.execute(
            text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        ).scalar_one()
        bad = [
            f"{run.job} {run.outcome} {run.detail}"
            for run in session.exec(select(JobRun))
            if run.outcome == "failed"
        ]
    sources = {job.work.of for job in jobs if job.work.task is Task.CRAWL}
    smallest = {host: min((gap for one, gap in gaps(seen) if one == host), default=0.0) for host in seen}
    asked = min(source.delay for source in here.organisations()[0].sources if source.key in sources)
    once = {source for source in sources if crawls[source] == 1}
    print(
        f"{len(sources)} sources on {len(seen)} hosts, {SCHEDULERS} schedulers, {len(working)} workers, one killed"
    )
    print(
        f"read once: {len(once)} of {len(sources)}; otherwise: { {one: crawls[one] for one in sources - once} }"
    )
    for number, one in enumerate(working, start=1):
        fate = f", killed after {killed_at}" if one is working[0] else ""
        print(
            f"worker {number}: {len(one.done)} jobs{fate}, {sum(job.startswith('crawl') for job in one.done)} crawls"
        )
    print(
        f"requests: {sum(map(len, seen.values()))}; smallest gap at a host: {min(smallest.values()):.3f} s, asked: {asked:.1f} s"
    )
    print(f"advisory locks left: {locks}; queue: {queue_state(here.database)}; failed: {bad or 'none'}")
    return once == sources and min(smallest.values()) >= asked - LATE and not locks


def main(workers: str = "4", url: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        is_good = measure(url or stack.enter_context(new_postgresql()), int(workers), Path(folder))
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
