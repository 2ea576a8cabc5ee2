"""How long matching takes for many organisations that share their calls, by one, two and four workers.

    python -m tests.benchmarks.organisations [ORGANISATIONS] [CALLS] [WORKERS …]

150 organisations, 1,400 calls and 1, 2 and 4 workers unless told otherwise; heirs of AMB with a made-up project each, and the
calls of the sample, multiplied. Words alone rank (FUNDING_ENCODER=none). PostgreSQL on the server of the tests.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import count, cycle, islice
from pathlib import Path

from sqlmodel import func, select

import config
from config.settings import Settings
from crawler.parsers.eu_portal import to_record
from crawler.replicas.sample import RECORDS, load_records
from jobs.installation import Installation
from jobs.plan import Task, Work
from jobs.queue import Queue
from store.calls import save
from store.database import Database
from store.models import CallReading, JobRun, Match
from store.records import CallRecord
from tests.databases import new_postgresql

COMMAND = (sys.executable, "-c", "from cli import main; main()", "worker", "--until-empty")
HEIR = """
inherits = "amb"
id = "{key}"
short_name = "TEST"
website = "https://example.org"
name = {{ ca = "TEST", es = "TEST", en = "TEST", fr = "TEST" }}
nature = {{ ca = "TEST", es = "TEST", en = "TEST", fr = "TEST" }}
territory = {{ country = "ES", nuts = ["ES51", "ES511"], municipalities = 1, population = 1 }}
language = "ca"
"""
PROJECT = """
[[project]]
id = "test_project"
name = "TEST {key}"
kind = "standing"
areas = ["mobility"]
summary = "Made up: {first} and {second} in the streets, parks and schools of municipality {key}."
"""
SUBJECTS = (
    "shade",
    "buses",
    "rainwater",
    "bicycles",
    "solar roofs",
    "compost",
    "noise",
    "quiet squares",
    "data",
)


def organisations(folder: Path, number: int) -> list[str]:
    amb = Path(config.__file__).parent / "amb"
    folder.mkdir()
    (folder / "amb").symlink_to(amb)
    keys = [f"test_{one}" for one in range(number - 1)]
    for place, key in enumerate(keys):
        (folder / key).mkdir()
        (folder / key / "organisation.toml").write_text(HEIR.format(key=key))
        first, second = SUBJECTS[place % len(SUBJECTS)], SUBJECTS[place // len(SUBJECTS) % len(SUBJECTS)]
        (folder / key / "portfolio.toml").write_text(PROJECT.format(key=key, first=first, second=second))
    return ["amb", *keys]


def calls(number: int) -> list[CallRecord]:
    """The sample's records, under made-up keys so often that there are `number` of them."""
    records = [to_record(row) for row in load_records(RECORDS / "eu_portal.jsonl")]
    whole = [one for one in records if isinstance(one, CallRecord)]
    numbered = zip(islice(cycle(whole), number), count(), strict=False)
    return [one.model_copy(update={"source_key": f"TEST-{place}"}) for one, place in numbered]


def matched(here: Installation, keys: list[str], workers: int, environment: dict[str, str]) -> float:
    """Seconds until the matches of all organisations are there, made anew."""
    with here.database.writing() as session:
        for table in (Match, CallReading, JobRun):
            session.execute(table.__table__.delete())  # type: ignore[union-attr]
    queue = Queue(here)
    for key in keys:
        queue.hand(Work(Task.MATCH, key), datetime.now(UTC))
    queue.close()
    begun = time.monotonic()
    started = [
        subprocess.Popen(COMMAND, env=os.environ | environment, stderr=subprocess.DEVNULL)
        for _ in range(workers)
    ]
    codes = [process.wait() for process in started]
    took = time.monotonic() - begun
    with here.database.reading() as session:
        done = session.exec(select(func.count()).select_from(JobRun).where(JobRun.outcome == "ok")).one()
    if any(codes) or done != len(keys):
        raise RuntimeError(f"{done} of {len(keys)} organisations are matched; workers ended with {codes}")
    return took


def measure(url: str, folder: Path, number: int, size: int, workers: list[int]) -> None:
    keys = organisations(folder / "config", number)
    database = Database(url)
    with database.writing() as session:
        save(session, calls(size), None, datetime.now(UTC))
    settings = Settings(
        home=folder / "home", config=folder / "config", database_url=url, organisations=",".join(keys)
    )
    environment = {
        "FUNDING_HOME": str(settings.home),
        "FUNDING_CONFIG": str(settings.config),
        "FUNDING_DATABASE_URL": url,
        "FUNDING_ORGANISATIONS": settings.organisations,
        "FUNDING_ENCODER": "none",
    }
    here = Installation(settings, database)
    print(f"{number} organisations × {size} calls, {os.cpu_count()} cores")
    alone = 0.0
    for several in workers:
        took = matched(here, keys, several, environment)
        alone = alone or took
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"{several} workers: {took:7.1f} s, {took / number:5.2f} s an organisation, {alone / took:4.2f} × one, {peak:4.0f} MB at most"
        )
    database.close()


def main(number: str = "150", size: str = "1400", *workers: str) -> None:
    with tempfile.TemporaryDirectory() as folder, new_postgresql() as url:
        measure(url, Path(folder), int(number), int(size), [int(one) for one in workers] or [1, 2, 4])


if __name__ == "__main__":
    main(*sys.argv[1:])
