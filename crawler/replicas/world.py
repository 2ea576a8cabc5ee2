"""All portals at once, on one port: each below a path of its own name."""

import json
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount, Route

from crawler.replicas.sample import RECORDS, Record, load_records


def replicas() -> list[str]:
    """The sources that have a replica and a sample."""
    folder = Path(__file__).parent
    return sorted(path.stem for path in folder.glob("*.py") if (RECORDS / f"{path.stem}.jsonl").exists())


def replica_of(source: str) -> Any:
    """The module of a source's replica: `create_app(records)` and `shift_dates(records, days)`."""
    return import_module(f"crawler.replicas.{source}")


MADE_UP = "TEST-"
"""Stands in the identifiers of rows that were made up for the sake of a test."""


Alter = Callable[[list[Record]], list[Record]]
"""What is done to the records of each source before they are served."""


def real_only(records: list[Record]) -> list[Record]:
    """Without the rows that were made up for tests."""
    return [record for record in records if MADE_UP not in json.dumps(record)]


def create_world(sources: Iterable[str], shift_days: int = 0, alter: Alter | None = None) -> Starlette:
    """The samples of `sources`, every date moved by `shift_days`, and one robots.txt that allows all."""
    routes: list[BaseRoute] = [Route("/robots.txt", _allow_all)]
    for source in sources:
        portal = replica_of(source)
        records = portal.shift_dates(load_records(RECORDS / f"{source}.jsonl"), shift_days)
        routes.append(Mount(f"/{source}", app=portal.create_app(alter(records) if alter else records)))
    return Starlette(routes=routes)


def addresses(base: str, sources: Iterable[str]) -> dict[str, str]:
    """Where each source is met in a world that is served at `base`."""
    return {source: f"{base}/{source}" for source in sources}


def _allow_all(_: Request) -> PlainTextResponse:
    return PlainTextResponse("User-agent: *\nAllow: /\n")
