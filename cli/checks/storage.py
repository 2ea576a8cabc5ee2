"""The database, the disks that are written to, and the backups."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from cli.checks.findings import FAULT, OK, WARNING, Finding
from config.settings import Settings
from store.backup import folder_of
from store.database import Database
from store.errors import StoreError
from store.measures import backups
from store.upgrading import newest_revision

ENOUGH_DISK = 500 * 1024 * 1024
"""Bytes: a database of 100,000 calls with its journal."""
OLDEST_BACKUP = timedelta(days=2)
"""The schedule takes one a day."""


def check_database(database: Database, before: str | None) -> Finding:
    """`before`: the revision of the tables before `database` was opened, None where there were none."""
    where, newest = database.url.render_as_string(hide_password=True), newest_revision()
    try:
        with database.writing() as session:
            session.connection()  # takes the lock of a writer, and lets it go
    except StoreError as error:
        return Finding("database", FAULT, str(error))
    if before is None:
        return Finding("database", OK, f"{where}, made just now at revision {newest}")
    if before != newest:
        remark = f"upgraded just now from revision {before} to {newest}: start anew whatever still runs"
        return Finding("database", OK, f"{where}, {remark}")
    return Finding("database", OK, f"{where} at revision {newest}")


def check_disks(settings: Settings) -> Iterator[Finding]:
    """Each disk once, by the first of what is kept on it."""
    seen: set[int] = set()
    for folder in _written(settings):
        there = next(one for one in (folder, *folder.parents) if one.exists())
        device = there.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _check_disk(folder, there)


def check_backups(settings: Settings, now: datetime) -> Finding:
    folder = folder_of(settings)
    found = backups(settings)
    if found is None:
        remark = f"none in {folder}: run `funding backup`; `funding schedule` takes one each day"
        return Finding("backups", WARNING, remark)
    size = f"{found.count}, the newest of {found.newest_at:%Y-%m-%d %H:%M} UTC, {found.newest_size:,} bytes"
    if now - found.newest_at > OLDEST_BACKUP:
        remark = "older than two days: run `funding backup`, and see whether `funding schedule` runs"
        return Finding("backups", WARNING, f"{size}, {remark}")
    return Finding("backups", OK, size)


def _written(settings: Settings) -> Iterator[Path]:
    yield settings.home.absolute()
    with suppress(ArgumentError, ValueError):  # of an address that is none: its opening tells of that
        url = make_url(settings.database)
        if url.get_backend_name() == "sqlite" and url.database:
            yield Path(url.database).absolute().parent
    yield folder_of(settings).absolute()


def _check_disk(folder: Path, there: Path) -> Finding:
    if not os.access(there, os.W_OK | os.X_OK):
        remark = f"{there} cannot be written: give its owner the right to, or set FUNDING_HOME elsewhere"
        return Finding("disk", FAULT, remark)
    free = shutil.disk_usage(there).free
    told = f"{free // 1024**2:,} MB free for {folder}"
    if free <= ENOUGH_DISK:
        remark = f"{told}, and 500 MB are needed: free some, old files in {folder} may be moved away"
        return Finding("disk", FAULT, remark)
    return Finding("disk", OK, told)
