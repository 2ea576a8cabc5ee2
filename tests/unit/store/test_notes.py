"""Notes on calls: kept with the version that they speak of, emptied when they are taken back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlmodel import Session, select

from store.calls import save
from store.database import Database
from store.models import Call, CallNote
from store.notes import NoteRecord, notes_on, withdraw_note, write_note
from store.records import CallRecord
from store.same_calls import Same, replace_same_calls

Make = Callable[..., CallRecord]


@pytest.fixture
def filled(database: Database, record: Make, now: datetime) -> Database:
    with database.writing() as session:
        save(session, [record(f"TEST-{number}") for number in (1, 2)], None, now)
    return database


def called(session: Session, key: str) -> Call:
    return session.exec(select(Call).where(Call.source_key == key)).one()


def write(
    database: Database, officer: str, key: str, text: str, now: datetime, organisation: str = "test"
) -> None:
    with database.writing() as session:
        write_note(session, organisation, officer, called(session, key), NoteRecord(text=text), now)


def texts(database: Database, key: str) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [(one.officer, one.text) for one in notes_on(session, "test", called(session, key))]


def test_all_notes_stand_oldest_first(filled: Database, now: datetime) -> None:
    write(filled, "water", "TEST-1", "  TEST: <b>ask</b> the port\n", now)
    write(filled, "mobility", "TEST-1", "TEST: asked", now)
    write(filled, "water", "TEST-1", "TEST: elsewhere", now, organisation="other")
    assert texts(filled, "TEST-1") == [("water", "TEST: <b>ask</b> the port"), ("mobility", "TEST: asked")]
    assert texts(filled, "TEST-2") == []


def test_one_that_is_taken_back_loses_its_text(filled: Database, now: datetime) -> None:
    for text in ("TEST one", "TEST two"):
        write(filled, "water", "TEST-1", text, now)
    later = now + timedelta(hours=1)
    with filled.writing() as session:
        assert withdraw_note(session, "test", "mobility", called(session, "TEST-1"), later) is None
        assert withdraw_note(session, "test", "water", called(session, "TEST-1"), later) is not None
    assert texts(filled, "TEST-1") == [("water", "TEST one")]
    with filled.reading() as session:
        last = session.exec(select(CallNote).where(CallNote.id == 2)).one()
        assert (last.text, last.withdrawn_at) == ("", later)


def test_a_note_on_a_copy_stands_at_the_face(filled: Database, now: datetime) -> None:
    write(filled, "water", "TEST-2", "TEST", now)
    with filled.writing() as session:
        replace_same_calls(session, [Same(2, 1, "code", "TEST")])
    assert texts(filled, "TEST-1") == [("water", "TEST")]


@pytest.mark.parametrize("text", ["", " \n", "x" * 2_001, "\0"])
def test_what_is_no_note(text: str) -> None:
    with pytest.raises(ValidationError):
        NoteRecord(text=text)
