"""Digests selected and told, one after the other, without writing the mails."""

from datetime import datetime
from typing import Any

from sqlmodel import select

from config.organisation import Organisation
from config.schema import Officer
from notifier.periods import week_of
from notifier.selection import Overview, Selection, select_all, select_digest, select_instant
from notifier.why import explain
from store.database import Database
from store.decisions import DecisionRecord, Verdict, decide, withdraw
from store.models import Call, Delivery, DeliveryItem
from store.stages import CallStage, record_stage, withdraw_stage
from tests.unit.notifier.builders import NOW, keys, officer, organisation


def selected(
    database: Database,
    who: Officer | None = None,
    now: datetime = NOW,
    whose: Organisation | None = None,
    **asked: Any,
) -> Selection:
    """The digest of `who`, or of an officer who asked for `asked`."""
    with database.reading() as session:
        return select_digest(session, whose or organisation(), who or officer(**asked), now)


def at_once(database: Database, now: datetime = NOW, **asked: Any) -> Selection:
    with database.reading() as session:
        return select_instant(session, organisation(), officer(**asked), now)


def overview(database: Database, now: datetime = NOW) -> Overview:
    with database.reading() as session:
        return select_all(session, organisation(), now)


def sections(selection: Selection) -> dict[str, list[str]]:
    return {section.value: keys(items) for section, items in selection.sections.items()}


def tell(
    database: Database, who: Officer | None = None, now: datetime = NOW, **asked: Any
) -> dict[str, list[str]]:
    """Select the digest and note that it went out: the calls by section."""
    who = who or officer(**asked)
    selection = selected(database, who, now)
    with database.writing() as session:
        delivery = Delivery(
            organisation="test",
            officer=who.id,
            period=now.isoformat(),
            state="sent",
            message_id="",
            message="",
            prepared_at=now,
            sent_at=now,
        )
        session.add(delivery)
        session.flush()
        for section, items in selection.sections.items():
            for item in (one for place in items for one in (place, *place.alike)):
                session.add(
                    DeliveryItem(
                        delivery_id=delivery.id or 0,
                        call_id=item.call_id,
                        call_version=item.call.version,
                        section=section,
                    )
                )
    return sections(selection)


def week_was_told(database: Database, now: datetime = NOW) -> None:
    """The week's digest went out, empty: whoever is told at once hears of nothing else before the next one."""
    with database.writing() as session:
        session.add(
            Delivery(
                organisation="test",
                officer=officer().id,
                period=week_of(now),
                state="sent",
                message_id="",
                message="",
                prepared_at=now,
            )
        )


def why(database: Database, key: str, who: Officer | None = None, now: datetime = NOW, **asked: Any) -> str:
    """What is said of why the call is in the digest or is not, in English."""
    with database.reading() as session:
        call = session.exec(select(Call).where(Call.source_key == key)).one()
        return " ".join(explain(session, organisation(), who or officer(**asked), call, now, "en"))


def stage(database: Database, key: str, to: str | None, who: str = "colleague", now: datetime = NOW) -> None:
    """Say how far the call has got; None: take it back."""
    with database.writing() as session:
        call = session.exec(select(Call).where(Call.source_key == key)).one()
        if to:
            record_stage(session, "test", who, call, CallStage(to), now)
        else:
            withdraw_stage(session, "test", who, call, now)


def say(
    database: Database, key: str, verdict: Verdict | None, who: str = "mobility", now: datetime = NOW
) -> None:
    """Decide on the call; None: take it back."""
    with database.writing() as session:
        call = session.exec(select(Call).where(Call.source_key == key)).one()
        if verdict:
            decide(session, "test", who, call, DecisionRecord(verdict=verdict), now)
        else:
            withdraw(session, "test", who, call, now)
