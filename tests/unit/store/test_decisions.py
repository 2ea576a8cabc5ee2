"""What officers decide: kept, taken back, put together."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlmodel import Session, select

from store.calls import save
from store.database import Database
from store.decisions import (
    DecisionRecord,
    Reason,
    Standing,
    Verdict,
    Vote,
    decide,
    overrides,
    set_aside,
    standing,
    votes,
    withdraw,
)
from store.models import Call, Decision
from store.records import CallRecord
from store.same_calls import Same, replace_same_calls

Make = Callable[..., CallRecord]
RELEVANT = DecisionRecord(verdict=Verdict.RELEVANT)
OPEN = DecisionRecord(verdict=Verdict.OPEN)
MUTED = DecisionRecord(verdict=Verdict.MUTED)


def dismissed(reason: Reason = Reason.NONE) -> DecisionRecord:
    return DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=reason)


@pytest.fixture
def filled(database: Database, record: Make, now: datetime) -> Database:
    with database.writing() as session:
        save(session, [record(f"TEST-{number}") for number in (1, 2, 3)], None, now)
    return database


class Officers:
    """Decides, an hour after the other."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database, self.now = database, now

    def say(self, officer: str, key: str, said: DecisionRecord, organisation: str = "test") -> None:
        with self.database.writing() as session:
            decide(session, organisation, officer, called(session, key), said, self._later())

    def undo(self, officer: str, key: str) -> Decision | None:
        with self.database.writing() as session:
            taken_back = withdraw(session, "test", officer, called(session, key), self._later())
            session.flush()
            session.expunge_all()
        return taken_back

    def standing(self) -> list[Standing]:
        with self.database.reading() as session:
            found = standing(session, "test")
            session.expunge_all()
        return found

    def votes(self) -> list[Vote]:
        return votes(self.standing())

    def _later(self) -> datetime:
        self.now += timedelta(hours=1)
        return self.now


def called(session: Session, key: str) -> Call:
    return session.exec(select(Call).where(Call.source_key == key)).one()


@pytest.fixture
def officers(filled: Database, now: datetime) -> Officers:
    return Officers(filled, now)


def test_a_decision_is_kept_with_the_version_it_is_about(officers: Officers, now: datetime) -> None:
    officers.say("water", "TEST-1", dismissed(Reason.ROLE))
    (one,) = officers.standing()
    kept = one.decision
    assert (kept.organisation, kept.officer, kept.call_id, kept.call_version) == ("test", "water", 1, 1)
    assert (kept.verdict, kept.reason, kept.withdrawn_at) == ("not_relevant", "role", None)
    assert kept.decided_at == now + timedelta(hours=1)
    assert (one.face_id, one.changed_since) == (1, False)


def test_it_says_when_the_call_has_changed_since(officers: Officers, record: Make) -> None:
    officers.say("water", "TEST-1", RELEVANT)
    officers.say("water", "TEST-2", RELEVANT)
    with officers.database.writing() as session:
        save(session, [record("TEST-1", budget_cents=5)], None, officers.now)
    assert [one.changed_since for one in officers.standing()] == [True, False]
    officers.say("water", "TEST-1", RELEVANT)
    assert {one.changed_since for one in officers.standing()} == {False}


def test_the_last_word_of_an_officer_counts(officers: Officers) -> None:
    officers.say("water", "TEST-1", RELEVANT)
    officers.say("water", "TEST-1", dismissed(Reason.THEME))
    assert officers.votes() == [Vote(1, relevant=False, reason=Reason.THEME, officers=("water",))]


def test_taking_back_brings_the_word_before_it_back_and_forgets_nothing(officers: Officers) -> None:
    officers.say("water", "TEST-1", RELEVANT)
    officers.say("water", "TEST-1", dismissed())
    taken_back = officers.undo("water", "TEST-1")
    assert taken_back is not None
    assert (taken_back.verdict, taken_back.withdrawn_at) == ("not_relevant", officers.now)
    assert [vote.relevant for vote in officers.votes()] == [True]
    assert officers.undo("water", "TEST-1") is not None
    assert officers.undo("water", "TEST-1") is None
    assert officers.votes() == []
    with officers.database.reading() as session:
        assert len(session.exec(select(Decision)).all()) == 2


def test_nobody_takes_back_what_another_said(officers: Officers) -> None:
    officers.say("water", "TEST-1", RELEVANT)
    assert officers.undo("mobility", "TEST-1") is None
    assert officers.undo("water", "TEST-2") is None
    assert len(officers.standing()) == 1


def test_a_call_is_relevant_when_one_officer_wants_it(officers: Officers) -> None:
    officers.say("water", "TEST-1", RELEVANT)
    officers.say("mobility", "TEST-1", dismissed(Reason.THEME))
    (vote,) = officers.votes()
    assert vote == Vote(1, relevant=True, reason=Reason.NONE, officers=("mobility", "water"))


def test_the_reason_named_most_often_counts_and_of_two_the_later(officers: Officers) -> None:
    officers.say("water", "TEST-1", dismissed(Reason.ROLE))
    officers.say("mobility", "TEST-1", dismissed(Reason.THEME))
    officers.say("waste", "TEST-1", dismissed(Reason.ROLE))
    officers.say("water", "TEST-2", dismissed(Reason.ROLE))
    officers.say("mobility", "TEST-2", dismissed(Reason.THEME))
    officers.say("water", "TEST-3", dismissed())
    assert [vote.reason for vote in officers.votes()] == [Reason.ROLE, Reason.THEME, Reason.NONE]


