"""Who looks after a call: the last word counts, and goes when it is taken back."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlmodel import Session, select

from store.assignments import NOBODY, assign, assignment_of, current_assignments, withdraw_assignment
from store.calls import save
from store.database import Database
from store.models import Assignment, Call
from store.records import CallRecord
from store.same_calls import Same, replace_same_calls

Make = Callable[..., CallRecord]


@pytest.fixture
def filled(database: Database, record: Make, now: datetime) -> Database:
    with database.writing() as session:
        save(session, [record(f"TEST-{number}") for number in (1, 2, 3)], None, now)
    return database


def called(session: Session, key: str) -> Call:
    return session.exec(select(Call).where(Call.source_key == key)).one()


def say(database: Database, by: str, key: str, to: str, now: datetime, organisation: str = "test") -> None:
    with database.writing() as session:
        assign(session, organisation, by, called(session, key), to, now)


def undo(database: Database, by: str, key: str) -> str | None:
    with database.writing() as session:
        found = withdraw_assignment(session, "test", by, called(session, key))
        return found.officer if found else None


def assigned(database: Database) -> dict[int, str]:
    with database.reading() as session:
        return {call: one.officer for call, one in current_assignments(session, "test").items()}


def test_it_is_kept_with_who_said_so_and_when(filled: Database, now: datetime) -> None:
    say(filled, "water", "TEST-1", "mobility", now)
    with filled.reading() as session:
        found = assignment_of(session, "test", called(session, "TEST-1"))
        assert found is not None
        assert (found.officer, found.assigned_by, found.assigned_at) == ("mobility", "water", now)
        assert assignment_of(session, "test", called(session, "TEST-2")) is None


def test_the_last_word_counts_and_nobody_is_one(filled: Database, now: datetime) -> None:
    for by, to in (("water", "mobility"), ("mobility", "water")):
        say(filled, by, "TEST-1", to, now)
    say(filled, "water", "TEST-2", "water", now)
    assert assigned(filled) == {1: "water", 2: "water"}
    say(filled, "mobility", "TEST-2", NOBODY, now)
    assert assigned(filled) == {1: "water"}
    with filled.reading() as session:
        assert assignment_of(session, "test", called(session, "TEST-2")) is None


def test_each_takes_back_their_own_last_word(filled: Database, now: datetime) -> None:
    for by, to in (("water", "mobility"), ("mobility", "water"), ("water", NOBODY)):
        say(filled, by, "TEST-1", to, now)
    assert undo(filled, "nobody", "TEST-1") is None
    assert undo(filled, "mobility", "TEST-1") == "water"
    assert assigned(filled) == {}
    assert undo(filled, "water", "TEST-1") == NOBODY
    assert assigned(filled) == {1: "mobility"}
    assert undo(filled, "water", "TEST-1") == "mobility"
    with filled.reading() as session:
        assert session.exec(select(Assignment)).all() == []


def test_what_was_said_of_a_copy_counts_for_the_face(filled: Database, now: datetime) -> None:
    say(filled, "water", "TEST-2", "mobility", now)
    with filled.writing() as session:
        replace_same_calls(session, [Same(2, 3, "code", "TEST"), Same(1, 3, "code", "TEST")])
    assert assigned(filled) == {3: "mobility"}
    assert undo(filled, "water", "TEST-1") == "mobility"


def test_other_organisations_have_their_own(filled: Database, now: datetime) -> None:
    say(filled, "water", "TEST-1", "mobility", now, organisation="other")
    assert assigned(filled) == {}
    assert undo(filled, "water", "TEST-1") is None
