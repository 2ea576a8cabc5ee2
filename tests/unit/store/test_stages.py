"""How far the organisation has got with a call: kept, taken back, the last word counts."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import Session, select

from store.calls import save
from store.database import Database
from store.models import Call, Stage
from store.records import CallRecord
from store.same_calls import Same, replace_same_calls
from store.stages import (
    MOST_CENTS,
    CallStage,
    StageRecord,
    current_stages,
    last_stage,
    record_stage,
    stage_of,
    withdraw_stage,
)

Make = Callable[..., CallRecord]


@pytest.fixture
def filled(database: Database, record: Make, now: datetime) -> Database:
    with database.writing() as session:
        save(session, [record(f"TEST-{number}") for number in (1, 2, 3)], None, now)
    return database


def called(session: Session, key: str) -> Call:
    return session.exec(select(Call).where(Call.source_key == key)).one()


def say(
    database: Database, officer: str, key: str, stage: str, now: datetime, organisation: str = "test"
) -> None:
    with database.writing() as session:
        record_stage(session, organisation, officer, called(session, key), CallStage(stage), now)


def undo(database: Database, officer: str, key: str, now: datetime) -> str | None:
    """The stage that was taken back."""
    with database.writing() as session:
        found = withdraw_stage(session, "test", officer, called(session, key), now)
        return found.stage if found else None


def stages(database: Database) -> dict[int, tuple[str, str]]:
    with database.reading() as session:
        return {call: (one.officer, one.stage) for call, one in current_stages(session, "test").items()}


def test_a_stage_is_kept_with_who_when_and_the_version(filled: Database, now: datetime) -> None:
    say(filled, "water", "TEST-1", "shortlisted", now)
    with filled.reading() as session:
        (one,) = current_stages(session, "test").values()
        assert (one.organisation, one.officer, one.call_id, one.call_version) == ("test", "water", 1, 1)
        assert (one.stage, one.noted_at, one.withdrawn_at) == ("shortlisted", now, None)


def test_the_last_word_counts_whoever_says_it(filled: Database, now: datetime) -> None:
    for officer, stage in (("water", "shortlisted"), ("mobility", "submitted"), ("water", "preparing")):
        say(filled, officer, "TEST-1", stage, now)
    say(filled, "water", "TEST-2", "seen", now)
    assert stages(filled) == {1: ("water", "preparing"), 2: ("water", "seen")}


def test_each_takes_back_their_own_last_word_and_nothing_is_forgotten(
    filled: Database, now: datetime
) -> None:
    say(filled, "water", "TEST-1", "shortlisted", now)
    say(filled, "mobility", "TEST-1", "preparing", now)
    assert undo(filled, "nobody", "TEST-1", now) is None
    later = now + timedelta(hours=1)
    assert undo(filled, "mobility", "TEST-1", later) == "preparing"
    assert stages(filled) == {1: ("water", "shortlisted")}
    assert undo(filled, "mobility", "TEST-1", later) is None
    assert undo(filled, "water", "TEST-1", later) == "shortlisted"
    assert stages(filled) == {}
    with filled.reading() as session:
        assert [one.withdrawn_at for one in session.exec(select(Stage))] == [later, later]


def test_what_was_said_of_a_copy_counts_for_the_face(filled: Database, now: datetime) -> None:
    say(filled, "water", "TEST-2", "shortlisted", now)
    with filled.writing() as session:
        replace_same_calls(session, [Same(2, 3, "code", "TEST"), Same(1, 3, "code", "TEST")])
    assert stages(filled) == {3: ("water", "shortlisted")}
    with filled.reading() as session:
        found = last_stage(session, "test", "water", called(session, "TEST-1"))
        assert found is not None
        assert found.call_id == 2
    assert undo(filled, "water", "TEST-3", now) == "shortlisted"
    assert stages(filled) == {}


def test_other_organisations_have_their_own(filled: Database, now: datetime) -> None:
    say(filled, "water", "TEST-1", "shortlisted", now, organisation="other")
    assert stages(filled) == {}
    assert undo(filled, "water", "TEST-1", now) is None


def test_euros_and_the_day_are_kept(filled: Database, now: datetime) -> None:
    day = date(2026, 8, 1)
    with filled.writing() as session:
        call = called(session, "TEST-1")
        record_stage(
            session, "test", "water", call, CallStage.AWARDED, now, day=day, cents=10**12, currency="SEK"
        )
    with filled.reading() as session:
        one = stage_of(session, "test", called(session, "TEST-1"))
        assert one is not None
        assert (one.stage, one.day, one.cents, one.currency) == ("awarded", day, 10**12, "SEK")
        assert stage_of(session, "test", called(session, "TEST-2")) is None
        assert stage_of(session, "other", called(session, "TEST-1")) is None


@pytest.mark.parametrize(
    "facts",
    [
        {"stage": "perhaps"},
        {"stage": "seen", "cents": 0},
        {"stage": "rejected", "cents": 1},
        {"stage": "awarded", "cents": -1},
        {"stage": "awarded", "cents": MOST_CENTS + 1},
        {"stage": "awarded", "cents": float("inf")},
        {"stage": "awarded", "cents": 1, "currency": "euros"},
        {"stage": "awarded", "day": date(9999, 1, 1)},
    ],
)
def test_what_is_no_stage(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StageRecord(**facts)
