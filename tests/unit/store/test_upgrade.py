"""From the first tables to today's, with calls in them."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlmodel import select

from store.calls import save
from store.database import MIGRATIONS, Database
from store.models import Call
from store.records import CallRecord, Kind, Status

NOW = datetime(2026, 8, 22, tzinfo=UTC)


def first_tables(file: Path) -> None:
    """A database as the first migration leaves it, with one call."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    connection_ = sqlite3.connect(file)
    columns = [row[1:4] for row in connection_.execute("PRAGMA table_info(call)")]
    values: dict[str, object] = {
        name: "[]" if kind == "JSON" else 0 if "INT" in kind else NOW.isoformat() if "TIME" in kind else ""
        for name, kind, _ in columns
    }
    values |= {"id": 1, "source": "test", "source_key": "TEST-1", "kind": "call", "titles": '{"en": "TEST"}'}
    values |= {"opening": None, "texts": "{}", "conditions": "{}", "status": "open", "currency": "EUR"}
    values |= {"first_seen_at": "2026-08-22 00:00:00.000000", "version": 1}
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    connection_.execute(f"INSERT INTO call ({names}) VALUES ({marks})", list(values.values()))
    connection_.commit()
    connection_.close()


def test_calls_come_through_an_upgrade(tmp_path: Path) -> None:
    first_tables(tmp_path / "funding.db")
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    with database.reading() as session:
        (call,) = session.exec(select(Call)).all()
        assert (call.source_key, call.titles, call.countries) == ("TEST-1", {"en": "TEST"}, [])
    database.close()


def test_fields_that_a_call_does_not_state_change_nothing(tmp_path: Path) -> None:
    record = CallRecord(
        source="test",
        source_key="TEST-1",
        kind=Kind.CALL,
        titles={"en": "TEST"},
        status=Status.OPEN,
        no_deadline="not stated",
        page="https://example.org/",
    )
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    with database.writing() as session:
        save(session, [record], None, NOW)
    with database.writing() as session:
        (call,) = session.exec(select(Call)).all()
        call.content_hash = "as an earlier version of the program computed it"
        session.add(call)
    with database.writing() as session:
        tally = save(session, [record], None, NOW)
    assert (tally.new, tally.changed) == (0, 0)
    database.close()
