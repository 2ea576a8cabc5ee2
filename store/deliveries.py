"""The ledger of digests: which are to go out, which may have gone out, and what became of each."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import Delivery, DeliveryItem


class DeliveryState(StrEnum):
    """What became of a digest.

    `prepared`: written, never handed over. `sending`: claimed, and it may have gone out. `sent`: the server took it.
    `failed`: it certainly did not go out and is tried again. `refused`: it certainly did not, and never will.
    `superseded`: it certainly did not, and a later one tells the same.
    """

    PREPARED = "prepared"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


WAITING = (DeliveryState.PREPARED, DeliveryState.FAILED)
"""Those that certainly did not go out, and may."""
GIVEN_UP = (DeliveryState.REFUSED, DeliveryState.SUPERSEDED)
FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)
"""Between two tries: RFC 5321, 4.5.4.1, asks for half an hour on average, less at first."""


def find_delivery(session: Session, organisation: str, officer: str, period: str) -> Delivery | None:
    statement = _of(organisation, officer).where(Delivery.period == period)
    return session.exec(statement).one_or_none()


def in_states(
    session: Session, organisation: str, officer: str, states: Collection[DeliveryState]
) -> list[Delivery]:
    """The officer's deliveries in these states, oldest first."""
    statement = _of(organisation, officer).where(col(Delivery.state).in_(states)).order_by(col(Delivery.id))
    return list(session.exec(statement))


def count_of_day(session: Session, organisation: str, officer: str, day: str) -> int:
    """How many deliveries the officer has whose period is a part of `day`: `2026-08-22/1`."""
    statement = select(func.count(col(Delivery.id))).where(
        Delivery.organisation == organisation,
        Delivery.officer == officer,
        col(Delivery.period).startswith(f"{day}/"),
    )
    return session.exec(statement).one()


def count_items(session: Session, delivery_id: int) -> int:
    statement = select(func.count(col(DeliveryItem.id))).where(DeliveryItem.delivery_id == delivery_id)
    return session.exec(statement).one()


def discard(session: Session, delivery: Delivery) -> None:
    """Take out a delivery that never went out, with its items, so that its period can be written anew."""
    for item in session.exec(select(DeliveryItem).where(DeliveryItem.delivery_id == delivery.id)):
        session.delete(item)
    session.flush()
    session.delete(delivery)
    session.flush()


def pause_after(tries: int) -> timedelta:
    """How long to wait after so many tries: twice as long each time, up to `LONGEST_PAUSE`."""
    return min(FIRST_PAUSE * (1 << min(tries - 1, 10)), LONGEST_PAUSE)


def _of(organisation: str, officer: str) -> SelectOfScalar[Delivery]:
    return select(Delivery).where(Delivery.organisation == organisation, Delivery.officer == officer)
