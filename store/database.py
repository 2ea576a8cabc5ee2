"""Opening the database: created and upgraded at first use; reading and writing in transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlmodel import Session

from store.errors import StoreError
from store.search import index_due, is_due

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT = 30_000
"""Milliseconds a writer waits for another one: longer than the longest transaction, a batch of a crawl."""
WRITERS = 0x46554E44
"""The key of PostgreSQL's advisory lock that writers of this program take."""


class Database:
    """A database whose tables are those of this version of the program.

    `Database(url)` creates or upgrades it. Raises StoreError when it cannot be opened, is read-only, is locked, was
    written by a newer version, or the disk is full.
    """

    def __init__(self, url: str) -> None:
        self.url = _parse(url)
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            _make_folder(Path(self.url.database).parent)
        self.engine = _create_engine(self.url)
        postgresql = self.url.get_backend_name() == "postgresql"
        self._reader = (
            self.engine.execution_options(isolation_level="REPEATABLE READ") if postgresql else self.engine
        )
        try:
            with self.faults_explained():
                self._upgrade()
                self._index_due()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database and writes nothing."""
        with self.faults_explained(), Session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes all arrive, or none of them."""
        writer = self.engine.execution_options(writes=True)
        with self.faults_explained(), Session(writer) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()

    def _upgrade(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        newest = ScriptDirectory.from_config(config).get_current_head()
        with self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        if current == newest:
            return
        with self.engine.execution_options(writes=True).begin() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as error:
                raise StoreError(
                    f"{self._name}: written by a newer version of the program ({current}); upgrade the program"
                ) from error

    def _index_due(self) -> None:
        """Go on with the calls that wait for the search index since an upgrade, some at a time: it can be interrupted."""
        with self.reading() as session:
            due = is_due(session)
        while due:
            with self.writing() as session:
                due = index_due(session)

    @property
    def _name(self) -> str:
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def faults_explained(self) -> Iterator[None]:
        """Around the engine's own use: its faults become a StoreError that says what to do."""
        try:
            yield
        except DatabaseError as error:
            raise StoreError(f"{self._name}: {_advice(str(error.orig))}") from error


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            "FUNDING_DATABASE_URL is no database URL, such as sqlite:///var/funding.db"
        ) from None  # the fault repeats the URL, with its password


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be created: {error.strerror}") from error


def _create_engine(url: URL) -> Engine:
    try:
        engine = create_engine(url)
    except NoSuchModuleError as error:
        raise StoreError(
            f"FUNDING_DATABASE_URL: `{url.drivername}` is unknown; known here: sqlite, postgresql"
        ) from error
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the driver {error.name} is missing: pip install 'funding-tracker[postgresql]'"
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    elif url.get_backend_name() == "postgresql":
        event.listen(engine, "begin", _wait_for_other_writers)
    return engine


def _set_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late: `_begin` sends it
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT}",
        "journal_mode = WAL",  # readers go on while a crawl writes
        "synchronous = NORMAL",  # safe with WAL against a killed process
        "foreign_keys = ON",  # off by default
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Any) -> None:
    # A transaction that begins by reading and then writes fails at once when another one wrote in between;
    # one that says so at its start waits its turn.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _wait_for_other_writers(connection: Any) -> None:
    # One writer at a time, as on SQLite: two crawls that meet the same new call, or two first starts that both make
    # the tables, would otherwise fail at the constraint. Ends with the transaction.
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")


def _advice(fault: str) -> str:
    known = {
        "database is locked": "another program holds it; end that program or try again later",
        "readonly": "it cannot be written; check the rights on the file and its folder",
        "unable to open": "it cannot be opened; check that the folder exists and may be written",
        "disk is full": "the disk is full; free some space, nothing stored was lost",
        "disk I/O": "the disk failed; free some space or check it, nothing committed was lost",
        "not a database": "the file is no SQLite database; move it away or set FUNDING_HOME",
        "malformed": "the file is damaged; restore a backup",
        "password authentication failed": "the server refuses the password; check FUNDING_DATABASE_URL",
        "failed to resolve host": "the server's name cannot be looked up; check FUNDING_DATABASE_URL and the network",
        "does not exist": "there is no such database on the server, or no such role; create it",
        "connection failed": "the server does not answer; check FUNDING_DATABASE_URL and that it runs",
    }
    return next((advice for sign, advice in known.items() if sign in fault), fault.strip().splitlines()[0])
