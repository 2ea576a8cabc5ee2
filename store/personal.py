"""What the store keeps of an officer: given out, and erased, as the GDPR has it (articles 15, 17 and 20)."""

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from email import message_from_string
from email.policy import default
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, col, delete, func, or_, select, update

from store.access import PERSONAL as PERSONAL_TOKENS
from store.database import Database
from store.errors import StoreError
from store.mail_stops import Cause, stop
from store.models import (
    AccessToken,
    Assignment,
    AuditEvent,
    Call,
    CallNote,
    Decision,
    Delivery,
    DeliveryItem,
    MailStop,
    SavedFilter,
    Stage,
)

Lasting = type[Assignment] | type[AuditEvent] | type[CallNote] | type[Decision] | type[Stage]
Personal = Lasting | type[Delivery] | type[MailStop] | type[SavedFilter]
LASTING: Sequence[Lasting] = (Assignment, AuditEvent, CallNote, Decision, Stage)
"""The tables whose rows are the organisation's own record, and stay under a pseudonym."""
PERSONAL: Sequence[Personal] = (*LASTING, Delivery, MailStop, SavedFilter)
"""The tables whose rows name an officer."""
PSEUDONYM = re.compile(r"erased-(\d+)")
"""What stands in an officer's place. The hyphen keeps it from ever being an id."""


@dataclass(frozen=True)
class Erased:
    """How much was kept of an officer: mails with the calls that they told, stops of mail, texts of notes, saved
    filters, links and sessions of the review; and what the organisation keeps under `pseudonym`, which is empty where
    there is nothing to keep: decisions, stages, and `acts`, which are assignments, notes without text and events.
    """

    deliveries: int = 0
    items: int = 0
    stops: int = 0
    notes: int = 0
    filters: int = 0
    sessions: int = 0
    decisions: int = 0
    stages: int = 0
    acts: int = 0
    pseudonym: str = ""


def known_officers(session: Session, organisation: str) -> set[str]:
    """The ids of whom the store keeps anything, whether or not they still are officers."""
    return {name for name in _names(session, organisation) if not PSEUDONYM.fullmatch(name)}


def last_sent(session: Session, organisation: str) -> dict[str, datetime]:
    """By officer, when the last digest went out."""
    statement = (
        select(Delivery.officer, func.max(col(Delivery.sent_at)))
        .where(Delivery.organisation == organisation, col(Delivery.sent_at).is_not(None))
        .group_by(col(Delivery.officer))
    )
    return {officer: at for officer, at in session.exec(statement) if at is not None}


def personal_data(session: Session, organisation: str, officer: str) -> dict[str, list[dict[str, Any]]]:
    """All that is kept of `officer`, as JSON, without what it says of others."""
    return {
        "deliveries": _deliveries(session, organisation, officer),
        "decisions": _on_calls(session, Decision, organisation, officer),
        "stages": _on_calls(session, Stage, organisation, officer),
        "notes": _on_calls(session, CallNote, organisation, officer),
        "assignments": _assignments(session, organisation, officer),
        "events": _events(session, organisation, officer),
        "saved_filters": [_facts(one) for one in session.exec(_rows(SavedFilter, organisation, officer))],
        "sessions": _sessions(session, organisation, officer),
        "mail_stops": [_facts(one) for one in session.exec(_rows(MailStop, organisation, officer))],
    }


def to_erase(session: Session, organisation: str, officer: str) -> Erased:
    """What `begin_erasure` would erase now, and the pseudonym that it would give."""
    beside = select(func.count(col(Decision.id))).where(
        *_of(Decision, organisation, officer), col(Decision.note) != ""
    )
    written = select(func.count(col(CallNote.id))).where(
        *_of(CallNote, organisation, officer), col(CallNote.text) != ""
    )
    items = select(func.count(col(DeliveryItem.id))).where(_told(organisation, officer))
    sessions = select(func.count(col(AccessToken.token_hash))).where(*_held(organisation, officer))
    lasting = {table: _count(session, table, organisation, officer) for table in LASTING}
    return Erased(
        deliveries=_count(session, Delivery, organisation, officer),
        items=session.exec(items).one(),
        stops=_count(session, MailStop, organisation, officer),
        notes=session.exec(beside).one() + session.exec(written).one(),
        filters=_count(session, SavedFilter, organisation, officer),
        sessions=session.exec(sessions).one(),
        decisions=lasting[Decision],
        stages=lasting[Stage],
        acts=lasting[Assignment] + lasting[CallNote] + lasting[AuditEvent],
        pseudonym=_next_pseudonym(_names(session, organisation)) if any(lasting.values()) else "",
    )


