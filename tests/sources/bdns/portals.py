"""Crawls of a replica, whole or with some of its answers broken, for sources that answer JSON in pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from config.clock import clock
from config.settings import Settings
from crawler.replicas.serving import Replica
from crawler.runner import RunResult, crawl
from store.calls import save
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import Rows, contents

Asked = Callable[[str, Mapping[str, str]], bool]
"""Whether a request, by its path and its parameters, is one of those that are answered otherwise."""


@dataclass(frozen=True)
class Broken:
    """A portal that answers `answer` to some requests."""

    app: ASGIApp
    asked: Asked
    answer: Response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hit = scope["type"] == "http" and self.asked(
            scope["path"], QueryParams(scope["query_string"].decode())
        )
        await (self.answer if hit else self.app)(scope, receive, send)


def run(source: str, app: ASGIApp, database: Database, today: date) -> RunResult:
    folder = Path(database.url.database or "").parent
    with Replica(app) as replica:
        settings = Settings(home=folder, database_url=str(database.url), address={source: replica.address})
        return crawl(source, settings, database, today)


def keep(database: Database, records: Sequence[CallRecord], today: date) -> Rows:
    """Store records as an earlier crawl would have done; what the store then holds."""
    with database.writing() as session:
        save(session, list(records), None, clock(today))
    return contents(database)
