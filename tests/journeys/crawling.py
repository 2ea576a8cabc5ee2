"""Crawls against a replica, and what the store holds before and after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import select
from starlette.types import ASGIApp

from config.clock import clock
from config.settings import Settings
from crawler.parsers.eu_portal import to_record
from crawler.replicas.eu_portal import Faults, create_app
from crawler.replicas.sample import Record
from crawler.replicas.serving import Replica
from crawler.runner import RunResult, crawl
from store.calls import save
from store.database import Database
from store.models import CallVersion

TODAY = date(2026, 8, 22)
TABLES = ("call", "call_version", "deadline")

Rows = dict[str, list[Any]]


def topic(number: int, **fields: list[Any]) -> Record:
    """A grant topic of Horizon Europe, made up."""
    metadata = {
        "type": ["1"],
        "status": ["31094502"],
        "language": ["en"],
        "identifier": [f"TEST-2026-{number:04}"],
        "title": [f"Made-up topic {number}"],
        "DATASOURCE": ["SEDIA"],
        "frameworkProgramme": ["43108390"],
        "startDate": ["2026-05-05T00:00:00.000+0000"],
        "deadlineDate": ["2026-12-15T00:00:00.000+0000"],
    }
    return {"reference": f"{number}TOPICSen", "language": "en", "metadata": metadata | fields}


def run_at(address: str, database: Database, **settings: Any) -> RunResult:
    return crawl("eu_portal", Settings(**settings_of(database, address), **settings), database, TODAY)


def run(
    records: Sequence[Record], database: Database, faults: Faults | None = None, app: ASGIApp | None = None
) -> RunResult:
    """One crawl of a portal with these records and faults, or of `app`, into `database`."""
    with Replica(app or create_app(records, faults or Faults())) as replica:
        return run_at(replica.address, database)


def settings_of(database: Database, address: str) -> dict[str, Any]:
    folder = Path(database.url.database or "").parent
    return {"home": folder, "database_url": str(database.url), "address": {"eu_portal": address}}


def store(records: Sequence[Record], database: Database) -> None:
    """Put records into the store as an earlier crawl would have done."""
    with database.writing() as session:
        save(session, [to_record(record) for record in records], None, clock(TODAY))


def contents(database: Database, *tables: str) -> Rows:
    """All rows of the tables that hold what is known of calls."""
    with database.reading() as session:
        return {
            table: [tuple(row) for row in session.execute(text(f"SELECT * FROM {table} ORDER BY id"))]
            for table in tables or TABLES
        }


@dataclass(frozen=True)
class Known:
    """A version of a call, out of its session."""

    key: str
    number: int
    kinds: list[str]
    changes: list[dict[str, Any]]
    snapshot: dict[str, Any]


def versions(database: Database, above: int = 0) -> dict[str, Known]:
    """The last version of each call, by its key; only those numbered above `above`."""
    with database.reading() as session:
        found = session.exec(select(CallVersion).order_by(text("number"))).all()
        return {
            version.snapshot["source_key"]: Known(
                version.snapshot["source_key"],
                version.number,
                version.kinds,
                version.changes,
                version.snapshot,
            )
            for version in found
            if version.number > above
        }
