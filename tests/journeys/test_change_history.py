"""What really changed on the portal in 2026, replayed: every opening and every moved deadline becomes a version."""

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlmodel import select

from crawler.parsers.eu_portal import EXTERNAL_ACTION, GRANT_TOPIC, first, to_record
from crawler.replicas.sample import Record, load_records
from store.calls import save
from store.database import Database
from store.models import CallVersion

FORTHCOMING, OPEN = "31094501", "31094502"


class State(NamedTuple):
    """A call as the portal had it from a moment on."""

    at: datetime
    status: str
    start: str
    deadline: str
    title: str


History = dict[str, list[State]]


@pytest.fixture
def history(shared: Path) -> History:
    recorded = json.loads((shared / "recordings/eu_portal/change_history.json").read_text(encoding="utf-8"))
    return {
        reference: sorted(State(datetime.fromisoformat(at), *fields) for at, *fields in states)
        for reference, states in recorded.items()
    }


@pytest.fixture
def rows(shared: Path) -> dict[str, Record]:
    rows = load_records(shared / "recordings/eu_portal/results.jsonl")
    return {row["reference"]: row for row in rows}


def row_of(row: Record, state: State) -> Record:
    """The row as it was in that state; the recording writes `Z` where the portal writes `+0000`."""
    fields: dict[str, Any] = {
        "status": [state.status],
        "startDate": [state.start.replace("Z", "+0000")],
        "deadlineDate": [state.deadline.replace("Z", "+0000")],
        "title": [state.title],
    }
    if first(row["metadata"], "type") == "8":
        fields["callTitle"] = fields.pop("title")
    return row | {"metadata": row["metadata"] | fields}


def precision(row: Record) -> int:
    """How many characters of a date count: to the day for topics, to the minute for others."""
    return 10 if first(row["metadata"], "type") == GRANT_TOPIC else 16


def test_history_becomes_versions(database: Database, history: History, rows: dict[str, Record]) -> None:
    steps = sorted((state.at, reference, state) for reference, states in history.items() for state in states)
    with database.writing() as session:
        for at, reference, state in steps:
            save(session, [to_record(row_of(rows[reference], state))], None, at)

    pairs = [
        (rows[ref], before, after) for ref, states in history.items() for before, after in pairwise(states)
    ]
    opened = sum((before.status, after.status) == (FORTHCOMING, OPEN) for _, before, after in pairs)
    raw = sum(before.deadline != after.deadline for _, before, after in pairs)
    moved = sum(
        before.deadline[: precision(row)] != after.deadline[: precision(row)] for row, before, after in pairs
    )
    with database.reading() as session:
        versions = session.exec(select(CallVersion)).all()
    kinds = Counter(kind for version in versions for kind in version.kinds)
    print(  # noqa: T201  the figures that documents quote
        f"{len(history)} calls, {len(steps)} states, {len(versions)} versions. "
        f"Openings: {opened} in the recording, {kinds['opened']} versions. "
        f"Deadlines: {raw} differ, {moved} of them by what counts, {kinds['deadline_moved']} versions. {dict(kinds)}"
    )
    assert kinds["new"] == len(history)
    assert kinds["opened"] == opened > 0
    assert kinds["deadline_moved"] == moved > 0


def test_seconds_of_external_action_make_no_versions(history: History, rows: dict[str, Record]) -> None:
    jitters = [
        (to_record(row_of(rows[reference], before)), to_record(row_of(rows[reference], after)))
        for reference, states in history.items()
        for before, after in pairwise(states)
        if first(rows[reference]["metadata"], "type") == EXTERNAL_ACTION
        and before.deadline != after.deadline
        and before.deadline[:16] == after.deadline[:16]
    ]
    assert jitters
    assert all(before.deadlines == after.deadlines for before, after in jitters)
