"""Digests as they are written: once a period, by the officer's cadence, with the ledger of what stands in them."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from sqlmodel import select

from notifier.periods import as_name, day_of, nth_of_day, week_of
from notifier.preparing import prepare
from store.database import Database
from store.deliveries import DeliveryState
from store.models import Delivery, DeliveryItem
from tests.unit.notifier.builders import NOW, SENDER, match, matched, officer, organisation, record, store

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def write(database: Database, now: datetime = NOW, cadence: str = "weekly", **fields: Any) -> str | None:
    """The period of what is to go out at `now`."""
    reader = officer(cadence=cadence, **fields)
    with database.writing() as session:
        delivery = prepare(session, organisation(reader), reader, now, sender=SENDER)
        return delivery.period if delivery else None


def settle(database: Database, period: str, state: DeliveryState) -> None:
    with database.writing() as session:
        session.exec(select(Delivery).where(Delivery.period == period)).one().state = state


def states(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {one.period: one.state for one in session.exec(select(Delivery))}


def told(database: Database, period: str) -> int:
    with database.reading() as session:
        statement = select(DeliveryItem).join(Delivery).where(Delivery.period == period)
        return len(session.exec(statement).all())


@pytest.mark.parametrize(
    ("instant", "week", "day"),
    [
        ("2026-03-01T22:59:59", "2026-W09", "2026-03-01"),
        ("2026-03-01T23:00:00", "2026-W10", "2026-03-02"),
        ("2026-03-28T23:00:00", "2026-W13", "2026-03-29"),  # the night of 23 hours
        ("2026-03-29T21:59:59", "2026-W13", "2026-03-29"),
        ("2026-03-29T22:00:00", "2026-W14", "2026-03-30"),
        ("2026-10-24T22:00:00", "2026-W43", "2026-10-25"),  # the night of 25 hours
        ("2026-10-25T22:59:59", "2026-W43", "2026-10-25"),
        ("2026-10-25T23:00:00", "2026-W44", "2026-10-26"),
        ("2026-12-31T23:00:00", "2026-W53", "2027-01-01"),
    ],
)
def test_weeks_and_days_are_those_of_madrid(instant: str, week: str, day: str) -> None:
    now = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert (week_of(now), day_of(now), nth_of_day(now, 2)) == (week, day, f"{day}/2")
    assert as_name(f"{day}/2") == f"{day}-2"


def test_a_digest_is_written_once_a_week(database: Database) -> None:
    matched(database, record("TEST-1"))
    assert write(database) == "2026-W10"
    store(database, record("TEST-2"))
    match(database, ("TEST-2", 1.0))
    assert write(database, NOW + 2 * DAY) == "2026-W10"
    assert told(database, "2026-W10") == 1


def test_a_daily_digest_is_written_once_a_day(database: Database) -> None:
    matched(database, record("TEST-1"))
    written = [write(database, NOW + hours * timedelta(hours=1), "daily") for hours in (0, 16, 17, 30)]
    assert written == ["2026-03-02", "2026-03-02", "2026-03-03", "2026-03-03"]


def test_mail_at_once_is_written_when_there_is_something_to_tell(database: Database) -> None:
    assert write(database, cadence="instant") == "2026-W10"
    settle(database, "2026-W10", DeliveryState.SENT)
    assert write(database, cadence="instant") is None
    matched(database, record("TEST-1"), percentile=99.0)
    assert write(database, cadence="instant") == "2026-03-02/1"
    assert write(database, cadence="instant") == "2026-03-02/1"
    settle(database, "2026-03-02/1", DeliveryState.SENT)
    assert write(database, cadence="instant") is None
    store(database, record("TEST-2"))
    match(database, ("TEST-2", 1.0), percentile=99.0)
    assert write(database, cadence="instant") == "2026-03-02/2"
    with database.reading() as session:
        ids = [one.message_id for one in session.exec(select(Delivery).order_by(Delivery.period))]
    assert ids == [f"<2026-{period}.mobility.test@example.org>" for period in ("03-02-1", "03-02-2", "W10")]


def test_the_ledger_names_call_version_and_section(database: Database) -> None:
    matched(database, record("TEST-1", "2026-03-20"))
    write(database)
    with database.reading() as session:
        item = session.exec(select(DeliveryItem)).one()
    assert (item.call_version, item.section) == (1, "closing")


@pytest.mark.parametrize("state", [DeliveryState.PREPARED, DeliveryState.FAILED])
def test_what_never_went_out_is_told_by_the_next_one(database: Database, state: DeliveryState) -> None:
    matched(database, record("TEST-1"))
    write(database)
    settle(database, "2026-W10", state)
    write(database, NOW + 3 * WEEK)
    assert states(database) == {"2026-W10": "superseded", "2026-W13": "prepared"}
    assert told(database, "2026-W13") == 1


@pytest.mark.parametrize("state", [DeliveryState.REFUSED, DeliveryState.SUPERSEDED])
def test_what_was_given_up_is_written_anew(database: Database, state: DeliveryState) -> None:
    matched(database, record("TEST-1"))
    write(database)
    settle(database, "2026-W10", state)
    write(database, NOW + DAY, email="new@example.org")
    assert states(database) == {"2026-W10": "prepared"}
    assert told(database, "2026-W10") == 1
    with database.reading() as session:
        message = session.exec(select(Delivery)).one().message
    assert message_from_bytes(message.encode())["To"] == "new@example.org"


def test_nothing_of_a_digest_is_kept_when_its_preparation_fails(database: Database) -> None:
    matched(database, record("TEST-1"))

    def interrupted() -> None:
        with database.writing() as session:
            prepare(session, organisation(), officer(), NOW, sender=SENDER)
            raise SystemExit

    with pytest.raises(SystemExit):
        interrupted()
    assert states(database) == {}
