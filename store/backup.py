"""Backups: the whole database as it was at one moment, in one file that is whole, verified and the owner's alone."""

import hashlib
import os
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ValidationError
from sqlalchemy import URL, Connection, Engine, create_engine, func, inspect, select, table
from sqlalchemy.exc import DatabaseError

from config.settings import Settings
from store.database import Database
from store.errors import StoreError
from store.locks import exclusive
from store.postgresql import check_dump, dump
from store.search import is_modelled

MANIFEST = "manifest.json"
MEMBERS = {"sqlite": "funding.db", "postgresql": "funding.dump"}
"""By engine, the file in the archive: a SQLite database, or what `pg_restore` reads."""
PART = 1 << 20
NAME = re.compile(r"funding-\d{8}T\d{6}Z\.zip")
WORKSHOP = ".backup-"


class Manifest(BaseModel):
    """What a backup says of itself. `rows` by table; `sha256` and `size` (bytes) of the database in it.

    `tool` is the major version of pg_dump, 0 for SQLite; `revision` that of the tables.
    """

    format: Literal[1] = 1
    engine: Literal["sqlite", "postgresql"]
    revision: str
    taken_at: datetime
    tool: int = 0
    rows: dict[str, int]
    sha256: str
    size: int


def back_up(
    database: Database, settings: Settings, now: datetime, to: Path | None = None, keep: int | None = None
) -> Path:
    """Write a backup of `database`, to `home/backups` unless told otherwise, and read it again; the file's path.

    Others may go on reading and writing. Of the backups that got their names here only the newest `keep` stay, once the
    new one is verified. Killed or failed it leaves nothing under that name; what it leaves beside is gone with the next.
    Raises StoreError and OSError, and store.locks.BusyError while another process makes one.
    """
    path = to or folder_of(settings) / f"funding-{stamp(now)}.zip"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with exclusive(settings.home, "backup"):
        if path.exists():
            raise StoreError(f"{path}: is there already; a backup never takes the place of a file")
        sweep(path.parent, WORKSHOP)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=WORKSHOP) as workshop:
            archive = Path(workshop) / path.name
            _pack(archive, *_take(database, Path(workshop), now))
            with opened(archive) as (_, content):
                while content.read(PART):
                    pass
            sync(archive)
            archive.replace(path)
            sync(path.parent)
        if keep is not None:
            others = [other for other in backups_in(path.parent) if other != path]
            for old in others[: max(0, len(others) + 1 - keep)]:
                old.unlink()
    return path


def folder_of(settings: Settings) -> Path:
    return settings.home / "backups"


def stamp(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def backups_in(folder: Path) -> list[Path]:
    """Those that were named by the program, oldest first."""
    return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))


@contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, "Checked"]]:
    """What a backup says of itself, and its database as a stream, which is checked once it was read to its end.

    Raises StoreError where it is damaged or none.
    """
    try:
        with ZipFile(path) as archive:
            manifest = Manifest.model_validate_json(archive.read(MANIFEST))
            with archive.open(MEMBERS[manifest.engine]) as content:
                checked = Checked(content)
                yield manifest, checked
        whole = checked.hash.hexdigest() == manifest.sha256 and checked.size == manifest.size
    except (BadZipFile, KeyError, ValidationError, EOFError, zlib.error) as error:
        raise StoreError(f"{path}: is no backup of this program, or a damaged one") from error
    if not whole:
        raise StoreError(f"{path}: is damaged: its database is not the one that was backed up")


class Checked:
    """A stream whose bytes are hashed as they are read."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        part = self._content.read(size)
        self.hash.update(part)
        self.size += len(part)
        return part


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows by table, without the index of words, which each engine keeps in its own way."""
    names = [name for name in inspect(connection).get_table_names() if is_modelled(name, "table", None)]
    counts = {name: select(func.count()).select_from(table(name)) for name in sorted(names)}
    return {name: connection.execute(count).scalar_one() for name, count in counts.items()}


def revision_of(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


@contextmanager
def sqlite_file(file: Path) -> Iterator[Engine]:
    engine = create_engine(URL.create("sqlite", database=str(file)))
    try:
        yield engine
    finally:
        engine.dispose()


def check_sqlite(file: Path) -> tuple[str, dict[str, int]]:
    """The revision and the rows of a SQLite database in `file`, once SQLite found it sound. Raises StoreError."""
    try:
        with sqlite_file(file) as engine, engine.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalars().all()
            dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if found != ["ok"] or dangling is not None:
                raise StoreError(f"the database is damaged ({found[0] if found != ['ok'] else dangling})")
            return revision_of(connection), count_rows(connection)
    except DatabaseError as error:
        raise StoreError(f"the database is damaged ({error.orig})") from error


def sync(path: Path) -> None:
    """See to it that a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take(database: Database, workshop: Path, now: datetime) -> tuple[Path, Manifest]:
    engine = database.engine.dialect.name
    content = workshop / MEMBERS[engine]
    content.touch(mode=0o600)
    tool = 0
    if engine == "sqlite":
        # A copy without what was erased and still stands in unused pages, taken while others write.
        with closing(database.engine.raw_connection()) as raw:
            try:
                raw.cursor().execute("VACUUM INTO ?", (str(content),))
            except sqlite3.Error as error:
                raise StoreError(f"no backup was made: {error}") from error
        revision, rows = check_sqlite(content)
    else:
        with database.reading() as session:
            connection = session.connection()
            revision, rows = revision_of(connection), count_rows(connection)
            tool = dump(connection, database.engine, content)
        check_dump(content)
    digest, size = hashlib.sha256(), 0
    with content.open("rb") as file:
        while part := file.read(PART):
            digest.update(part)
            size += len(part)
    facts = {"engine": engine, "revision": revision, "taken_at": now, "tool": tool, "rows": rows}
    return content, Manifest.model_validate(facts | {"sha256": digest.hexdigest(), "size": size})


def _pack(archive: Path, content: Path, manifest: Manifest) -> None:
    archive.touch(mode=0o600)
    packing = ZIP_DEFLATED if manifest.engine == "sqlite" else ZIP_STORED  # pg_dump packs by itself
    with ZipFile(archive, "w", compression=packing, compresslevel=1) as packed:
        packed.writestr(ZipInfo(MANIFEST), manifest.model_dump_json(indent=2))
        packed.write(content, MEMBERS[manifest.engine])
    content.unlink()


def sweep(folder: Path, workshop: str) -> None:
    """Take away the folders that begin with `workshop`, which killed processes left: nobody else makes one now."""
    for left in folder.glob(f"{workshop}*"):
        for file in left.iterdir():
            file.unlink()
        left.rmdir()
