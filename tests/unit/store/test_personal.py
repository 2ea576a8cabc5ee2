"""What the store keeps of an officer: all of it given out, and none of it left after an erasure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, SQLModel, select

from store.access import Access, find_token, issue
from store.acts import AssignmentRecord, perform
from store.audit import note_event
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, decide, standing, votes
from store.deliveries import DeliveryState
from store.errors import StoreError
from store.mail_stops import Cause, standing_stop, stop
from store.models import Call, Delivery, DeliveryItem, SavedFilter
from store.notes import NoteRecord
from store.personal import (
    PERSONAL,
    Erased,
    begin_erasure,
    compact,
    end_erasure,
    known_officers,
    last_sent,
    personal_data,
    to_erase,
)
from store.stages import CallStage, current_stages, record_stage
from tests.unit.store.conftest import MakeRecord

KEY = "test_officer_q7"
ADDRESS = f"{KEY}@example.org"
OTHER = "test_officer_z9"
ORGANISATION = "test"


def mail(officer: str, number: int) -> str:
    return f"To: {officer}@example.org\r\nSubject: =?utf-8?q?Deu_crides_n=C3=BAm=2E?= {number}\r\n\r\nTEST {officer}\r\n"


def keep(session: Session, organisation: str, officer: str, now: datetime) -> None:
    """Something of the officer in each table that names one: 2 mails, 2 decisions, a stage, 2 stops."""
    calls = session.exec(select(Call).order_by("id")).all()
    for number, call in enumerate(calls):
        delivery = Delivery(
            organisation=organisation,
            officer=officer,
            period=f"2026-W3{number}",
            state=DeliveryState.SENT if number else DeliveryState.SENDING,
            message_id=f"<2026-W3{number}.{officer}.{organisation}@example.org>",
            message=mail(officer, number),
            prepared_at=now,
            sent_at=now + timedelta(number) if number else None,
        )
        session.add(delivery)
        session.flush()
        assert delivery.id is not None
        assert call.id is not None
        session.add(DeliveryItem(delivery_id=delivery.id, call_id=call.id, call_version=1, section="new"))
    dismissed = DecisionRecord(
        verdict=Verdict.NOT_RELEVANT, reason=Reason.THEME, note=f"TEST, says {officer}"
    )
    decide(session, organisation, officer, calls[0], dismissed, now)
    decide(session, organisation, officer, calls[1], DecisionRecord(verdict=Verdict.RELEVANT), now)
    record_stage(session, organisation, officer, calls[1], CallStage.SHORTLISTED, now)
    stop(
        session, organisation, officer, Cause.REFUSED, now, reason="550 no", address=f"{officer}@example.org"
    )
    stop(session, organisation, officer, Cause.PAUSED, now)
    review(session, organisation, officer, now)


def review(session: Session, organisation: str, officer: str, now: datetime) -> None:
    """What stays of an officer's work in the review: 2 assignments, a note, a filter, a sign-in; an event of each act."""
    call = session.exec(select(Call).order_by("id")).first()
    assert call is not None
    for to in (officer, ""):
        perform(session, organisation, officer, call, AssignmentRecord(officer=to), now)
    perform(session, organisation, officer, call, NoteRecord(text=f"TEST note of {officer}"), now)
    note_event(session, organisation, officer, "signed_in", now, facts={"by": "link"})
    note_event(session, organisation, "", "refused", now, facts={"why": "csrf"})
    session.add(
        SavedFilter(
            organisation=organisation, officer=officer, name="TEST", query=f"officer={officer}", saved_at=now
        )
    )
    for kind in (Access.LINK, Access.SESSION):
        issue(session, organisation, kind, officer, now, timedelta(hours=1))


@pytest.fixture
def kept(database: Database, record: MakeRecord, now: datetime) -> Database:
    """Two officers of whom much is kept, and a namesake of the first in another organisation."""
    with database.writing() as session:
        save(session, [record("TEST-1"), record("TEST-2")], None, now)
    with database.writing() as session:
        keep(session, ORGANISATION, KEY, now)
        keep(session, ORGANISATION, OTHER, now)
    return database