def begin_erasure(session: Session, organisation: str, officer: str, now: datetime) -> Erased:
    """Erase what the store keeps of `officer`, all but a stop that keeps mails back as long as the entry stands in
    officers.toml: `end_erasure` takes that out too.

    Decisions teach the ranking; they, stages, and who did what to a call are the organisation's own record: it stays
    under a pseudonym, without any notes. A second time there is nothing left to erase.
    """
    erased = to_erase(session, organisation, officer)
    session.exec(delete(DeliveryItem).where(_told(organisation, officer)))
    for table in (Delivery, MailStop, SavedFilter):
        session.exec(delete(table).where(*_of(table, organisation, officer)))
    session.exec(delete(AccessToken).where(*_held(organisation, officer)))
    session.exec(update(Decision).where(*_of(Decision, organisation, officer)).values(note=""))
    session.exec(update(CallNote).where(*_of(CallNote, organisation, officer)).values(text=""))
    if erased.pseudonym:
        _rename(session, organisation, officer, erased.pseudonym)
    stop(session, organisation, officer, Cause.PAUSED, now, reason="is being erased")
    return erased


def end_erasure(session: Session, organisation: str, officer: str) -> None:
    """Take out the last thing that names `officer`."""
    session.exec(delete(MailStop).where(*_of(MailStop, organisation, officer)))


def compact(database: Database) -> None:
    """Write the file of a SQLite database anew: what was erased still stands in pages that are not in use.

    PostgreSQL clears such rows by itself (autovacuum). Raises StoreError.
    """
    if database.engine.dialect.name != "sqlite":
        return
    with closing(database.engine.raw_connection()) as connection:
        try:
            connection.cursor().execute("VACUUM")
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"all is erased, but the file of the database could not be written anew ({error}); run it again"
            ) from error


def _of(table: Personal, organisation: str, officer: str) -> tuple[ColumnElement[bool], ...]:
    return col(table.organisation) == organisation, col(table.officer) == officer


def _rename(session: Session, organisation: str, officer: str, pseudonym: str) -> None:
    for table in LASTING:
        session.exec(update(table).where(*_of(table, organisation, officer)).values(officer=pseudonym))
    session.exec(
        update(Assignment)
        .where(col(Assignment.organisation) == organisation, col(Assignment.assigned_by) == officer)
        .values(assigned_by=pseudonym)
    )
    assigned = select(AuditEvent).where(
        AuditEvent.organisation == organisation, col(AuditEvent.facts)["to"].as_string() == officer
    )
    for event in session.exec(assigned):
        event.facts = event.facts | {"to": pseudonym}
        session.add(event)
    session.flush()


def _held(organisation: str, officer: str) -> tuple[ColumnElement[bool], ...]:
    """Links and sessions; a token of a program is held by a program, though it may be called as the officer is."""
    return (
        col(AccessToken.organisation) == organisation,
        col(AccessToken.holder) == officer,
        col(AccessToken.kind).in_(sorted(PERSONAL_TOKENS)),
    )


def _told(organisation: str, officer: str) -> ColumnElement[bool]:
    """The items of the officer's deliveries."""
    deliveries = select(Delivery.id).where(*_of(Delivery, organisation, officer))
    return col(DeliveryItem.delivery_id).in_(deliveries)


def _rows(table: type[Any], organisation: str, officer: str) -> Any:
    return select(table).where(*_of(table, organisation, officer)).order_by(col(table.id))


