"""Calls into the store beside SQLAlchemy's bare insert of their rows: new ones, and the same ones again.

    python -m tests.benchmarks.ingest [CALLS]

1,400 made-up calls unless told otherwise, in batches of a crawl, each written both ways in turn. Ours keeps versions,
deadlines, spans and the search index beside; bare is one executemany of the same rows of `call` into another new
database: an insert, and an insert that passes over what is there. Seconds of processor time.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col, select

from store.calls import save
from store.database import Database
from store.models import Call
from tests.benchmarks.filling import FILLED, batches
from tests.memory import peak
from tests.unit.notifier.builders import NOW

AT_ONCE = 100
"""Calls in a transaction, as in `crawler.pipelines.storage`."""


def rows(calls: int, folder: Path) -> Iterator[tuple[str, float, float, float]]:
    """What was measured, seconds of ours, seconds of bare, megabytes at most."""
    ours, beside = Database(f"sqlite:///{folder / FILLED}"), Database(f"sqlite:///{folder / 'bare.db'}")
    for what in ("ingest, new", "ingest, unchanged"):
        yield what, *measure(ours, beside, calls), peak()
    beside.close()
    ours.close()


def measure(ours: Database, beside: Database, calls: int) -> tuple[float, float]:
    """Seconds of each."""
    stored = bare = 0.0
    statement = insert(Call).on_conflict_do_nothing()
    for first, batch in zip(range(0, calls, AT_ONCE), batches(calls, AT_ONCE), strict=True):
        begun = time.process_time()
        with ours.writing() as session:
            save(session, batch, None, NOW)
        stored += time.process_time() - begun
        with ours.reading() as session:
            columns = _columns(session, first)
        begun = time.process_time()
        with beside.writing() as session:
            session.connection().execute(statement, columns)
        bare += time.process_time() - begun
    return stored, bare


def _columns(session: Session, after: int) -> list[dict[str, object]]:
    table = Call.__table__  # type: ignore[attr-defined]
    found = select(*table.c).where(col(Call.id) > after).order_by(col(Call.id)).limit(AT_ONCE)
    return [dict(row) for row in session.execute(found).mappings()]


def main(calls: str = "1400") -> None:
    with tempfile.TemporaryDirectory() as folder:
        for what, ours, bare, memory in rows(int(calls), Path(folder)):
            print(
                f"{what:18} {ours:8.2f} s, {ours / bare:6.1f} times bare ({bare:.2f} s), {memory:.0f} MB at most"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