def cells(session: Session) -> Iterator[tuple[str, str]]:
    """Every value of every table, and where it stands."""
    for table in SQLModel.metadata.sorted_tables:
        for row in session.connection().execute(table.select()).mappings():
            yield from ((f"{table.name}.{name}", str(value)) for name, value in row.items())


def holding(database: Database, *words: str) -> set[str]:
    with database.reading() as session:
        return {where for where, value in cells(session) if any(word in value for word in words)}


def erased(database: Database, now: datetime, key: str = KEY) -> Erased:
    with database.writing() as session:
        found = begin_erasure(session, ORGANISATION, key, now)
    with database.writing() as session:
        end_erasure(session, ORGANISATION, key)
    return found


def test_no_table_holds_id_or_address_after_an_erasure(kept: Database, now: datetime) -> None:
    assert holding(kept, KEY, ADDRESS) == {
        "access_token.holder",
        "assignment.assigned_by",
        "assignment.officer",
        "audit_event.facts",
        "audit_event.officer",
        "call_note.officer",
        "call_note.text",
        "decision.note",
        "decision.officer",
        "delivery.message",
        "delivery.message_id",
        "delivery.officer",
        "mail_stop.officer",
        "saved_filter.officer",
        "saved_filter.query",
        "stage.officer",
    }
    done = erased(kept, now)
    assert done == Erased(
        deliveries=2,
        items=2,
        stops=2,
        notes=2,
        filters=1,
        sessions=2,
        decisions=2,
        stages=1,
        acts=6,
        pseudonym="erased-1",
    )
    assert holding(kept, KEY, ADDRESS) == set()
    assert holding(kept, "erased-1") == {
        "assignment.assigned_by",
        "assignment.officer",
        "audit_event.facts",
        "audit_event.officer",
        "call_note.officer",
        "decision.officer",
        "stage.officer",
    }


def test_whom_others_named_is_erased_too(kept: Database, now: datetime) -> None:
    with kept.writing() as session:
        call = session.exec(select(Call)).first()
        assert call is not None
        perform(session, ORGANISATION, OTHER, call, AssignmentRecord(officer=KEY), now)
    erased(kept, now)
    assert holding(kept, KEY, ADDRESS) == set()


def test_who_did_nothing_but_sign_in_leaves_an_event_alone(kept: Database, now: datetime) -> None:
    with kept.writing() as session:
        issue(session, ORGANISATION, Access.SESSION, "test_guest", now, timedelta(hours=1))
        note_event(session, ORGANISATION, "test_guest", "signed_in", now)
    assert erased(kept, now, "test_guest") == Erased(sessions=1, acts=1, pseudonym="erased-1")


def test_a_program_may_be_called_as_an_officer_is(kept: Database, now: datetime) -> None:
    with kept.writing() as session:
        token = issue(session, ORGANISATION, Access.PROGRAM, KEY, now)
    erased(kept, now)
    with kept.reading() as session:
        assert find_token(session, ORGANISATION, Access.PROGRAM, token, now) is not None


def test_others_keep_what_is_theirs(kept: Database, now: datetime) -> None:
    with kept.writing() as session:
        keep(session, "test_elsewhere", KEY, now)
    with kept.reading() as session:
        before = [personal_data(session, *who) for who in ((ORGANISATION, OTHER), ("test_elsewhere", KEY))]
    erased(kept, now)
    with kept.reading() as session:
        after = [personal_data(session, *who) for who in ((ORGANISATION, OTHER), ("test_elsewhere", KEY))]
        assert known_officers(session, ORGANISATION) == {OTHER}
    assert after == before


def test_decisions_and_stages_go_on_counting(kept: Database, now: datetime) -> None:
    def counted() -> tuple[Any, ...]:
        with kept.reading() as session:
            found = [
                (one.call_id, one.relevant, one.reason) for one in votes(standing(session, ORGANISATION))
            ]
            return found, {key: one.stage for key, one in current_stages(session, ORGANISATION).items()}

    before = counted()
    assert [erased(kept, now, key).pseudonym for key in (KEY, OTHER)] == ["erased-1", "erased-2"]
    assert counted() == before


