"""Databases for tests: SQLite in a file, and PostgreSQL where a server answers; made once, and emptied for each test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from store.database import Database

SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432"
ENGINES = ("sqlite", "postgresql")
BEGINNING = 30
"""Characters of a database's name that no other one has."""


@contextmanager
def new_postgresql() -> Iterator[str]:
    """A database of its own on the server, without tables. Without a server the test is skipped, and fails in CI."""
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
    try:
        yield f"{SERVER}/{name}"
    finally:
        with server.connect() as connection:
            # A restore keeps the former database beside it, under the beginning of the same name.
            like = connection.exec_driver_sql(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (name[:BEGINNING],)
            )
            for found in like.scalars().all():
                connection.exec_driver_sql(f'DROP DATABASE "{found}" WITH (FORCE)')
        server.dispose()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL database of this session's own."""
    with new_postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def made_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with all tables and nothing in them."""
    file = tmp_path_factory.mktemp("made") / "funding.db"
    Database(f"sqlite:///{file}").close()
    return file


@pytest.fixture(scope="session")
def made_postgresql() -> Iterator[str]:
    """The same on the server."""
    with new_postgresql() as url:
        Database(url).close()
        yield url


def opened(request: pytest.FixtureRequest, engine: str, folder: Path) -> Iterator[Database]:
    """A database with nothing in it."""
    if engine == "sqlite":
        file = shutil.copy(request.getfixturevalue("made_sqlite"), folder / "funding.db")
        database = Database(f"sqlite:///{file}")
    else:
        database = Database(request.getfixturevalue("made_postgresql"))
        empty(database)
    yield database
    database.close()


def empty(database: Database) -> None:
    """Leave nothing in a PostgreSQL database but its tables: whoever used it before may have left something."""
    """Leave nothing in a PostgreSQL database but its tables: whoever used it before may have left something."""
    names = ", ".join(f'"{name}"' for name in [*SQLModel.metadata.tables, "call_text"])
    with database.engine.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")


def drop_tables(url: str) -> None:
    """Leave a PostgreSQL database without tables."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
