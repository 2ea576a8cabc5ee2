"""`funding schedule` as it stands in a service file: it starts, makes up for what was missed, and stops when told."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from config.settings import Settings
from crawler.replicas.eu_portal import create_app
from crawler.replicas.serving import Replica
from jobs.installation import Installation
from jobs.plan import plan
from jobs.running import owed
from store.database import Database
from store.jobs import begin_job, end_job
from store.models import CrawlRun, JobRun
from tests.journeys.crawling import topic

COMMAND = (sys.executable, "-u", "-c", "from cli import main; main()")
WEEK = timedelta(days=7)


@pytest.fixture
def here(database: Database, tmp_path: Path, eu_portal_alone: Path) -> Installation:
    return Installation(
        Settings(home=tmp_path, config=eu_portal_alone, database_url=str(database.url)), database
    )


@pytest.fixture
def missed(here: Installation) -> dict[str, datetime]:
    """The jobs' last due times, after a pause of two weeks and more in which the machine was off."""
    now = datetime.now(UTC)
    due = {job.work.key: job.trigger.latest(now) for job in plan(here.organisations())}
    with here.database.writing() as session:
        for job in plan(here.organisations()):
            before = job.trigger.latest(now - 2 * WEEK)
            run = begin_job(session, job.work.organisation, job.work.name, before, before)
            assert run is not None
            assert run.id is not None
            end_job(session, run.id, "ok", before)
    return due


def command(here: Installation, address: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {
        "FUNDING_HOME": str(here.settings.home),
        "FUNDING_CONFIG": str(here.settings.config),
        "FUNDING_DATABASE_URL": here.settings.database_url,
        "FUNDING_ADDRESS_EU_PORTAL": address,
        "FUNDING_ENCODER": "none",
    }
    return subprocess.Popen(
        [*COMMAND, "schedule", *arguments],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def events(process: subprocess.Popen[str]) -> Iterator[dict[str, str]]:
    """What it logs, one JSON object a line."""
    assert process.stderr is not None
    yield from map(json.loads, iter(process.stderr.readline, ""))


def stop(process: subprocess.Popen[str]) -> tuple[str, int]:
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=60)[1], process.returncode


def test_what_was_missed_is_caught_up_once_and_a_second_scheduler_refused(
    here: Installation, missed: dict[str, datetime]
) -> None:
    with Replica(create_app([topic(1)])) as portal:
        process = command(here, portal.address)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("next: ")
        second = command(here, portal.address)
        owed = set(missed)
        done = {}
        for event in events(process):
            done[event["job"]] = event["outcome"]
            if not owed - set(done):
                break
        complaint = second.communicate(timeout=60)[1]
        assert stop(process) == ("", 0)
    assert "schedule: another process is at it" in complaint
    assert set(done.values()) == {"ok"}
    with here.database.reading() as session:
        runs = session.exec(select(JobRun)).all()
        assert Counter((run.organisation, run.job) for run in runs) == dict.fromkeys(
            {(run.organisation, run.job) for run in runs}, 2
        )
        assert [run.outcome for run in session.exec(select(CrawlRun))] == ["ok"]
    assert {path.name.split("-W")[0] for path in here.settings.outbox.glob("*.eml")} == {
        f"{datetime.now(UTC):%G}"
    }


def test_told_to_stop_a_crawl_is_cut_short_and_owed_again(
    here: Installation, missed: dict[str, datetime]
) -> None:
    asked = threading.Event()

    async def silent(_: Request) -> Response:
        asked.set()
        await asyncio.sleep(3600)
        raise AssertionError

    robots = Route("/robots.txt", lambda _: PlainTextResponse("User-agent: *\nAllow: /\n"))
    app = Starlette(routes=[robots, Route("/{rest:path}", silent, methods=["POST"])])
    with Replica(app) as portal:
        process = command(here, portal.address)
        assert asked.wait(60)
        begun = time.monotonic()
        _, code = stop(process)
    assert (code, time.monotonic() - begun < 45) == (0, True)
    with here.database.reading() as session:
        (run,) = session.exec(
            select(JobRun).where(JobRun.job == "crawl eu_portal", JobRun.due_at == missed["crawl eu_portal"])
        )
        (crawl,) = session.exec(select(CrawlRun))
    assert (run.outcome, crawl.outcome) == ("running", "failed")
    assert owed(here.database, plan(here.organisations())[1], datetime.now(UTC)) == missed["crawl eu_portal"]


def test_a_dry_run_shows_what_would_run_and_runs_nothing(here: Installation) -> None:
    process = command(
        here, "http://127.0.0.1:9", "--dry-run", "--days", "14", "--today", "2026-10-19", "--json"
    )
    shown = json.loads(process.communicate(timeout=60)[0])
    assert [one["at"] for one in shown] == sorted(one["at"] for one in shown)
    counts = Counter(one["task"] for one in shown)
    officers = len(here.organisations()[0].officers)
    assert counts == {
        "backup": 14,
        "crawl": 14,
        "match": 14,
        "retention": 1,
        "learn": 2,
        "digest": 2 * officers,
        "remind": 14 * officers,
    }
    matched = [one["at"][11:16] for one in shown if one["task"] == "match"]
    assert (
        matched == ["04:00"] * 6 + ["05:00"] * 8
    )  # six in the morning, before and after the clock goes back
    with here.database.reading() as session:
        assert session.exec(select(JobRun)).all() == []
