"""Work that only one process may do at a time. The lock of a dead process is let go by the operating system or the server."""

import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from store.database import Database

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's word for a lock that was not free in time."""


class BusyError(RuntimeError):
    """Another process does this work now."""


@contextmanager
def exclusive(home: Path, work: str, database: Database | None = None, wait: float = 0) -> Iterator[None]:
    """Hold the lock of `work` in `home`, or raise BusyError when it is not free within `wait` seconds.

    With a `database` that is a server's, the lock is held there, for all machines that work with it.
    """
    if database is not None and database.engine.dialect.name == "postgresql":
        with _held_by_server(database, work, wait):
            yield
        return
    folder = home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{work}.lock", timeout=-1 if wait == math.inf else wait)
    try:
        lock.acquire()
    except Timeout:
        raise _busy(work) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _held_by_server(database: Database, work: str, wait: float) -> Iterator[None]:
    """A lock of PostgreSQL's, of a connection and not of a transaction: none stands open while the work goes on.

    The connection is none of the pool's. It is closed at the end, and with it the lock is gone.
    """
    key = int.from_bytes(sha256(work.encode()).digest()[:8], signed=True)
    engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with database.faults_explained():
        connection = engine.connect()
        connection.detach()
    with closing(connection):
        with database.faults_explained():
            if not _is_taken(connection, key, wait):
                raise _busy(work)
        yield


def _is_taken(connection: Connection, key: int, wait: float) -> bool:
    if not wait:
        return bool(connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s)", (key,)).scalar_one())
    milliseconds = 0 if wait == math.inf else round(wait * 1000)
    connection.exec_driver_sql(f"SET lock_timeout = {milliseconds}")
    try:
        connection.exec_driver_sql("SELECT pg_advisory_lock(%s)", (key,))
    except OperationalError as fault:
        if getattr(fault.orig, "sqlstate", "") == LOCK_NOT_AVAILABLE:
            return False
        raise
    return True


def _busy(work: str) -> BusyError:
    return BusyError(f"{work}: another process is at it; wait until it has finished")
