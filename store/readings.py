"""What was read of calls: a cache by organisation and call."""

from collections.abc import Iterator, Mapping

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from store.models import CallReading

AT_ONCE = 500
"""Calls in one statement: SQLite takes 999 variables in its older builds."""


def kept_readings(session: Session, organisation: str) -> Iterator[tuple[int, str, bytes]]:
    """Call, key and data of all that is kept, a row at a time."""
    statement = select(CallReading.call_id, CallReading.key, CallReading.data).where(
        CallReading.organisation == organisation
    )
    yield from session.exec(statement.execution_options(yield_per=AT_ONCE))


def keep_readings(session: Session, organisation: str, found: Mapping[int, tuple[str, bytes]]) -> None:
    """Key and data by call, in the place of what was kept of these; at most `AT_ONCE` of them."""
    session.execute(
        delete(CallReading).where(
            col(CallReading.organisation) == organisation, col(CallReading.call_id).in_(found)
        )
    )
    rows = [
        {"organisation": organisation, "call_id": call, "key": key, "data": data}
        for call, (key, data) in found.items()
    ]
    session.execute(insert(CallReading), rows)
