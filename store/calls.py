"""Calls in the store: written as records, changes kept as versions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from store.models import Call, CallVersion, Deadline, Quarantined
from store.records import MATERIAL, CallRecord, Rejected, digest
from store.search import index_calls
from store.states import State, state


@dataclass(frozen=True)
class Tally:
    """What a batch did: calls never seen before, calls with a new version, rows that changed nothing."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def save(session: Session, records: Sequence[CallRecord], run_id: int | None, now: datetime) -> Tally:
    """Write `records`; a call whose facts are as stored is not touched.

    A changed material fact (`store.records.MATERIAL`) becomes a CallVersion with the fields before and after.
    """
    known = _by_key(session, records)
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for record in records:
        key = (record.source, record.source_key)
        if key not in known:
            known[key] = _insert(session, record, run_id, now)
            counts["new"] += 1
        else:
            changed = _update(session, known[key], record, run_id, now)
            counts["changed" if changed else "unchanged"] += 1
    session.flush()
    index_calls(session, known.values())
    return Tally(**counts)


def quarantine(session: Session, rejected: Iterable[Rejected], run_id: int | None, now: datetime) -> None:
    session.add_all(Quarantined(**row.model_dump(), run_id=run_id, seen_at=now) for row in rejected)


def find_calls(session: Session, wanted: State | None, now: datetime) -> list[Call]:
    """The calls in the state `wanted` at `now` (None: all), in the order they came."""
    calls = session.exec(select(Call).order_by(col(Call.id))).all()
    return [call for call in calls if wanted is None or state(call, now) is wanted]


def calls_by_id(session: Session, call_ids: Iterable[int]) -> dict[int, Call]:
    calls = session.exec(select(Call).where(col(Call.id).in_(list(call_ids)))).all()
    return {call.id: call for call in calls if call.id is not None}


def _by_key(session: Session, records: Sequence[CallRecord]) -> dict[tuple[str, str], Call]:
    found: dict[tuple[str, str], Call] = {}
    for source in {record.source for record in records}:
        keys = [record.source_key for record in records if record.source == source]
        statement = select(Call).where(Call.source == source, col(Call.source_key).in_(keys))
        found |= {(call.source, call.source_key): call for call in session.exec(statement)}
    return found


def _insert(session: Session, record: CallRecord, run_id: int | None, now: datetime) -> Call:
    facts = record.facts()
    call = Call(
        **_columns(record),
        first_seen_at=now,
        content_hash=digest(facts),
        material_hash=digest(_material(facts)),
    )
    session.add(call)
    session.flush()
    _add_version(session, call, ["new"], [], facts, run_id, now)
    return call


def _update(session: Session, call: Call, record: CallRecord, run_id: int | None, now: datetime) -> bool:
    facts = record.facts()
    content, material = digest(facts), digest(_material(facts))
    if content == call.content_hash:
        return False
    changed, was_closed = material != call.material_hash, state(call, now) is State.CLOSED
    for column, value in _columns(record).items():
        setattr(call, column, value)
    call.content_hash, call.material_hash = content, material
    if changed:
        changes = _changes(_latest(session, call).snapshot, facts)
        # A deadline that had passed and is moved opens a call again, though its source never called it closed.
        reopened = {"reopened"} if was_closed and state(call, now) is State.OPEN else set()
        call.version += 1
        _add_version(session, call, sorted({*_kinds(changes), *reopened}), changes, facts, run_id, now)
    return changed


def _latest(session: Session, call: Call) -> CallVersion:
    statement = select(CallVersion).where(CallVersion.call_id == call.id, CallVersion.number == call.version)
    return session.exec(statement).one()


def _add_version(
    session: Session,
    call: Call,
    kinds: list[str],
    changes: list[dict[str, Any]],
    snapshot: dict[str, Any],
    run_id: int | None,
    now: datetime,
) -> None:
    assert call.id is not None
    session.add(
        CallVersion(
            call_id=call.id,
            number=call.version,
            run_id=run_id,
            seen_at=now,
            kinds=kinds,
            changes=changes,
            snapshot=snapshot,
        )
    )


UNSTATED: tuple[Any, ...] = (None, "", [], {})
"""What a field holds of which the source says nothing."""


def _material(facts: dict[str, Any]) -> dict[str, Any]:
    """The stated facts whose change counts.

    A field that a later version of the program adds so changes no call that says nothing of it.
    """
    return {field: facts[field] for field in MATERIAL if facts[field] not in UNSTATED}


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """The material facts that differ between two snapshots: [{field, before, after}]."""
    return [
        {"field": field, "before": before.get(field), "after": after[field]}
        for field in MATERIAL
        if before.get(field) != after[field]
        and not (before.get(field) in UNSTATED and after[field] in UNSTATED)
    ]


def _columns(record: CallRecord) -> dict[str, Any]:
    """The record as columns of `Call`, its deadlines as rows of their own."""
    columns = record.facts() | {"opening": record.opening, "published": record.published}
    columns["deadlines"] = [
        Deadline(position=position, **deadline.model_dump())
        for position, deadline in enumerate(record.deadlines)
    ]
    return columns


BUDGET = {"budget_cents", "grant_min_cents", "grant_max_cents", "expected_grants", "currency"}


def _kinds(changes: list[dict[str, Any]]) -> list[str]:
    """What the changes mean: opened, reopened, closed, deadline_moved, budget_changed; else corrected."""
    kinds = []
    for change in changes:
        match change:
            case {"field": "status", "after": "open", "before": "closed"}:
                kinds.append("reopened")
            case {"field": "status", "after": "open"}:
                kinds.append("opened")
            case {"field": "status", "after": "closed"}:
                kinds.append("closed")
            case {"field": "deadlines"}:
                kinds.append("deadline_moved")
            case {"field": field} if field in BUDGET:
                kinds.append("budget_changed")
            case _:
                kinds.append("corrected")
    return sorted(set(kinds))
