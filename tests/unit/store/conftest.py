"""Databases to try the store on: SQLite in a file, and PostgreSQL where a server answers."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from store.database import Database
from store.records import CallRecord, DeadlineRecord, Kind, Status

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432"

MakeRecord = Callable[..., CallRecord]


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL database of this session's own."""
    name = f"funding_test_{uuid4().hex}"
    server = create_engine(
        f"{SERVER}/postgres", isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5}
    )
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    except OperationalError as error:
        reason = f"no PostgreSQL server at {SERVER}: {error.orig}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    yield f"{SERVER}/{name}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'funding.db'}"
    address: str = request.getfixturevalue("postgresql")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return address


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


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
