"""Faces and copies: kept as found, and not written again when nothing changed."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import event
from sqlmodel import select

from store.calls import save
from store.database import Database
from store.models import SameCall
from store.records import CallRecord
from store.same_calls import Same, copies, faces, replace_same_calls

MakeRecord = Callable[..., CallRecord]
FOUND = [Same(2, 1, "code", "BDNS-TEST-1"), Same(3, 1, "title", "cleaner air · 2026-09-15")]


@pytest.fixture
def filled(database: Database, record: MakeRecord, now: datetime) -> Database:
    sources = ("bdns", "raisc", "cido", "site")
    with database.writing() as session:
        save(session, [record("TEST-1", source=source) for source in sources], None, now)
    return database


def replaced(database: Database, found: list[Same]) -> bool:
    with database.writing() as session:
        return replace_same_calls(session, found)


def test_what_was_found_is_kept_and_nothing_else(filled: Database) -> None:
    assert replaced(filled, FOUND)
    assert replaced(filled, [Same(2, 4, "topic", "TEST-2026-X"), Same(1, 4, "code", "")])
    with filled.reading() as session:
        assert faces(session) == {1: 4, 2: 4}
        rows = [row.model_dump() for row in session.exec(select(SameCall).order_by("call_id"))]
    assert rows == [
        {"call_id": 1, "face_id": 4, "reason": "code", "evidence": ""},
        {"call_id": 2, "face_id": 4, "reason": "topic", "evidence": "TEST-2026-X"},
    ]
    assert replaced(filled, [])
    with filled.reading() as session:
        assert (faces(session), copies(session)) == ({}, {})


def test_the_same_again_writes_nothing(filled: Database) -> None:
    replaced(filled, FOUND)
    statements: list[str] = []
    event.listen(filled.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert not replaced(filled, FOUND[::-1])
    assert [one for one in statements if one.startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_copies_are_the_calls_of_a_face(filled: Database) -> None:
    replaced(filled, FOUND)
    with filled.reading() as session:
        found = copies(session)
        assert {face: [call.source for call in calls] for face, calls in found.items()} == {
            1: ["raisc", "cido"]
        }
        assert found[1][0].deadlines[0].day is not None
