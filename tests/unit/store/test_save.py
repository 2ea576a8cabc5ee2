"""Calls written: what is new, what changed, and the versions that keep both sides of a change."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from store.calls import Tally, calls_by_id, find_calls, quarantine, save
from store.database import Database
from store.models import Call, CallVersion, Deadline, Quarantined
from store.records import MATERIAL, CallRecord, DeadlineRecord, Rejected, Status
from store.runs import begin_run

MakeRecord = Callable[..., CallRecord]


@pytest.fixture
def write(database: Database, now: datetime) -> Callable[..., Tally]:
    def write(*records: CallRecord) -> Tally:
        with database.writing() as session:
            return save(session, records, None, now)

    return write


def versions(database: Database, call_id: int = 1) -> list[CallVersion]:
    with database.reading() as session:
        statement = select(CallVersion).where(CallVersion.call_id == call_id)
        return list(session.exec(statement.order_by(col(CallVersion.number))))


def only_call(database: Database) -> Call:
    with database.reading() as session:
        return session.exec(select(Call)).one()


def test_new_changed_unchanged(write: Callable[..., Tally], record: MakeRecord) -> None:
    assert write(record("TEST-1"), record("TEST-2")) == Tally(new=2)
    assert write(record("TEST-1"), record("TEST-2", budget_cents=5), record("TEST-3")) == Tally(1, 1, 1)
    assert write(record("TEST-2", budget_cents=5)) == Tally(unchanged=1)
    assert write() == Tally()


def test_first_version(
    database: Database, write: Callable[..., Tally], record: MakeRecord, now: datetime
) -> None:
    made = record()
    write(made)
    (first,) = versions(database)
    assert (first.number, first.kinds, first.changes) == (1, ["new"], [])
    assert (first.snapshot, first.seen_at) == (made.facts(), now)
    call = only_call(database)
    assert (call.version, call.first_seen_at, call.title) == (1, now, "Call TEST-1")


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any], list[str]]] = {
    "opened": ({"status": Status.FORTHCOMING}, {"status": Status.OPEN}, ["opened"]),
    "opened, after unknown": ({"status": Status.UNKNOWN}, {"status": Status.OPEN}, ["opened"]),
    "reopened": ({"status": Status.CLOSED}, {"status": Status.OPEN}, ["reopened"]),
    "closed": ({"status": Status.OPEN}, {"status": Status.CLOSED}, ["closed"]),
    "extended past its end": (
        {"deadlines": (DeadlineRecord(day=date(2026, 8, 21)),)},
        {"deadlines": (DeadlineRecord(day=date(2026, 9, 15)),)},
        ["deadline_moved", "reopened"],
    ),
    "last deadline corrected, still past": (
        {"deadlines": (DeadlineRecord(day=date(2026, 8, 20)),)},
        {"deadlines": (DeadlineRecord(day=date(2026, 8, 21)),)},
        ["deadline_moved"],
    ),
    "withdrawn to forthcoming": ({"status": Status.OPEN}, {"status": Status.FORTHCOMING}, ["corrected"]),
    "deadline": ({}, {"deadlines": (DeadlineRecord(day=date(2026, 10, 1)),)}, ["deadline_moved"]),
    "deadline's hour": (
        {},
        {"deadlines": (DeadlineRecord(day=date(2026, 9, 15), at=time(12)),)},
        ["deadline_moved"],
    ),
    "budget": ({"budget_cents": 100}, {"budget_cents": 200}, ["budget_changed"]),
    "budget no longer stated": ({"budget_cents": 100}, {"budget_cents": None}, ["budget_changed"]),
    "grants": ({}, {"expected_grants": 3, "grant_max_cents": 9}, ["budget_changed"]),
    "currency": ({}, {"currency": "NOK"}, ["budget_changed"]),
    "title": ({}, {"titles": {"en": "Another title"}}, ["corrected"]),
    "translation": ({}, {"titles": {"en": "Call TEST-1", "es": "Convocatoria"}}, ["corrected"]),
    "conditions": ({}, {"conditions": {"en": "Only cities."}}, ["corrected"]),
    "opening": ({}, {"opening": date(2026, 5, 5)}, ["corrected"]),
    "several": (
        {"budget_cents": 1, "status": Status.FORTHCOMING},
        {"budget_cents": 2, "status": Status.OPEN, "texts": {"en": "Another text."}},
        ["budget_changed", "corrected", "opened"],
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_material_change_is_a_version_with_both_sides(
    database: Database, write: Callable[..., Tally], record: MakeRecord, change: str
) -> None:
    before, after, kinds = CHANGES[change]
    old, new = record(**before), record(**(before | after))
    write(old)
    assert write(new) == Tally(changed=1)
    first, second = versions(database)
    assert (first.number, second.number, second.kinds) == (1, 2, kinds)
    assert {entry["field"] for entry in second.changes} == set(after)
    for entry in second.changes:
        assert entry["before"] == old.facts()[entry["field"]]
        assert entry["after"] == new.facts()[entry["field"]]
    assert second.snapshot == new.facts()
    assert only_call(database).version == 2


@pytest.mark.parametrize(
    "change",
    [
        {"keywords": ("water",)},
        {"notices": ("text_clipped",)},
        {"page": "https://example.org/moved"},
        {"call_title": "The call around it"},
        {"destination": "Another destination"},
        {"programme": "Horizon Europe"},
    ],
)
def test_immaterial_change_is_kept_without_a_version(
    database: Database, write: Callable[..., Tally], record: MakeRecord, change: dict[str, Any]
) -> None:
    write(record())
    assert write(record(**change)) == Tally(unchanged=1)
    assert len(versions(database)) == 1
    call = only_call(database)
    for field, value in change.items():
        kept = getattr(call, field)
        assert (tuple(kept) if isinstance(kept, list) else kept) == value
    assert write(record(**change, budget_cents=1)) == Tally(changed=1)
    assert [entry["field"] for entry in versions(database)[1].changes] == ["budget_cents"]


def test_order_of_lists_is_no_change(write: Callable[..., Tally], record: MakeRecord) -> None:
    one, other = DeadlineRecord(day=date(2026, 9, 15)), DeadlineRecord(day=date(2027, 9, 15))
    lists: tuple[tuple[str, Sequence[Any]], ...] = (
        ("keywords", ["water", "waste"]),
        ("types_of_action", ["RIA", "IA"]),
        ("geographical_zones", ["Spain", "France"]),
        ("identifiers", ["TEST-1", "TEST-1b"]),
        ("deadlines", [one, other]),
    )
    write(record(**{name: tuple(values) for name, values in lists}))
    assert write(record(**{name: tuple(reversed(values)) for name, values in lists})) == Tally(unchanged=1)


def test_a_call_that_changes_and_changes_back_has_three_versions(
    database: Database, write: Callable[..., Tally], record: MakeRecord
) -> None:
    for status in (Status.OPEN, Status.CLOSED, Status.OPEN):
        write(record(status=status))
    assert [(version.number, version.kinds) for version in versions(database)] == [
        (1, ["new"]),
        (2, ["closed"]),
        (3, ["reopened"]),
    ]


def test_same_call_twice_in_a_batch(
    database: Database, write: Callable[..., Tally], record: MakeRecord
) -> None:
    assert write(record(), record(), record(budget_cents=7)) == Tally(new=1, changed=1, unchanged=1)
    assert [version.number for version in versions(database)] == [1, 2]


def test_same_key_of_two_sources_is_two_calls(write: Callable[..., Tally], record: MakeRecord) -> None:
    assert write(record(source="one"), record(source="other")) == Tally(new=2)


def test_deadlines_are_replaced_and_leave_no_rows_behind(
    database: Database, write: Callable[..., Tally], record: MakeRecord
) -> None:
    write(record(deadlines=tuple(DeadlineRecord(day=date(2027, month, 1)) for month in (1, 4, 9))))
    write(record(deadlines=(DeadlineRecord(day=date(2027, 4, 1), at=time(17), stage=1),)))
    with database.reading() as session:
        (row,) = session.exec(select(Deadline)).all()
    assert (row.position, row.day, row.at, row.zone, row.stage) == (
        0,
        date(2027, 4, 1),
        time(17),
        "Europe/Brussels",
        1,
    )


def test_nothing_arrives_of_a_batch_that_fails(database: Database, record: MakeRecord, now: datetime) -> None:
    with database.writing() as session:
        save(session, [record()], None, now)

    with pytest.raises(StopIteration), database.writing() as session:  # noqa: PT012 - it fails after it has written
        save(session, [record(budget_cents=9), record("TEST-2")], None, now)
        next(iter(()))
    assert only_call(database).budget_cents is None
    assert len(versions(database)) == 1


def test_what_postgresql_refuses_never_gets_there(
    database: Database, write: Callable[..., Tally], record: MakeRecord, now: datetime
) -> None:
    write(
        record(
            titles={"en": "Nul\x00 and half \ud83d", "ca": "Aigua i l·lusió 🌊"},
            conditions={"en": "a\x00b"},
            notices=("\x00doubt",),
        )
    )
    rejected = Rejected(
        source="test", source_key="TEST\x00", reason="no \x00 title", raw='{"a": "\x00\ud83d🌊"}'
    )
    with database.writing() as session:
        run = begin_run(session, "test", now)
        quarantine(session, [rejected, Rejected(source="test", reason="no row", raw="[]")], run.id, now)
    call = only_call(database)
    assert call.titles == {"en": "Nul and half", "ca": "Aigua i l·lusió 🌊"}
    assert versions(database)[0].snapshot["conditions"] == {"en": "ab"}
    with database.reading() as session:
        kept = session.exec(select(Quarantined).order_by(Quarantined.raw)).all()
    assert [(row.source_key, row.reason, row.raw, row.run_id, row.seen_at) for row in kept] == [
        ("", "no row", "[]", 1, now),
        ("TEST", "no  title", '{"a": "🌊"}', 1, now),
    ]


def test_amounts_of_great_calls_are_kept_to_the_cent(
    database: Database, write: Callable[..., Tally], record: MakeRecord
) -> None:
    write(record(budget_cents=9_555_555_555_555_55))
    assert only_call(database).budget_cents == 955_555_555_555_555


def test_calls_are_found_by_id(
    database: Database, write: Callable[..., Tally], record: MakeRecord, now: datetime
) -> None:
    write(record("TEST-1"), record("TEST-2"), record("TEST-3"))
    write(record("TEST-2", budget_cents=1))
    with database.reading() as session:
        assert {key: call.source_key for key, call in calls_by_id(session, [2, 3, 99]).items()} == {
            2: "TEST-2",
            3: "TEST-3",
        }
        assert calls_by_id(session, []) == {}
        assert [version.number for version in versions(database, 2)] == [1, 2]
        assert [call.source_key for call in find_calls(session, None, now)] == ["TEST-1", "TEST-2", "TEST-3"]


def test_times_come_back_in_utc(database: Database, record: MakeRecord) -> None:
    madrid = datetime.fromisoformat("2026-08-22T10:00:00+02:00")
    with database.writing() as session:
        save(session, [record()], None, madrid)
    seen = only_call(database).first_seen_at
    assert (seen, seen.utcoffset()) == (datetime(2026, 8, 22, 8, tzinfo=UTC), timedelta(0))


def test_every_material_fact_is_a_fact(record: MakeRecord) -> None:
    assert set(MATERIAL) <= set(record().facts())
