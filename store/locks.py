"""Work that only one process may do at a time. The operating system lets go of a dead process's lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


class BusyError(RuntimeError):
    """Another process does this work now."""


@contextmanager
def exclusive(home: Path, work: str) -> Iterator[None]:
    """Hold the lock of `work` in `home`, or raise BusyError at once."""
    folder = home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{work}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(f"{work}: another process is at it; wait until it has finished") from None
    try:
        yield
    finally:
        lock.release()