def test_open_overrides_the_rule_and_says_nothing_of_relevance(officers: Officers) -> None:
    officers.say("water", "TEST-1", dismissed())
    officers.say("water", "TEST-1", OPEN)
    officers.say("mobility", "TEST-2", OPEN)
    assert overrides(officers.standing()) == {1, 2}
    assert [(vote.call_id, vote.relevant) for vote in officers.votes()] == [(1, False)]
    officers.undo("water", "TEST-1")
    assert overrides(officers.standing()) == {2}
    assert len(officers.votes()) == 1


def test_muting_is_no_vote_and_no_word_on_eligibility(officers: Officers) -> None:
    officers.say("water", "TEST-1", MUTED)
    assert (officers.votes(), overrides(officers.standing())) == ([], frozenset())
    officers.say("water", "TEST-1", RELEVANT)
    officers.say("water", "TEST-1", OPEN)
    officers.say("water", "TEST-1", MUTED)
    assert officers.votes() == [Vote(1, relevant=True, reason=Reason.NONE, officers=("water",))]
    assert [one.decision.verdict for one in officers.standing()] == ["relevant", "open", "muted"]


def test_an_officer_sets_aside_what_they_dismissed_or_muted(officers: Officers) -> None:
    officers.say("water", "TEST-1", dismissed())
    officers.say("water", "TEST-2", MUTED)
    officers.say("water", "TEST-3", RELEVANT)
    officers.say("mobility", "TEST-3", MUTED)

    def aside(officer: str) -> dict[int, str]:
        return {call: one.verdict for call, one in set_aside(officers.standing(), officer).items()}

    assert aside("water") == {1: "not_relevant", 2: "muted"}
    assert aside("mobility") == {3: "muted"}
    officers.say("water", "TEST-1", RELEVANT)
    officers.say("water", "TEST-2", RELEVANT)  # to be heard of again, it is taken back that it was muted
    assert aside("water") == {2: "muted"}
    officers.undo("water", "TEST-2")
    officers.undo("water", "TEST-2")
    assert aside("water") == {}


def test_decisions_on_a_copy_count_for_the_face(officers: Officers) -> None:
    officers.say("water", "TEST-2", RELEVANT)
    officers.say("water", "TEST-1", OPEN)
    officers.say("mobility", "TEST-3", RELEVANT)
    with officers.database.writing() as session:
        replace_same_calls(session, [Same(2, 3, "code", "TEST"), Same(1, 3, "code", "TEST")])
    assert officers.votes() == [Vote(3, relevant=True, reason=Reason.NONE, officers=("mobility", "water"))]
    assert overrides(officers.standing()) == {3}
    with officers.database.reading() as session:
        assert len(standing(session, "test", called(session, "TEST-1"))) == 3
        assert len(standing(session, "test", called(session, "TEST-3"))) == 3
    # The later word of one officer counts, whichever copy it was said of.
    officers.say("water", "TEST-3", dismissed())
    officers.say("mobility", "TEST-3", dismissed())
    assert [vote.relevant for vote in officers.votes()] == [False]


def test_what_was_said_of_a_copy_is_taken_back_at_the_face(officers: Officers) -> None:
    officers.say("water", "TEST-2", RELEVANT)
    with officers.database.writing() as session:
        replace_same_calls(session, [Same(2, 3, "code", "TEST")])
    assert officers.undo("water", "TEST-3") is not None
    assert officers.standing() == []


def test_other_organisations_decide_for_themselves(officers: Officers) -> None:
    officers.say("water", "TEST-1", RELEVANT, organisation="other")
    assert officers.standing() == []
    assert officers.undo("water", "TEST-1") is None


def test_a_reason_goes_with_a_dismissal_alone() -> None:
    for verdict in (Verdict.RELEVANT, Verdict.OPEN, Verdict.MUTED):
        with pytest.raises(ValidationError, match="not relevant"):
            DecisionRecord(verdict=verdict, reason=Reason.ROLE)


@given(st.text(max_size=3_000))
def test_any_note_is_storable_or_refused(note: str) -> None:
    try:
        said = DecisionRecord(verdict=Verdict.RELEVANT, note=note)
    except ValidationError:
        assert len(note) > 2_000
    else:
        said.note.encode("utf-8")
        assert "\0" not in said.note


def test_a_note_of_any_script_comes_back(officers: Officers) -> None:
    note = "  l·l «no» \U0001f6b2 \0\ud800 ; DROP TABLE decision  "
    officers.say("water", "TEST-1", DecisionRecord(verdict=Verdict.RELEVANT, note=note))
    (one,) = officers.standing()
    assert one.decision.note == "l·l «no» \U0001f6b2  ; DROP TABLE decision"


def test_thousands_of_decisions_are_one_statement(
    filled: Database, record: Make, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    with filled.writing() as session:
        save(session, [record(f"TEST-{number}") for number in range(10, 1_010)], None, now)
        calls = session.exec(select(Call)).all()
        session.add_all(
            Decision(
                organisation="test",
                officer=officer,
                call_id=call.id or 0,
                call_version=1,
                verdict="relevant",
                decided_at=now,
            )
            for call in calls
            for officer in ("water", "mobility", "waste")
        )
    with filled.reading() as session, caplog.at_level("INFO", logger="sqlalchemy.engine"):
        assert len(votes(standing(session, "test"))) == 1_003
    assert sum("SELECT" in message for message in caplog.messages) == 2
