"""A database with rows in every table: calls and matches as the program writes them, made-up values in the others."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Float, Integer, LargeBinary, Table, Time, insert
from sqlmodel import SQLModel, select

from store.calls import save
from store.copying import MADE_ANEW
from store.database import Database
from store.models import Call, Match
from store.records import CallRecord

NOW = datetime(2026, 8, 22, 8, 0, 0, 123456, tzinfo=UTC)
VALUES: dict[type[Any], Any] = {
    Boolean: True,
    Date: date(2026, 2, 28),
    Time: time(17, 0, 0, 1),
    DateTime: NOW,
    Float: 0.1,
    LargeBinary: bytes(range(256)),
    JSON: {"z": [1, 2.5, None, True], "a": "l·l ç 😀", "": {"1e3": 1e300}},
}
TEXT = "TEST: l'accés a 25 €, «ç» 😀\n\ttab \\ ' \" %s :x"


def fill(database: Database, record: Callable[..., CallRecord], calls: int = 3) -> None:
    """Every table of the models gets rows, those that a later migration adds too."""
    with database.writing() as session:
        save(session, [record(f"TEST-{number}", texts={"en": TEXT}) for number in range(calls)], None, NOW)
    with database.writing() as session:
        ids = session.execute(select(Call.id)).scalars().all()
        areas = [{"id": "water", "score": 1.0}, {"id": "air", "score": 0.3}]
        for call in ids[:2]:
            session.execute(insert(Match), [made_up(Match.__table__) | {"call_id": call, "areas": areas}])  # type: ignore[attr-defined]
        for table in SQLModel.metadata.sorted_tables:
            known = {*MADE_ANEW, "call", "match", "deadline", "call_version"}
            if table.name not in known:
                session.execute(insert(table), [made_up(table)])


def made_up(table: Table) -> dict[str, Any]:
    return {
        column.name: _value(column) for column in table.columns if column is not table.autoincrement_column
    }


def _value(column: Column[Any]) -> Any:
    if isinstance(column.type, Integer):
        return 1
    kind = getattr(column.type, "impl_instance", column.type)
    return next((value for type_, value in VALUES.items() if isinstance(kind, type_)), TEXT)