def _count(session: Session, table: Personal, organisation: str, officer: str) -> int:
    statement = select(func.count(col(table.id))).where(*_of(table, organisation, officer))
    return session.exec(statement).one()


def _names(session: Session, organisation: str) -> set[str]:
    found: set[str] = set()
    for table in PERSONAL:
        statement = select(table.officer).where(col(table.organisation) == organisation).distinct()
        found.update(session.exec(statement))
    holders = select(AccessToken.holder).where(
        AccessToken.organisation == organisation, col(AccessToken.kind).in_(sorted(PERSONAL_TOKENS))
    )
    assigning = select(Assignment.assigned_by).where(Assignment.organisation == organisation)
    found.update(session.exec(holders), session.exec(assigning))
    return found - {""}  # nobody, where a request was refused or a call has no officer


def _next_pseudonym(names: Iterable[str]) -> str:
    taken = [int(found[1]) for found in map(PSEUDONYM.fullmatch, names) if found]
    return f"erased-{max(taken, default=0) + 1}"


def _deliveries(session: Session, organisation: str, officer: str) -> list[dict[str, Any]]:
    told: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    statement = (
        select(DeliveryItem, Call)
        .join(Call, col(Call.id) == DeliveryItem.call_id)
        .join(Delivery, col(Delivery.id) == DeliveryItem.delivery_id)
        .where(*_of(Delivery, organisation, officer))
        .order_by(col(DeliveryItem.id))
    )
    for item, call in session.exec(statement):
        told[item.delivery_id].append(
            _named(call) | {"call_version": item.call_version, "section": item.section}
        )
    return [
        {
            "subject": str(message_from_string(one.message, policy=default)["Subject"] or ""),
            **_facts(one),
            "calls": told[one.id],
        }
        for one in session.exec(_rows(Delivery, organisation, officer))
    ]


def _assignments(session: Session, organisation: str, officer: str) -> list[dict[str, Any]]:
    statement = (
        select(Assignment, Call)
        .join(Call, col(Call.id) == Assignment.call_id)
        .where(
            Assignment.organisation == organisation,
            or_(col(Assignment.officer) == officer, col(Assignment.assigned_by) == officer),
        )
        .order_by(col(Assignment.id))
    )
    return [
        _named(call)
        | {
            "looks_after": one.officer == officer,
            "said_so": one.assigned_by == officer,
            "assigned_at": one.assigned_at.isoformat(),
        }
        for one, call in session.exec(statement)
    ]


def _events(session: Session, organisation: str, officer: str) -> list[dict[str, Any]]:
    statement = (
        select(AuditEvent, Call)
        .outerjoin(Call, col(Call.id) == AuditEvent.call_id)
        .where(*_of(AuditEvent, organisation, officer))
        .order_by(col(AuditEvent.id))
    )
    events = []
    for one, call in session.exec(statement):
        facts = {key: value for key, value in one.facts.items() if key != "to" or value == officer}
        events.append((_named(call) if call else {}) | _facts(one) | {"facts": facts})
    return events


def _sessions(session: Session, organisation: str, officer: str) -> list[dict[str, Any]]:
    statement = select(AccessToken).where(*_held(organisation, officer)).order_by(col(AccessToken.created_at))
    hidden = {"token_hash", "organisation", "holder"}
    return [one.model_dump(mode="json", exclude=hidden) for one in session.exec(statement)]


def _on_calls(
    session: Session, table: type[CallNote] | type[Decision] | type[Stage], organisation: str, officer: str
) -> list[dict[str, Any]]:
    statement = (
        select(table, Call)
        .join(Call, col(Call.id) == table.call_id)
        .where(*_of(table, organisation, officer))
        .order_by(col(table.id))
    )
    return [_named(call) | _facts(one) for one, call in session.exec(statement)]


def _named(call: Call) -> dict[str, Any]:
    return {"call": f"{call.source}:{call.source_key}", "title": call.title}


def _facts(row: SQLModel) -> dict[str, Any]:
    """A row without the numbers that mean something within the database alone."""
    return row.model_dump(mode="json", exclude={"id", "call_id", "organisation", "officer"})
