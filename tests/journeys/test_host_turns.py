"""A host is asked by one crawl at a time, with a pause between two of them, whoever began them and is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.serving import Replica, RequestLog, Seen
from store.database import Database
from store.locks import exclusive
from store.models import CrawlRun

PAUSE = 0.6
ROBOTS = f"User-agent: *\nCrawl-delay: {PAUSE}\n"
LIST = '<html><a class="ce-linked" href="/calls/call-test-1"><h3>TEST-1 Made-up call</h3></a></html>'
BEGIN = "import subprocess, sys; subprocess.run(sys.argv[1:], check=False)"


class Host:
    """A host with the lists of two sources. `hold` keeps the answer to the first list back until it is set."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.asked, self.hold = threading.Event(), threading.Event()
        self.hold.set()
        routes = [
            Route("/robots.txt", lambda _: PlainTextResponse(ROBOTS)),
            Route("/{rest:path}", self.answer),
        ]
        self.app = Starlette(routes=routes, middleware=[Middleware(RequestLog, seen=self.seen)])

    def answer(self, _: Request) -> Response:
        self.asked.set()
        self.hold.wait(60)
        return Response(LIST, media_type="text/html")


@pytest.fixture
def host() -> Iterator[tuple[Host, str]]:
    host = Host()
    with Replica(host.app) as replica:
        yield host, replica.address
        host.hold.set()


def crawl(source: str, home: Path, address: str, *, begun_by: bool = False) -> subprocess.Popen[bytes]:
    """A crawl as a process, or as that of another one that began it."""
    command = [sys.executable, "-m", "scrapy", "crawl", source, "-a", "today=2026-08-22"]
    environment = os.environ | {"FUNDING_HOME": str(home), f"FUNDING_ADDRESS_{source.upper()}": address}
    before = [sys.executable, "-c", BEGIN] if begun_by else []
    return subprocess.Popen([*before, *command], env=environment, start_new_session=True)


def is_begun(database: Database, source: str) -> bool:
    with database.reading() as session:
        return session.exec(select(CrawlRun).where(CrawlRun.source == source)).first() is not None


def test_two_sources_of_a_host_are_read_one_after_the_other(tmp_path: Path, host: tuple[Host, str]) -> None:
    portal, address = host
    Database(f"sqlite:///{tmp_path / 'funding.db'}").close()
    started = [crawl(source, tmp_path, address) for source in ("city_facility", "climate_kic")]
    assert [process.wait(60) for process in started] == [0, 0]
    first = portal.seen[0].path
    assert [seen.path for seen in portal.seen].count("/robots.txt") == 2
    turns = [number for number, seen in enumerate(portal.seen) if seen.path == first]
    assert turns[0] == 0
    # Between two requests of a crawl, as between the last of one and the first of the next.
    gaps = [later.at - earlier.at for earlier, later in pairwise(portal.seen)]
    assert all(gap >= PAUSE - 0.02 for gap in gaps[1:])


def test_who_is_left_alone_ends_and_nobody_asks_beside_it(tmp_path: Path, host: tuple[Host, str]) -> None:
    portal, address = host
    portal.hold.clear()
    begun = crawl("city_facility", tmp_path, address, begun_by=True)
    assert portal.asked.wait(60)
    os.kill(begun.pid, signal.SIGKILL)
    begun.wait()
    asked = len(portal.seen)
    following = crawl("climate_kic", tmp_path, address)
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    while not is_begun(database, "climate_kic"):
        assert following.poll() is None
    time.sleep(1)  # that nothing is asked can only be seen by waiting
    assert len(portal.seen) == asked
    portal.hold.set()
    assert following.wait(60) == 0
    assert len(portal.seen) > asked
    with exclusive(tmp_path, "host-127.0.0.1", database, wait=30):
        pass
    database.close()
