"""A crawl whose beginner was killed ends by itself, wherever it was."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlmodel import select
from starlette.types import ASGIApp, Receive, Scope, Send

from crawler.replicas.eu_portal import create_app
from crawler.replicas.serving import Replica
from crawler.runner import BEGUN_BY
from store.database import Database
from store.locks import exclusive
from store.models import CrawlRun
from tests.journeys.crawling import topic
from tests.journeys.processes import begun_for, wait_until
from tests.journeys.test_host_turns import crawl, is_begun


class Slow:
    """A portal that takes its time for each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(1.5)
        await self.app(scope, receive, send)


def test_one_that_waited_for_its_turn(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    with Replica(create_app([topic(1)])) as portal:
        with exclusive(tmp_path, "host-127.0.0.1", database):
            beginner = crawl("eu_portal", tmp_path, portal.address, begun_by=True)
            wait_until(lambda: is_begun(database, "eu_portal"), "the crawl to begin")
            os.kill(beginner.pid, signal.SIGKILL)
            beginner.wait()
        wait_until(lambda: not begun_for(tmp_path), "the crawl to end", 45)
    database.close()


def test_one_that_had_hardly_begun(tmp_path: Path) -> None:
    """Before it could look who had begun it."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    with Replica(Slow(create_app([topic(1)]))) as portal:
        environment = os.environ | {
            "FUNDING_HOME": str(tmp_path),
            "FUNDING_ADDRESS_EU_PORTAL": portal.address,
            BEGUN_BY: str(gone.pid),
        }
        command = [sys.executable, "-m", "scrapy", "crawl", "eu_portal", "-a", "today=2026-08-22"]
        process = subprocess.Popen(command, env=environment)
        wait_until(lambda: process.poll() is not None, "the crawl to end", 45)
    with database.reading() as session:
        assert session.exec(select(CrawlRun)).one().outcome != "ok"
    database.close()
