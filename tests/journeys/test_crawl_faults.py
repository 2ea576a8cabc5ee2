"""A portal that fails: the run says how, and what was stored before is still there."""

import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler import runner
from crawler.replicas.eu_portal import ALWAYS, Faults, create_app
from crawler.replicas.sample import Record
from crawler.replicas.serving import Replica
from crawler.runner import RunResult
from store.database import Database
from store.models import CrawlRun, Quarantined
from tests.journeys.crawling import TODAY, Rows, contents, run, run_at, settings_of, store, topic

FEW = [topic(number) for number in range(1, 6)]
MANY = [topic(number) for number in range(1, 151)]
BEFORE = [topic(number) for number in range(1, 4)]
"""What earlier crawls had stored; all of it is in FEW and MANY too."""


@dataclass(frozen=True)
class Scenario:
    """A fault, and what the run then says: the error, and how its detail begins."""

    faults: Faults
    error: str
    detail: str
    records: list[Record] = field(default_factory=lambda: FEW)
    seen: int = 0


NO_JSON = "an answer was not what was expected"
FAILING = {
    "limits the rate for ever": Scenario(
        Faults(rate_limited=ALWAYS, retry_after=0), "rate_limited", "the portal answered 429"
    ),
    "asks for an hour": Scenario(
        Faults(rate_limited=ALWAYS, retry_after=3_600), "rate_limited", "the portal answered 429"
    ),
    "is down": Scenario(Faults(unavailable=ALWAYS), "unavailable", "the portal answered 500"),
    "cuts its answers": Scenario(Faults(truncated=ALWAYS), "unreadable", NO_JSON),
    "wants a login": Scenario(Faults(login_page=ALWAYS), "unreadable", NO_JSON),
    "ignores the filter": Scenario(Faults(foreign=1), "unreadable", "the portal ignored the filter"),
    "forbids crawlers": Scenario(
        Faults(robots="User-agent: *\nDisallow: /\n"), "blocked", "robots.txt forbids it"
    ),
    "cannot say what it forbids": Scenario(
        Faults(robots="", robots_status=503), "unavailable", "robots.txt could not be read"
    ),
}
CUT_SHORT = {
    "repeats its first page": Scenario(
        Faults(repeats_first_page=True), "incomplete", "Horizon", MANY, seen=100
    ),
    "withholds rows": Scenario(Faults(withheld=30), "incomplete", "Horizon", MANY, seen=120),
    "fails on one page": Scenario(
        Faults(unavailable=range(3, 7)), "unavailable", "the portal answered 500", MANY, seen=100
    ),
}


@dataclass(frozen=True)
class Ran:
    result: RunResult
    before: Rows
    after: Rows
    app: Starlette


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """All scenarios, some at a time: what takes long is the start of each crawl's process."""

    def play(scenario: Scenario, database: Database) -> Ran:
        store(BEFORE, database)
        before = contents(database)
        app = create_app(scenario.records, scenario.faults)
        result = run(scenario.records, database, app=app)
        return Ran(result, before, contents(database), app)

    scenarios = FAILING | CUT_SHORT
    with ExitStack() as opened, ThreadPoolExecutor(4) as pool:
        # Alembic migrates one database at a time.
        databases = [
            opened.enter_context(
                closing(Database(f"sqlite:///{tmp_path_factory.mktemp('fault')}/funding.db"))
            )
            for _ in scenarios
        ]
        return dict(zip(scenarios, pool.map(play, scenarios.values(), databases), strict=True))


@pytest.mark.parametrize("name", FAILING)
def test_failed_run_stores_nothing(ran: dict[str, Ran], name: str) -> None:
    result, scenario = ran[name].result, FAILING[name]
    assert (result.outcome, result.error, result.new, result.changed) == ("failed", scenario.error, 0, 0)
    assert result.detail.startswith(scenario.detail)
    assert ran[name].after == ran[name].before


@pytest.mark.parametrize("name", CUT_SHORT)
def test_part_of_the_rows_is_kept_and_said_to_be_a_part(ran: dict[str, Ran], name: str) -> None:
    result, scenario = ran[name].result, CUT_SHORT[name]
    assert (result.outcome, result.error) == ("partial", scenario.error)
    assert (result.seen, result.declared, result.new) == (scenario.seen, 150, scenario.seen - len(BEFORE))
    assert f"{scenario.seen} of 150 rows" in result.detail
    calls = ran[name].after["call"]
    assert len(calls) == scenario.seen
    assert calls[: len(BEFORE)] == ran[name].before["call"]


