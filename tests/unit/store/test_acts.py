"""What officers do to calls: each act with its event, taken back in turn, and never over what another one just did."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from store.acts import Act, AssignmentRecord, last_act, perform, take_back
from store.assignments import NOBODY, assignment_of
from store.audit import StaleError, refuse_stale, revision_of
from store.calls import save
from store.database import Database
from store.decisions import SUBJECTS, DecisionRecord, Reason, Verdict, decide, standing
from store.models import AuditEvent, Call, Decision
from store.notes import NoteRecord, notes_on
from store.records import CallRecord
from store.same_calls import Same, replace_same_calls
from store.stages import CallStage, StageRecord, record_stage, stage_of

Make = Callable[..., CallRecord]
SECRET = "TEST words that stand in no event"
RELEVANT = DecisionRecord(verdict=Verdict.RELEVANT)


@pytest.fixture
def filled(database: Database, record: Make, now: datetime) -> Database:
    with database.writing() as session:
        save(session, [record(f"TEST-{number}") for number in (1, 2)], None, now)
    return database


def called(session: Session, key: str = "TEST-1") -> Call:
    return session.exec(select(Call).where(Call.source_key == key)).one()


def do(database: Database, officer: str, act: Act, now: datetime, organisation: str = "test") -> None:
    with database.writing() as session:
        perform(session, organisation, officer, called(session), act, now)


def undo(database: Database, officer: str, now: datetime, organisation: str = "test") -> bool:
    with database.writing() as session:
        return take_back(session, organisation, officer, called(session), now) is not None


def test_each_act_has_an_event_with_facts_and_without_texts(filled: Database, now: datetime) -> None:
    acts: list[Act] = [
        DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=Reason.THEME, note=SECRET),
        StageRecord(stage=CallStage.AWARDED, day=date(2026, 3, 1), cents=50, currency="SEK"),
        StageRecord(stage=CallStage.SEEN),
        AssignmentRecord(officer="mobility"),
        NoteRecord(text=SECRET),
    ]
    for act in acts:
        do(filled, "water", act, now)
    assert undo(filled, "water", now)
    with filled.reading() as session:
        events = session.exec(select(AuditEvent).order_by("id")).all()
        assert [(one.action, one.facts) for one in events] == [
            ("not_relevant", {"version": 1, "reason": "theme"}),
            ("awarded", {"version": 1, "day": "2026-03-01", "cents": 50, "currency": "SEK"}),
            ("seen", {"version": 1}),
            ("assign", {"version": 1, "to": "mobility"}),
            ("note", {"version": 1}),
            ("undo", {"action": "note", "event": 5}),
        ]
        assert {(one.officer, one.call_id, one.happened_at) for one in events} == {("water", 1, now)}
        assert revision_of(session, "test", called(session)) == 6


def test_what_was_said_before_events_were_kept_is_taken_back_last(filled: Database, now: datetime) -> None:
    later = now + timedelta(hours=1)
    with filled.writing() as session:
        decide(session, "test", "water", called(session), RELEVANT, now)
        record_stage(session, "test", "water", called(session), CallStage.SEEN, later)
    do(filled, "water", NoteRecord(text="TEST"), later)
    taken = []
    while undo(filled, "water", later):
        with filled.reading() as session:
            event = session.exec(select(AuditEvent).order_by("id")).all()[-1]
            taken.append((event.action, event.facts["action"]))
    assert taken == [("undo", "note"), ("undo", "seen"), ("undo", "relevant")]


def test_an_act_on_a_copy_is_taken_back_at_the_face(filled: Database, now: datetime) -> None:
    do(filled, "water", RELEVANT, now)
    with filled.writing() as session:
        replace_same_calls(session, [Same(1, 2, "code", "TEST")])
        found = last_act(session, "test", "water", called(session, "TEST-2"))
        assert found is not None
        assert found.action == "relevant"
        assert take_back(session, "test", "water", called(session, "TEST-2"), now) is not None
    with filled.reading() as session:
        assert standing(session, "test") == []


def test_of_several_at_once_one_is_let_on_and_the_others_learn_of_it(filled: Database, now: datetime) -> None:
    officers = [f"officer_{number}" for number in range(6)]
    start = Barrier(len(officers))
    told: dict[str, list[str]] = {}

    def work(officer: str) -> None:
        start.wait()
        with filled.writing() as session:
            call = called(session)
            try:
                refuse_stale(session, "test", call, 0)
            except StaleError as error:
                told[officer] = [event.officer for event in error.since]
            else:
                perform(session, "test", officer, call, RELEVANT, now)

    threads = [Thread(target=work, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with filled.reading() as session:
        (kept,) = session.exec(select(Decision)).all()
    assert told == {officer: [kept.officer] for officer in officers if officer != kept.officer}


OFFICERS = ("mobility", "water")
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.sampled_from(Verdict).map(lambda one: DecisionRecord(verdict=one)),
    st.builds(StageRecord, stage=st.sampled_from(CallStage)),
    st.builds(AssignmentRecord, officer=st.sampled_from([*OFFICERS, NOBODY])),
    st.builds(NoteRecord, text=st.sampled_from(["TEST one", "TEST two"])),
)
STEPS = st.lists(st.tuples(st.sampled_from(OFFICERS), st.none() | ACTS), max_size=14)
numbers = count()


@dataclass
class Model:
    """All acts in turn, without those that were taken back."""

    done: list[tuple[str, Act]] = field(default_factory=list)

    def undo(self, officer: str) -> bool:
        own = [place for place, (who, _) in enumerate(self.done) if who == officer]
        if own:
            del self.done[own[-1]]
        return bool(own)

    def stands(self) -> tuple[object, ...]:
        verdicts: dict[tuple[str, str], str] = {}
        last: defaultdict[type[Act], str] = defaultdict(str)
        notes = []
        for officer, act in self.done:
            match act:
                case DecisionRecord():
                    verdicts[officer, SUBJECTS[act.verdict]] = act.verdict
                case StageRecord():
                    last[StageRecord] = act.stage
                case AssignmentRecord():
                    last[AssignmentRecord] = act.officer
                case NoteRecord():
                    notes.append((officer, act.text))
        return verdicts, last[StageRecord], last[AssignmentRecord], notes


def stands(database: Database, organisation: str) -> tuple[object, ...]:
    with database.reading() as session:
        call = called(session)
        stage, assignment = (
            stage_of(session, organisation, call),
            assignment_of(session, organisation, call),
        )
        return (
            {
                (one.decision.officer, one.subject): one.decision.verdict
                for one in standing(session, organisation, call)
            },
            stage.stage if stage else "",
            assignment.officer if assignment else "",
            [(one.officer, one.text) for one in notes_on(session, organisation, call)],
        )


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_after_any_acts_and_undos_what_stands_is_as_in_a_model(
    filled: Database, now: datetime, steps: list[tuple[str, Act | None]]
) -> None:
    organisation, model = f"test_{next(numbers)}", Model()
    for officer, act in steps:
        if act is None:
            assert undo(filled, officer, now, organisation) == model.undo(officer)
        else:
            do(filled, officer, act, now, organisation)
            model.done.append((officer, act))
    assert stands(filled, organisation) == model.stands()
