"""Databases to try the store on: SQLite in a file, and PostgreSQL where a server answers."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from store.database import Database
from store.records import CallRecord, DeadlineRecord, Kind, Status
from tests.databases import ENGINES, drop_tables, opened, postgresql

__all__ = ["postgresql"]

MakeRecord = Callable[..., CallRecord]


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'funding.db'}"
    address: str = request.getfixturevalue("postgresql")
    drop_tables(address)
    return address


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with its tables and nothing in them."""
    yield from opened(request, request.param, tmp_path)


@pytest.fixture(scope="session")
def record() -> MakeRecord:
    """A made-up call: `record(title="…", budget_cents=…)`; what is not given is filled in."""

    def make(key: str = "TEST-1", **facts: Any) -> CallRecord:
        given = {
            "source": "test",
            "source_key": key,
            "kind": Kind.CALL,
            "identifiers": (key,),
            "titles": {"en": f"Call {key}"},
            "texts": {"en": "What it is about."},
            "status": Status.OPEN,
            "deadlines": (DeadlineRecord(day=date(2026, 9, 15), at=time(17)),),
            "page": f"https://example.org/{key}",
        }
        return CallRecord(**given | facts)

    return make


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 8, 22, 8, 0, tzinfo=UTC)
