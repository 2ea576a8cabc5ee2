"""Made-up digests, decisions and stages, for tests of the figures."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlmodel import Session, select

from config.organisation import Organisation
from notifier.figure_events import Period
from notifier.figures import Figures, count_figures
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, decide, withdraw
from store.models import Call, Delivery, DeliveryItem
from store.stages import CallStage, record_stage, withdraw_stage
from tests.unit.notifier.builders import organisation

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(12), UTC)


def call_of(session: Session, key: str) -> Call:
    return session.exec(select(Call).where(Call.source_key == key)).one()


def told(database: Database, day: str, *keys: str, state: str = "sent", officer: str = "mobility") -> None:
    """A digest of `day` that held the calls."""
    with database.writing() as session:
        delivery = Delivery(
            organisation="test",
            officer=officer,
            period=day,
            state=state,
            message_id="",
            message="",
            prepared_at=noon(day),
            sent_at=noon(day) if state == "sent" else None,
        )
        session.add(delivery)
        session.flush()
        for key in keys:
            call_id = call_of(session, key).id
            assert delivery.id is not None
            assert call_id is not None
            session.add(DeliveryItem(delivery_id=delivery.id, call_id=call_id, call_version=1, section="new"))


def decided(
    database: Database,
    day: str,
    key: str,
    verdict: str = "relevant",
    reason: str = "",
    officer: str = "mobility",
) -> None:
    said = DecisionRecord(verdict=Verdict(verdict), reason=Reason(reason))
    with database.writing() as session:
        decide(session, "test", officer, call_of(session, key), said, noon(day))


def staged(database: Database, noted: str, key: str, stage: str, **facts: Any) -> None:
    with database.writing() as session:
        record_stage(
            session, "test", "mobility", call_of(session, key), CallStage(stage), noon(noted), **facts
        )


def undone(database: Database, key: str, *, stage: bool = False) -> None:
    with database.writing() as session:
        take_back = withdraw_stage if stage else withdraw
        assert take_back(session, "test", "mobility", call_of(session, key), noon("2026-12-31"))


def counted(database: Database, period: Period = YEAR, whose: Organisation | None = None) -> Figures:
    with database.reading() as session:
        return count_figures(session, whose or organisation(), period)
