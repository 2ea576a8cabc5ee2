"""What the tests of server-rendered listings share: crawls of a replica or of a portal with a fault."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from config.clock import clock
from config.settings import Settings
from crawler.replicas.serving import Replica
from crawler.runner import RunResult, crawl
from store.calls import save
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import TODAY

Facts = dict[str, dict[str, Any]]


def crawled(source: str, app: ASGIApp, database: Database) -> RunResult:
    """One crawl of `source`, served by `app`, into `database`."""
    folder = Path(database.url.database or "").parent
    with Replica(app) as replica:
        settings = Settings(home=folder, database_url=str(database.url), address={source: replica.address})
        return crawl(source, settings, database, TODAY)


def stored(records: Iterable[CallRecord], database: Database) -> None:
    """Put records into the store as an earlier crawl would have done."""
    with database.writing() as session:
        save(session, list(records), None, clock(TODAY))


def portal_that(answer: Callable[[Request], Response]) -> Starlette:
    """A portal that allows crawlers and answers every other request so."""
    return Starlette(
        routes=[
            Route("/robots.txt", lambda _: PlainTextResponse("User-agent: *\nAllow: /\n")),
            Route("/{path:path}", answer),
        ]
    )


FAULTY = {
    "is down": (lambda _: PlainTextResponse("down", 500), "unavailable"),
    "answers JSON": (lambda _: JSONResponse({"items": []}), "unreadable"),
    "wants a login": (lambda _: HTMLResponse("<form><input name='password'></form>"), "unreadable"),
}


def with_expected(path: Path, found: Facts) -> tuple[Facts, Facts]:
    """What was found and what was expected; REWRITE_EXPECTED=1 writes the one over the other, for review."""
    if os.environ.get("REWRITE_EXPECTED"):
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    expected: Facts = json.loads(path.read_text(encoding="utf-8"))
    return found, expected
