"""Made-up calls and matches, as many as wanted, for the benchmarks of what reads them."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from store.calls import save
from store.database import Database
from store.models import Call, Match
from store.records import CallRecord
from tests.unit.notifier.builders import NOW, record

AT_ONCE = 1_000
FILLED = "calls.db"
"""The file that the benchmark of ingest leaves behind, so that others need not write the same calls again."""
SUBJECTS = (
    "air",
    "water",
    "buses",
    "housing",
    "bicycles",
    "waste",
    "energy",
    "noise",
    "parks",
    "rivers",
    "data",
)


def made_up(number: int) -> CallRecord:
    """A call of a thousand characters; one in four has no deadline ahead."""
    first, second = SUBJECTS[number % len(SUBJECTS)], SUBJECTS[number // 7 % len(SUBJECTS)]
    text = f"Made-up call {number}: cities care for {first} quality and {second} together. " * 12
    day = (NOW + timedelta(days=number % 400 - 100)).date().isoformat()
    title = {"en": f"Made-up: {first} and {second}, {number}"}
    return record(
        f"TEST-{number}", day, titles=title, texts={"en": text}, programme=f"Programme {number % 40}"
    )


def batches(calls: int, at_once: int) -> Iterator[list[CallRecord]]:
    for first in range(0, calls, at_once):
        yield [made_up(number) for number in range(first, min(first + at_once, calls))]


def sqlite(folder: Path, calls: int) -> Database:
    """A database of its own with the calls; a copy of the one that was filled with them, where there is one."""
    file = folder / "funding.db"
    file.unlink(missing_ok=True)
    if (folder / FILLED).exists():
        shutil.copy(folder / FILLED, file)
    database = Database(f"sqlite:///{file}")
    fill(database, calls)
    return database


def fill(database: Database, calls: int) -> None:
    """The calls, unless they are there."""
    if _count(database, Call) == calls:
        return
    for batch in batches(calls, AT_ONCE):
        with database.writing() as session:
            save(session, batch, None, NOW)


def fill_matches(database: Database, match: Callable[[int], dict[str, Any]]) -> None:
    """A match for each call, with what `match` says of its number, unless there are any."""
    if _count(database, Match):
        return
    with database.writing() as session:
        ids = session.exec(select(Call.id).order_by(col(Call.id))).all()
        for first in range(0, len(ids), AT_ONCE):
            _insert(
                session,
                {key or 0: match(first + place) for place, key in enumerate(ids[first : first + AT_ONCE])},
            )


def _insert(session: Session, matches: dict[int, dict[str, Any]]) -> None:
    known: dict[str, Any] = {
        "organisation": "test",
        "call_version": 1,
        "profile_hash": "",
        "model": "test",
        "percentile": 50.0,
        "projects": [],
        "roles": [],
        "verdict": "open",
        "rule": "",
        "evidence": [],
        "conditions": {},
        "learnt": [],
        "named": [],
        "matched_at": NOW,
    }
    session.execute(insert(Match), [known | {"call_id": key} | facts for key, facts in matches.items()])


def _count(database: Database, table: type[Call | Match]) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(table)).one()
