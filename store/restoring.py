"""A backup put in the place of the database, which is kept under another name."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.exc import DatabaseError

from config.settings import Settings
from store.backup import PART, Manifest, check_sqlite, count_rows, opened, stamp, sweep, sync
from store.database import MIGRATIONS
from store.errors import StoreError
from store.locks import BusyError
from store.postgresql import load, maintenance, others_in

IN_USE = "the database is in use: stop `funding schedule`, `funding review` and all else, and restore then"
LONGEST_NAME = 63
WORKSHOP = ".restore-"
WAIT = 1.0
"""Seconds for which another process may hold the database."""


@dataclass(frozen=True)
class Restored:
    """What was put in place, and what the former database is called now; "" where there was none."""

    manifest: Manifest
    kept: str


def restore(settings: Settings, backup: Path, now: datetime) -> Restored:
    """Put the database in `backup` in the place of that of the settings, which is kept under another name.

    It is read whole, checked and compared with what the backup says of it before anything is replaced: killed, failed or
    out of room, the installation stays as it is. Tables of an older version are upgraded when it is next opened.
    Raises StoreError, OSError, and BusyError while another process has the database open.
    """
    url = make_url(settings.database)
    with opened(backup) as (manifest, content):
        _refuse_unfit(manifest, url)
        while content.read(PART):
            pass
    if manifest.engine == "sqlite":
        assert url.database
        return _into_sqlite(Path(url.database), backup, manifest, now)
    return _into_postgresql(url, settings.home, backup, manifest, now)


def _refuse_unfit(manifest: Manifest, url: URL) -> None:
    if manifest.engine != url.get_backend_name():
        raise StoreError(
            f"the backup is of {manifest.engine} and the installation of {url.get_backend_name()}: restore it into "
            f"{manifest.engine} by FUNDING_DATABASE_URL, then `funding database copy --to …`"
        )
    try:
        ScriptDirectory(str(MIGRATIONS)).get_revision(manifest.revision)
    except CommandError as error:
        raise StoreError(
            f"the backup was written by a newer version of the program ({manifest.revision}); upgrade the program"
        ) from error


def _unpack(backup: Path, to: Path) -> None:
    with opened(backup) as (_, content), to.open("wb") as file:
        shutil.copyfileobj(content, file, PART)
        file.flush()
        os.fsync(file.fileno())


def _compare(manifest: Manifest, rows: dict[str, int]) -> None:
    differing = sorted(
        name for name in manifest.rows.keys() | rows.keys() if manifest.rows.get(name) != rows.get(name)
    )
    if differing:
        raise StoreError(f"table {differing[0]} has not the rows that were backed up; nothing was restored")


def _into_sqlite(path: Path, backup: Path, manifest: Manifest, now: datetime) -> Restored:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _nobody_in(path), _workshop(path.parent) as workshop:
        new = workshop / path.name
        new.touch(mode=0o600)
        _unpack(backup, new)
        _, rows = check_sqlite(new)
        _compare(manifest, rows)
        if not path.exists():
            new.replace(path)
            sync(path.parent)
            return Restored(manifest, "")
        _as_was(path, new)
        kept = path.with_name(f"{path.stem}.before-{stamp(now)}{path.suffix}")
        # A second name first: at no moment is there no database, which the next start would make anew, empty.
        os.link(path, kept)
        for beside in ("-wal", "-shm"):  # of a damaged one, or they would be taken for the new one's
            if (left := Path(f"{path}{beside}")).exists():
                left.replace(f"{kept}{beside}")
        new.replace(path)
        sync(path.parent)
        return Restored(manifest, str(kept))


@contextmanager
def _nobody_in(path: Path) -> Iterator[None]:
    """Keep everybody out of a SQLite database. Raises BusyError while another process has it open.

    A database leaves the mode of write-ahead logging only for a process that has it alone; so its file is whole by itself
    as well. One that is damaged cannot be held.
    """
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, timeout=WAIT, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            code = error.sqlite_errorcode & 0xFF  # what stands above it says more than is needed
            if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise BusyError(IN_USE) from error
            if code not in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise StoreError(f"{path}: cannot be taken out of use: {error}") from error
        yield


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder of one's own beside what is replaced; those of restores that were killed are taken away."""
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder, WORKSHOP)
    with tempfile.TemporaryDirectory(dir=folder, prefix=WORKSHOP) as workshop:
        yield Path(workshop)


def _as_was(path: Path, new: Path) -> None:
    """Give the new file the rights, and by the administrator also the owner, of the former."""
    shutil.copymode(path, new)
    if os.geteuid() == 0:
        former = path.stat()
        os.chown(new, former.st_uid, former.st_gid)


def _into_postgresql(url: URL, home: Path, backup: Path, manifest: Manifest, now: datetime) -> Restored:
    assert url.database
    name = url.database
    new, kept = _beside(name, "_restoring"), _beside(name, f"_before_{stamp(now)}")
    with maintenance(url) as connection:
        quote = connection.dialect.identifier_preparer.quote_identifier
        if others_in(connection, name):
            raise BusyError(IN_USE)
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quote(new)}")  # of a restore that was killed
        like = _like(connection, name)
        connection.exec_driver_sql(f"CREATE DATABASE {quote(new)} TEMPLATE template0 {like}")
        try:
            _fill(url.set(database=new), home, backup, manifest)
            _swap(connection, name, new, kept if like else "")
        except BaseException:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quote(new)}")
            raise
    return Restored(manifest, kept if like else "")


def _beside(name: str, suffix: str) -> str:
    """PostgreSQL would cut a longer name off at its end."""
    return f"{name[: LONGEST_NAME - len(suffix)]}{suffix}"


def _like(connection: Connection, name: str) -> str:
    """How the database `name` encodes and sorts, as CREATE DATABASE takes it; "" where there is none."""
    facts = connection.execute(
        text(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = :name"
        ),
        {"name": name},
    ).first()
    return "ENCODING '{}' LC_COLLATE '{}' LC_CTYPE '{}'".format(*facts) if facts else ""


def _fill(url: URL, home: Path, backup: Path, manifest: Manifest) -> None:
    with _workshop(home) as workshop:
        dump = workshop / "funding.dump"
        _unpack(backup, dump)
        load(dump, url, manifest.tool)
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            _compare(manifest, count_rows(connection))
    finally:
        engine.dispose()


def _swap(connection: Connection, name: str, new: str, kept: str) -> None:
    """Both names change at once, and only while nobody is connected."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    steps = [f"ALTER DATABASE {quote(name)} RENAME TO {quote(kept)}"] if kept else []
    steps.append(f"ALTER DATABASE {quote(new)} RENAME TO {quote(name)}")
    connection.exec_driver_sql("BEGIN")
    try:
        for step in steps:
            connection.exec_driver_sql(step)
        connection.exec_driver_sql("COMMIT")
    except DatabaseError as error:
        connection.exec_driver_sql("ROLLBACK")
        if "being accessed by other users" in str(error.orig):
            raise BusyError(IN_USE) from error
        raise