def test_until_the_end_no_mail_goes_out(kept: Database, now: datetime) -> None:
    with kept.writing() as session:
        begin_erasure(session, ORGANISATION, KEY, now)
    with kept.reading() as session:
        found = standing_stop(session, ORGANISATION, KEY, ADDRESS, now + timedelta(days=900))
        assert found is not None
        assert found.reason == "is being erased"
        assert known_officers(session, ORGANISATION) == {KEY, OTHER}
    # Killed here, it is begun again.
    assert erased(kept, now) == Erased(stops=1)
    assert holding(kept, KEY, ADDRESS) == set()


def test_of_nobody_nothing_is_erased(kept: Database, now: datetime) -> None:
    with kept.reading() as session:
        assert to_erase(session, ORGANISATION, "test_nobody") == Erased()
    assert erased(kept, now, "test_nobody") == Erased()
    assert erased(kept, now) != Erased()
    assert erased(kept, now) == Erased()


def test_all_that_is_kept_is_given_out(kept: Database, now: datetime) -> None:
    with kept.reading() as session:
        data = personal_data(session, ORGANISATION, KEY)
        assert last_sent(session, ORGANISATION) == {key: now + timedelta(1) for key in (KEY, OTHER)}
    first, second = data["deliveries"]
    assert (first["subject"], first["state"], first["sent_at"]) == ("Deu crides núm. 0", "sending", None)
    assert second["message"] == mail(KEY, 1)
    assert second["calls"] == [
        {"call": "test:TEST-2", "title": "Call TEST-2", "call_version": 1, "section": "new"}
    ]
    assert [(one["call"], one["verdict"], one["note"]) for one in data["decisions"]] == [
        ("test:TEST-1", "not_relevant", f"TEST, says {KEY}"),
        ("test:TEST-2", "relevant", ""),
    ]
    assert [(one["call"], one["stage"]) for one in data["stages"]] == [("test:TEST-2", "shortlisted")]
    assert [one["cause"] for one in data["mail_stops"]] == ["refused", "paused"]
    assert [one["text"] for one in data["notes"]] == [f"TEST note of {KEY}"]
    assert [(one["looks_after"], one["said_so"]) for one in data["assignments"]] == [
        (True, True),
        (False, True),
    ]
    assert [one["action"] for one in data["events"]] == ["assign", "assign", "note", "signed_in"]
    assert [one["name"] for one in data["saved_filters"]] == ["TEST"]
    assert [one["kind"] for one in data["sessions"]] == ["link", "session"]
    assert "hash" not in str(data["sessions"])
    assert OTHER not in str(data)


def test_every_table_that_names_an_officer_is_given_out_and_erased() -> None:
    naming = {table.name for table in SQLModel.metadata.sorted_tables if "officer" in table.columns}
    assert naming == {table.__tablename__ for table in PERSONAL}


def test_the_file_forgets_too(tmp_path: Path, record: MakeRecord, now: datetime) -> None:
    database = Database(f"sqlite:///{tmp_path / 'forgetful.db'}")
    with database.writing() as session:
        save(session, [record("TEST-1"), record("TEST-2")], None, now)
    with database.writing() as session:
        keep(session, ORGANISATION, KEY, now)
    erased(database, now)
    compact(database)
    files = list(tmp_path.glob("forgetful.db*"))
    assert files
    assert not any(KEY.encode() in file.read_bytes() for file in files)
    database.close()


def test_a_file_that_cannot_be_written_anew_is_told(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'busy.db'}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")
    other = Database(f"sqlite:///{tmp_path / 'busy.db'}")
    with other.writing() as session:
        session.connection()
        with pytest.raises(StoreError, match="run it again"):
            compact(database)
    compact(database)
    for one in (database, other):
        one.close()


def test_a_server_needs_no_file_written_anew(database: Database) -> None:
    compact(database)
    with database.reading() as session:
        assert session.exec(select(1)).one() == 1