@pytest.mark.parametrize("name", ["forbids crawlers", "cannot say what it forbids"])
def test_nothing_is_asked_of_a_portal_that_does_not_allow_it(ran: dict[str, Ran], name: str) -> None:
    assert {request.path for request in ran[name].app.state.requests} == {"/robots.txt"}


def test_no_second_try_before_the_time_that_the_portal_asks_for(ran: dict[str, Ran]) -> None:
    assert len(ran["asks for an hour"].app.state.requests) == 2


def test_address_where_nobody_answers(database: Database) -> None:
    store(BEFORE, database)
    before = contents(database)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    result = run_at(f"http://127.0.0.1:{port}", database)
    assert (result.outcome, result.error, result.seen, result.declared) == ("failed", "unavailable", 0, None)
    assert contents(database) == before


def test_stumbles_are_waited_out(database: Database) -> None:
    app = create_app(MANY, Faults(rate_limited={1}, retry_after=1, unavailable={2}, empty={3, 5}))
    result = run(MANY, database, app=app)
    assert (result.outcome, result.detail, result.seen, result.new) == ("ok", "", 150, 150)
    searches = [request for request in app.state.requests if request.path.endswith("/search")]
    waited = [later.at - sooner.at for sooner, later in pairwise(searches)]
    assert waited[0] >= 1


def test_without_facets_all_is_read_and_stale_copies_are_dropped(database: Database) -> None:
    result = run(MANY, database, Faults(facets_unavailable=True, stale=2))
    assert (result.outcome, result.detail) == ("ok", "")
    assert (result.seen, result.declared, result.new) == (152, 152, 150)


def test_row_without_a_title_goes_to_quarantine(database: Database) -> None:
    store(BEFORE, database)
    before = contents(database)
    result = run([*FEW, topic(900, title=[])], database)
    assert (result.outcome, result.error, result.quarantined) == ("partial", "invalid", 1)
    assert (result.seen, result.new) == (6, 2)
    with database.reading() as session:
        (row,) = session.exec(select(Quarantined)).all()
        (kept,) = session.exec(select(CrawlRun).where(CrawlRun.id == row.run_id)).all()
    assert (row.source, row.source_key, kept.quarantined) == ("eu_portal", "900TOPICSen", 1)
    assert row.reason.startswith("titles")
    assert '"TEST-2026-0900"' in row.raw
    after = contents(database)
    assert [row for row in after["call"] if row in before["call"]] == before["call"]


class Stalls:
    """Middleware that never answers one of the search requests."""

    def __init__(self, app: ASGIApp, search: int) -> None:
        self.app = app
        self.left = search
        self.reached = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.left -= str(scope.get("path", "")).endswith("/search")
        if self.left == 0:
            self.left = -1
            self.reached.set()
            message: Message = {}
            while message.get("type") != "http.disconnect":
                message = await receive()
            return
        await self.app(scope, receive, send)


@pytest.fixture
def endless() -> list[Record]:
    return [topic(number) for number in range(1, 301)]


def test_killed_crawl_keeps_its_pages_and_the_next_one_completes(
    database: Database, endless: list[Record]
) -> None:
    stalls = Stalls(create_app(endless), search=4)
    with Replica(stalls) as replica:
        environment = os.environ | {
            "FUNDING_HOME": str(settings_of(database, "")["home"]),
            "FUNDING_ADDRESS_EU_PORTAL": replica.address,
            "SCRAPY_SETTINGS_MODULE": "crawler.settings",
        }
        command = [sys.executable, "-m", "scrapy", "crawl", "eu_portal", "-a", f"today={TODAY}"]
        with subprocess.Popen(command, env=environment) as process:
            assert stalls.reached.wait(60)
            process.send_signal(signal.SIGKILL)
    before = contents(database)
    assert len(before["call"]) >= 100
    (interrupted,) = contents(database, "crawl_run")["crawl_run"]
    assert "running" in interrupted

    result = run(endless, database)
    assert (result.outcome, result.new, result.changed) == ("ok", 300 - len(before["call"]), 0)
    after = contents(database)
    assert after["call"][: len(before["call"])] == before["call"]
    with database.reading() as session:
        killed, completed = session.exec(select(CrawlRun)).all()
    assert (killed.outcome, killed.error, killed.detail) == ("failed", "incomplete", "the process was killed")
    assert completed.outcome == "ok"


def test_crawl_that_hangs_is_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "GRACE", 0)
    store(BEFORE, database)
    before = contents(database)
    with Replica(Stalls(create_app(FEW), search=1)) as replica:
        result = run_at(replica.address, database, crawl_timeout=1)
    assert (result.outcome, result.error) == ("failed", "incomplete")
    assert result.detail == "the run took too long and was ended"
    assert contents(database) == before
