"""Opening, upgrading and sharing a database, and what a user is told when it cannot be used."""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel, select

import store.database
from store.calls import save
from store.database import MIGRATIONS, Database
from store.errors import StoreError
from store.models import Call
from store.records import CallRecord
from store.search import is_modelled

MakeRecord = Callable[..., CallRecord]

WRITER = """
import sys
from datetime import UTC, date, datetime
from store.calls import save
from store.database import Database
from store.records import CallRecord, DeadlineRecord, Kind, Status

url, name = sys.argv[1:]
database = Database(url)
print("ready", flush=True)
sys.stdin.readline()
for batch in range(20):
    records = [
        CallRecord(source="test", source_key=key, kind=Kind.CALL, titles={"en": key}, status=Status.OPEN,
                   deadlines=(DeadlineRecord(day=date(2027, 1, 1)),), page="https://example.org/")
        for key in (f"TEST-{name}-{batch}", f"TEST-both-{batch}")
    ]
    with database.writing() as session:
        save(session, records, None, datetime(2026, 8, 22, tzinfo=UTC))
"""
KILLED = """
import os, sys
from datetime import UTC, date, datetime
from store.calls import save
from store.database import Database
from store.records import CallRecord, DeadlineRecord, Kind, Status

database = Database(sys.argv[1])
with database.writing() as session:
    save(session, [CallRecord(source="test", source_key="TEST-lost", kind=Kind.CALL, titles={"en": "Lost"},
        status=Status.OPEN, no_deadline="none", page="https://example.org/")], None, datetime(2026, 8, 22, tzinfo=UTC))
    os._exit(9)
"""


def keys(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.exec(select(Call.source_key)))


def test_tables_are_made_at_first_use_and_are_those_of_the_models(url: str) -> None:
    database = Database(url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_modelled}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
    database.close()


def test_folder_is_made_at_first_use(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'new' / 'folder' / 'funding.db'}").close()
    assert (tmp_path / "new" / "folder" / "funding.db").exists()


def test_opened_twice_both_see_what_the_other_wrote(url: str, record: MakeRecord, now: datetime) -> None:
    one, other = Database(url), Database(url)
    for database, key in ((one, "TEST-1"), (other, "TEST-2")):
        with database.writing() as session:
            save(session, [record(key)], None, now)
    assert keys(one) == keys(other) == ["TEST-1", "TEST-2"]
    one.close()
    other.close()


def test_older_schema_is_upgraded(url: str, record: MakeRecord, now: datetime) -> None:
    older = Database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with older.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(older.engine).get_table_names()) == {"alembic_version"}
    older.close()
    database = Database(url)
    with database.writing() as session:
        save(session, [record()], None, now)
    assert keys(database) == ["TEST-1"]
    database.close()


def test_newer_schema_is_refused_and_left_alone(url: str) -> None:
    Database(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer version of the program \(9999\); upgrade the program"):
        Database(url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
    engine.dispose()


def test_pragmas(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    with database.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    database.close()
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000, "synchronous": 1}


def test_two_processes_that_write_at_once_both_arrive(url: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert (writer.returncode, errors) == (0, "")
    database = Database(url)
    expected = [f"TEST-{name}-{batch}" for name in ("one", "other", "both") for batch in range(20)]
    assert keys(database) == sorted(expected)
    database.close()


def test_nothing_is_left_of_a_transaction_whose_process_was_killed(url: str) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, url], check=False, timeout=60).returncode == 9
    database = Database(url)
    assert keys(database) == []
    database.close()


def test_a_reader_sees_one_state_while_another_writes(
    database: Database, record: MakeRecord, now: datetime
) -> None:
    with database.reading() as reader:
        assert reader.exec(select(Call.source_key)).all() == []
        with database.writing() as session:
            save(session, [record()], None, now)
        assert reader.exec(select(Call.source_key)).all() == []
    assert keys(database) == ["TEST-1"]


def test_reading_writes_nothing(database: Database, record: MakeRecord, now: datetime) -> None:
    with database.reading() as session:
        save(session, [record()], None, now)
    assert keys(database) == []


def test_locked_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store.database, "BUSY_TIMEOUT", 1)
    one, other = (Database(f"sqlite:///{tmp_path / 'funding.db'}") for _ in range(2))
    with one.writing() as holder:
        holder.exec(select(Call)).all()
        with pytest.raises(StoreError, match="another program holds it"), other.writing() as session:
            session.exec(select(Call)).all()
    one.close()
    other.close()


def test_a_file_that_is_no_database_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "funding.db"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match="the file is no SQLite database"):
        Database(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear diary")


def test_a_path_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be created"):
        Database(f"sqlite:///{tmp_path / 'file' / 'funding.db'}")
    with pytest.raises(StoreError, match="it cannot be opened"):
        Database(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("funding.db", "no database URL"),
        ("postgres://127.0.0.1/funding", "`postgres` is unknown; known here: sqlite, postgresql"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/funding", "the server does not answer"),
    ],
)
def test_addresses_that_lead_nowhere_are_told_without_the_password(url: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        Database(url)
    assert "secret" not in str(caught.value)


def test_naive_times_are_refused(database: Database, record: MakeRecord) -> None:
    naive = datetime(2026, 8, 22)  # noqa: DTZ001 - it is what is refused
    with (
        pytest.raises(StatementError, match="must have timezone"),
        database.writing() as session,
    ):
        save(session, [record()], None, naive)
