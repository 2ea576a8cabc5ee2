"""Backups and what is brought back from them: whole, or not at all, and the former database is never lost."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlmodel import select

import store.backup
from config.settings import Settings
from store.backup import back_up, backups_in, folder_of
from store.calls import save
from store.database import Database
from store.errors import StoreError
from store.locks import BusyError, exclusive
from store.models import Call
from store.postgresql import _address as postgresql_address
from store.postgresql import maintenance
from store.records import CallRecord
from store.restoring import restore
from store.search import search
from tests.databases import ENGINES, empty
from tests.unit.store.filling import NOW

MakeRecord = Callable[..., CallRecord]

HOLDER = """
import sys
from sqlmodel import select
from store.database import Database
from store.models import Call
database = Database(sys.argv[1])
with database.reading() as session:
    session.exec(select(Call.id)).all()
print("open", flush=True)
sys.stdin.readline()
"""
WRITER = """
import sys
from datetime import UTC, datetime
from store.calls import save
from store.database import Database
from store.records import CallRecord, Kind, Status
database = Database(sys.argv[1])
for number in range(10_000):
    records = [CallRecord(source="test", source_key=f"TEST-{number}-{half}", kind=Kind.CALL, titles={"en": "Call"},
        status=Status.OPEN, no_deadline="none", page="https://example.org/") for half in "ab"]
    with database.writing() as session:
        save(session, records, None, datetime(2026, 8, 22, tzinfo=UTC))
    print(number, flush=True)
"""
KILLED = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import store.{module} as module
from config.settings import Settings
from store.database import Database

def die(*_, **__):
    os._exit(9)

module.{step} = die
settings = Settings()
now = datetime(2026, 8, 23, tzinfo=UTC)
if "{module}" == "backup":
    module.back_up(Database(settings.database), settings, now)
else:
    module.restore(settings, Path(sys.argv[1]), now)
"""


KILLS = [("sqlite", "_unpack"), ("sqlite", "_compare"), ("sqlite", "sync"), ("postgresql", "_compare")]


@pytest.fixture
def local(made_sqlite: Path, tmp_path: Path) -> Settings:
    """An installation in a folder."""
    shutil.copy(made_sqlite, tmp_path / "funding.db")
    return Settings(home=tmp_path)


@pytest.fixture(params=ENGINES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """The same, or one on a server, from which the databases that restores leave go with it."""
    if request.param == "sqlite":
        yield request.getfixturevalue("local")
        return
    made = make_url(request.getfixturevalue("made_postgresql"))
    with closing(Database(request.getfixturevalue("made_postgresql"))) as template:
        empty(template)
    name = f"funding_test_{uuid4().hex}{'x' * 10}"  # long: what stands beside it is cut to fit
    with maintenance(made) as server:
        server.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {made.database}")
    yield Settings(home=tmp_path, database_url=str(made.set(database=name)))
    with maintenance(made) as server:
        ours = text("SELECT datname FROM pg_database WHERE starts_with(datname, :name)")
        for one in server.execute(ours, {"name": name[:40]}).scalars().all():
            server.exec_driver_sql(f'DROP DATABASE "{one}" WITH (FORCE)')


def filled(here: Settings, record: MakeRecord, *keys: str) -> None:
    with closing(Database(here.database)) as database, database.writing() as session:
        save(session, [record(key) for key in keys], None, NOW)


def keys(here: Settings) -> list[str]:
    with closing(Database(here.database)) as database, database.reading() as session:
        assert len(search(session, "What it is about", 100)) == len(session.exec(select(Call.id)).all())
        return sorted(session.exec(select(Call.source_key)))


def backed_up(here: Settings, after: int = 0, keep: int | None = None) -> Path:
    with closing(Database(here.database)) as database:
        return back_up(database, here, NOW + timedelta(seconds=after), keep=keep)


def test_what_was_backed_up_comes_back_and_the_former_is_kept(here: Settings, record: MakeRecord) -> None:
    filled(here, record, "TEST-1")
    backup = backed_up(here)
    filled(here, record, "TEST-2")
    done = restore(here, backup, NOW)
    assert keys(here) == ["TEST-1"]
    assert done.manifest.rows["call"] == 1
    kept = make_url(here.database).set(database=done.kept)
    former = here.model_copy(update={"database_url": kept.render_as_string(hide_password=False)})
    assert keys(former) == ["TEST-1", "TEST-2"]
    filled(here, record, "TEST-3")
    assert keys(here) == ["TEST-1", "TEST-3"]


def test_a_backup_is_one_file_of_the_owners_alone(local: Settings, record: MakeRecord) -> None:
    filled(local, record, "TEST-1")
    backup = backed_up(local)
    assert backup == folder_of(local) / "funding-20260822T080000Z.zip"
    assert backup.stat().st_mode & 0o777 == 0o600
    assert list(backup.parent.iterdir()) == [backup]
    with ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["rows"]["call"] == 1
    assert manifest["taken_at"] == NOW.isoformat().replace("+00:00", "Z")


def test_one_is_made_while_another_process_writes(here: Settings) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, here.database], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "0\n"
        backup = backed_up(here)
        before = int(writer.stdout.readline())
        writer.kill()
    restore(here, backup, NOW)
    with closing(Database(here.database)) as database, database.reading() as session:
        found = {*session.exec(select(Call.source_key))}
    assert len(found) >= 2
    assert {key[:-1] for key in found if key.endswith("a")} == {
        key[:-1] for key in found if key.endswith("b")
    }
    assert before >= 1


