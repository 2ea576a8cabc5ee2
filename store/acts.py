"""All that an officer can do to a call, each kept together with the event that tells of it, and taken back again."""

from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from sqlmodel import Session, col, select

from store.assignments import assign, withdraw_assignment
from store.audit import note_event
from store.decisions import DecisionRecord, Verdict, decide, last_decision, withdraw
from store.models import Assignment, AuditEvent, Call, CallNote, Decision, Stage
from store.notes import NoteRecord, withdraw_note, write_note
from store.records import Stated
from store.same_calls import faces, same_as
from store.stages import CallStage, StageRecord, last_stage, record_stage, withdraw_stage


class Action(StrEnum):
    """`AuditEvent.action` of what is neither a verdict nor a stage; those are named by themselves."""

    ASSIGN = "assign"
    NOTE = "note"
    UNDO = "undo"


class AssignmentRecord(Stated):
    """Who is to look after a call; `store.assignments.NOBODY`: no one any longer."""

    officer: str


Act = DecisionRecord | StageRecord | AssignmentRecord | NoteRecord
Kept = Decision | Stage | Assignment | CallNote
"""The row that an act becomes."""


def perform(session: Session, organisation: str, officer: str, call: Call, act: Act, now: datetime) -> Kept:
    """Keep what `officer` does to `call` as it stands now, and that it was done.

    The event's facts: `version` of the call; `reason` of a verdict; `cents`, `currency` and `day` (ISO 8601) of a stage,
    as far as they are stated; `to` whom it is assigned.
    """
    facts: dict[str, Any] = {"version": call.version}
    kept: Kept
    match act:
        case DecisionRecord():
            kept = decide(session, organisation, officer, call, act, now)
            action: str = act.verdict
            facts |= {"reason": act.reason.value} if act.reason else {}
        case StageRecord():
            stated = act.model_dump(exclude={"stage"})
            kept = record_stage(session, organisation, officer, call, act.stage, now, **stated)
            action = act.stage
            facts |= {"day": act.day.isoformat()} if act.day else {}
            facts |= {"cents": act.cents, "currency": act.currency} if act.cents is not None else {}
        case AssignmentRecord():
            kept = assign(session, organisation, officer, call, act.officer, now)
            action = Action.ASSIGN
            facts |= {"to": act.officer}
        case NoteRecord():
            kept = write_note(session, organisation, officer, call, act, now)
            action = Action.NOTE
        case _:
            assert_never(act)
    note_event(session, organisation, officer, str(action), now, call, facts)
    return kept


def take_back(session: Session, organisation: str, officer: str, call: Call, now: datetime) -> Kept | None:
    """Take back the last thing that `officer` did to `call` and that still stands. None when there is none.

    The event's facts: `action` that is taken back, and the number of its `event`.
    """
    last = last_act(session, organisation, officer, call)
    action = last.action if last else _before_events(session, organisation, officer, call)
    if not action:
        return None
    kept: Kept | None
    if action in set(Verdict):
        kept = withdraw(session, organisation, officer, call, now)
    elif action in set(CallStage):
        kept = withdraw_stage(session, organisation, officer, call, now)
    elif action == Action.NOTE:
        kept = withdraw_note(session, organisation, officer, call, now)
    else:
        kept = withdraw_assignment(session, organisation, officer, call)
    facts = {"action": action, "event": last.id if last else None}
    note_event(session, organisation, officer, str(Action.UNDO), now, call, facts)
    return kept


def last_act(session: Session, organisation: str, officer: str, call: Call) -> AuditEvent | None:
    """The last thing that `officer` did to `call`, or to the same call in another source, and did not take back."""
    events = session.exec(
        select(AuditEvent)
        .where(
            AuditEvent.organisation == organisation,
            AuditEvent.officer == officer,
            col(AuditEvent.call_id).in_(same_as(call, faces(session))),
            col(AuditEvent.action).in_([*Verdict, *CallStage, *Action]),
        )
        .order_by(col(AuditEvent.id))
    )
    standing: dict[int | None, AuditEvent] = {}
    for event in events:
        if event.action == Action.UNDO:
            standing.pop(event.facts.get("event"), None)
        else:
            standing[event.id] = event
    return next(reversed(standing.values()), None)


def _before_events(session: Session, organisation: str, officer: str, call: Call) -> str:
    """What `officer` said last of `call` before events were kept; of two at the same moment, the stage."""
    decision = last_decision(session, organisation, officer, call)
    stage = last_stage(session, organisation, officer, call)
    if stage is not None and (decision is None or stage.noted_at >= decision.decided_at):
        return stage.stage
    return decision.verdict if decision else ""