def test_the_oldest_go_once_the_new_one_is_there(local: Settings, record: MakeRecord) -> None:
    filled(local, record, "TEST-1")
    made = [backed_up(local, after, keep=2) for after in (0, 1, 3, 2)]
    (folder_of(local) / "notes.zip").write_text("the operator's own")
    assert {*backups_in(folder_of(local))} == {*made[-2:]}
    early = backed_up(local, -60, keep=1)  # whose clock was set back
    assert backups_in(folder_of(local)) == [early]
    assert (folder_of(local) / "notes.zip").exists()


def test_none_goes_when_the_new_one_fails(
    local: Settings, record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(local, record, "TEST-1")
    first = backed_up(local)

    def spoil(archive: Path, content: Path, manifest: store.backup.Manifest) -> None:
        with ZipFile(archive, "w") as packed:
            packed.writestr("manifest.json", manifest.model_dump_json())
            packed.writestr(content.name, content.read_bytes()[:-1] + b"?")

    monkeypatch.setattr(store.backup, "_pack", spoil)
    with pytest.raises(StoreError, match="is damaged"):
        backed_up(local, 1, keep=1)
    assert list(folder_of(local).iterdir()) == [first]


def test_a_file_that_is_there_is_never_replaced(local: Settings, record: MakeRecord, tmp_path: Path) -> None:
    filled(local, record, "TEST-1")
    there = tmp_path / "there.zip"
    there.write_text("something else")
    with closing(Database(local.database)) as database, pytest.raises(StoreError, match="is there already"):
        back_up(database, local, NOW, there)
    assert there.read_text() == "something else"


@pytest.mark.parametrize("step", ["_pack", "sync"])
def test_a_killed_backup_leaves_none_and_the_next_one_clears_up(
    local: Settings, record: MakeRecord, step: str
) -> None:
    filled(local, record, "TEST-1")
    code = KILLED.format(module="backup", step=step)
    environment = os.environ | {"FUNDING_HOME": str(local.home)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 9
    assert backups_in(folder_of(local)) == []
    assert list(folder_of(local).iterdir()) != []
    backup = backed_up(local)
    assert list(folder_of(local).iterdir()) == [backup]


@pytest.mark.parametrize(("here", "step"), KILLS, indirect=["here"])
def test_a_killed_restore_leaves_a_whole_database(here: Settings, record: MakeRecord, step: str) -> None:
    filled(here, record, "TEST-1")
    backup = backed_up(here)
    filled(here, record, "TEST-2")
    code = KILLED.format(module="restoring", step=step)
    environment = os.environ | {"FUNDING_HOME": str(here.home), "FUNDING_DATABASE_URL": here.database}
    done = subprocess.run([sys.executable, "-c", code, str(backup)], env=environment, check=False)
    assert done.returncode == 9
    assert keys(here) == (["TEST-1"] if step == "sync" else ["TEST-1", "TEST-2"])
    restore(here, backup, NOW)
    assert keys(here) == ["TEST-1"]
    assert not list(here.home.glob(".restore-*"))


def test_a_database_in_use_is_not_replaced(here: Settings, record: MakeRecord) -> None:
    filled(here, record, "TEST-1")
    backup = backed_up(here)
    filled(here, record, "TEST-2")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, here.database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(BusyError, match="the database is in use"):
            restore(here, backup, NOW)
        holder.communicate("\n", timeout=30)
    assert keys(here) == ["TEST-1", "TEST-2"]


def test_only_one_backup_is_made_at_a_time(local: Settings, record: MakeRecord) -> None:
    filled(local, record, "TEST-1")
    with exclusive(local.home, "backup"), pytest.raises(BusyError, match="backup: another process"):
        backed_up(local)


def test_a_damaged_backup_is_refused(local: Settings, record: MakeRecord) -> None:
    filled(local, record, "TEST-1")
    backup = backed_up(local)
    whole = backup.read_bytes()
    filled(local, record, "TEST-2")
    for broken in (
        b"",
        b"no zip at all",
        whole[: len(whole) // 2],
        whole[:600] + bytes(byte ^ 255 for byte in whole[600:1100]) + whole[1100:],
    ):
        backup.write_bytes(broken)
        with pytest.raises(StoreError, match=r"no backup of this program|is damaged"):
            restore(local, backup, NOW)
    assert keys(local) == ["TEST-1", "TEST-2"]


def rewritten(backup: Path, **facts: object) -> None:
    with ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        member = next(name for name in archive.namelist() if name != "manifest.json")
        content = archive.read(member)
    with ZipFile(backup, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest | facts))
        archive.writestr(member, content)


def test_one_that_says_something_else_than_it_holds_is_refused(here: Settings, record: MakeRecord) -> None:
    filled(here, record, "TEST-1")
    backup = backed_up(here)
    filled(here, record, "TEST-2")
    for facts, told in (
        ({"rows": {"call": 7}}, "has not the rows that were backed up"),
        ({"revision": "9999"}, r"newer version of the program \(9999\)"),
        ({"sha256": "0" * 64}, "is damaged"),
    ):
        copy = Path(shutil.copy(backup, here.home / "copy.zip"))
        rewritten(copy, **facts)
        with pytest.raises(StoreError, match=told):
            restore(here, copy, NOW)
    assert keys(here) == ["TEST-1", "TEST-2"]


def test_a_backup_of_the_other_engine_is_refused(local: Settings, record: MakeRecord) -> None:
    filled(local, record, "TEST-1")
    backup = backed_up(local)
    other = Settings(home=local.home, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(StoreError, match="backup is of sqlite and the installation of postgresql"):
        restore(other, backup, NOW)


def test_a_new_machine_gets_its_database_from_a_backup(here: Settings, record: MakeRecord) -> None:
    filled(here, record, "TEST-1")
    backup = backed_up(here)
    url = make_url(here.database)
    assert url.database
    name = str(here.home / "new" / "funding.db") if "sqlite" in url.drivername else f"{url.database}_new"
    new = here.model_copy(
        update={"database_url": url.set(database=name).render_as_string(hide_password=False)}
    )
    assert restore(new, backup, NOW).kept == ""
    assert keys(new) == ["TEST-1"]


def test_a_damaged_database_makes_way_and_is_kept(local: Settings, record: MakeRecord) -> None:
    filled(local, record, "TEST-1")
    backup = backed_up(local)
    (local.home / "funding.db").write_bytes(b"torn" * 5000)
    (local.home / "funding.db-wal").write_bytes(b"and what it had not taken over")
    done = restore(local, backup, NOW)
    assert keys(local) == ["TEST-1"]
    assert Path(done.kept).read_bytes() == b"torn" * 5000
    assert Path(f"{done.kept}-wal").read_bytes() == b"and what it had not taken over"


def test_a_full_disk_leaves_everything_as_it_was(
    local: Settings, record: MakeRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(local, record, "TEST-1")
    backup = backed_up(local)
    filled(local, record, "TEST-2")

    def full(_source: object, to: object, _size: int) -> None:
        to.write(b"SQLite format 3\0")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfileobj", full)
        with pytest.raises(OSError, match="No space left"):
            restore(local, backup, NOW)
    assert keys(local) == ["TEST-1", "TEST-2"]
    assert not list(local.home.glob(".restore-*"))
    assert not list(local.home.glob("*before*"))


def test_a_damaged_database_is_not_backed_up(local: Settings, record: MakeRecord) -> None:
    filled(local, record, "TEST-1")
    with sqlite3.connect(local.home / "funding.db") as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM call")
    connection.close()
    with pytest.raises(StoreError, match="the database is damaged"):
        backed_up(local)
    assert list(folder_of(local).iterdir()) == []


def tool(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_tool_that_is_missing_or_too_old_is_told(
    made_postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Settings(home=tmp_path, database_url=made_postgresql)
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(StoreError, match="pg_dump is missing: install PostgreSQL's client programs"):
        backed_up(here)
    tool(tools, "pg_dump", "echo 'pg_dump (PostgreSQL) 9.6.24'")
    with pytest.raises(StoreError, match=r"pg_dump is of version 9 and the database of \d+: install"):
        backed_up(here)
    server = create_engine(made_postgresql)
    with server.connect() as connection:
        major = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    server.dispose()
    failing = f'[ "$1" = --version ] && echo "pg_dump (PostgreSQL) {major}.1" && exit; echo "pg_dump: error: disk full" >&2; exit 1'
    tool(tools, "pg_dump", failing)
    with pytest.raises(StoreError, match="pg_dump failed: disk full"):
        backed_up(here)
    assert list(folder_of(here).iterdir()) == []


def test_no_password_is_shown_to_others_on_the_machine() -> None:
    url = make_url("postgresql+psycopg://funding:se'cret@[::1]:5433/fun ding?sslmode=verify-full")
    said = postgresql_address(url)
    assert said == r"host='::1' port='5433' user='funding' dbname='fun ding' sslmode='verify-full'"
