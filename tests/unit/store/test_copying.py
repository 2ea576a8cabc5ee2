"""A database copied to the other engine and back: all of it, as it was at one moment, or nothing."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, insert, inspect, select, text, update
from sqlmodel import SQLModel, col

import store.copying
from store.calls import save
from store.copying import copy_database
from store.database import Database
from store.errors import StoreError
from store.models import AuditEvent, Call, Match, SavedFilter
from store.records import CallRecord
from store.search import search
from tests.databases import drop_tables
from tests.unit.store.filling import NOW, fill, made_up

MakeRecord = Callable[..., CallRecord]

KILLED = """
import os, sys
from store.copying import copy_database
from store.database import Database

def progress(done, total):
    if done >= int(sys.argv[3]):
        os._exit(9)

copy_database(Database(sys.argv[1]), sys.argv[2], progress)
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, record: MakeRecord) -> Path:
    file = tmp_path_factory.mktemp("filled") / "source.db"
    database = Database(f"sqlite:///{file}")
    fill(database, record)
    database.close()
    return file


@pytest.fixture
def source(filled: Path, tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{shutil.copy(filled, tmp_path)}")
    yield database
    database.close()


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    with database.reading() as session:
        return {
            one.name: sorted((tuple(row) for row in session.execute(select(one))), key=repr)
            for one in SQLModel.metadata.sorted_tables
        }


def is_empty(url: str) -> bool:
    engine = create_engine(url)
    names = [name for name in inspect(engine).get_table_names() if name in SQLModel.metadata.tables]
    with engine.connect() as connection:
        found = any(connection.execute(select(SQLModel.metadata.tables[name])).first() for name in names)
    engine.dispose()
    return not found


def test_every_row_arrives_and_can_be_gone_on_with(source: Database, url: str, record: MakeRecord) -> None:
    steps: list[tuple[int, int | None]] = []
    copied = copy_database(source, url, lambda *told: steps.append(told))
    target = Database(url)
    assert contents(target) == contents(source)
    assert {one.table: one.rows for one in copied}["call"] == 3
    assert all(one.rows for one in copied)
    assert steps[-1][0] == steps[-1][1]
    with target.writing() as session:
        tally = save(session, [record("TEST-NEW")], None, NOW)
        session.execute(insert(AuditEvent), [made_up(AuditEvent.__table__)])  # type: ignore[attr-defined]
    assert tally.new == 1
    with target.reading() as session:
        assert len(search(session, "accés 25", 10)) == 3
        assert len(search(session, "NEW", 10)) == 1
    target.close()


def test_there_and_back_again(source: Database, url: str, tmp_path: Path) -> None:
    there = copy_database(source, url)
    middle = Database(url)
    back = copy_database(middle, f"sqlite:///{tmp_path / 'back.db'}")
    assert back == there
    again = Database(f"sqlite:///{tmp_path / 'back.db'}")
    assert contents(again) == contents(source)
    for database in (middle, again):
        database.close()


def test_what_others_write_meanwhile_is_not_copied(source: Database, url: str, record: MakeRecord) -> None:
    before = contents(source)
    other = Database(str(source.url))
    written = False

    def write(_done: int, _total: int | None) -> None:
        nonlocal written
        if not written:
            with other.writing() as session:
                save(session, [record("TEST-LATER"), record("TEST-0", budget_cents=7)], None, NOW)
            written = True

    copy_database(source, url, write)
    target = Database(url)
    assert written
    assert contents(target) == before != contents(source)
    for database in (target, other):
        database.close()


@pytest.mark.parametrize("steps", [1, 45])
def test_killed_half_way_it_is_begun_again(source: Database, url: str, steps: int) -> None:
    line = [sys.executable, "-c", KILLED, str(source.url), url, str(steps)]
    assert subprocess.run(line, check=False, timeout=60).returncode == 9
    assert is_empty(url)
    copy_database(source, url)
    target = Database(url)
    assert contents(target) == contents(source)
    target.close()


def test_a_target_that_holds_anything_is_refused(source: Database, url: str, record: MakeRecord) -> None:
    target = Database(url)
    with target.writing() as session:
        save(session, [record("TEST-THERE")], None, NOW)
    before = contents(target)
    with pytest.raises(StoreError, match="holds an installation already"):
        copy_database(source, url)
    with pytest.raises(StoreError, match="holds an installation already"):
        copy_database(source, str(source.url))
    assert contents(target) == before
    target.close()


def test_a_database_of_something_else_is_refused_and_left_alone(source: Database, url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE diary (entry TEXT)"))
    with pytest.raises(StoreError, match="not of this program"):
        copy_database(source, url)
    assert inspect(engine).get_table_names() == ["diary"]
    engine.dispose()


def test_a_row_that_changed_on_the_way_is_noticed(
    source: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def index(session: Any, _tell: object) -> None:
        session.execute(update(SavedFilter).values(query=col(SavedFilter.query) + " "))

    monkeypatch.setattr(store.copying, "_index", index)
    with pytest.raises(StoreError, match="table saved_filter did not arrive as it was"):
        copy_database(source, url)
    assert is_empty(url)


def test_a_row_that_does_not_fit_is_told(source: Database, postgresql: str) -> None:
    with source.writing() as session:
        session.execute(update(Call).values(expected_grants=1 << 40))
    drop_tables(postgresql)
    with pytest.raises(StoreError, match=r"a row of table call does not fit there .*; nothing was copied"):
        copy_database(source, postgresql)
    assert is_empty(postgresql)


@pytest.mark.parametrize(
    "to", ["nonsense", "mysql://127.0.0.1/x", "postgresql+psycopg://u:secret@127.0.0.1:1/x"]
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(source: Database, to: str) -> None:
    with pytest.raises(StoreError) as caught:
        copy_database(source, to)
    assert "secret" not in str(caught.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


ROWS = st.lists(st.tuples(st.dictionaries(WORDS, JSON, max_size=4), WORDS), min_size=20, max_size=60)


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_whatever_a_row_holds_arrives(source: Database, postgresql: str, rows: Any) -> None:
    event = made_up(AuditEvent.__table__)  # type: ignore[attr-defined]
    with source.writing() as session:
        session.execute(delete(AuditEvent))
        session.execute(
            insert(AuditEvent), [event | {"facts": facts, "action": said} for facts, said in rows]
        )
    drop_tables(postgresql)
    copy_database(source, postgresql)
    target = Database(postgresql)
    with target.reading() as session:
        arrived = session.execute(
            select(col(AuditEvent.facts), col(AuditEvent.action)).order_by(col(AuditEvent.id))
        )
        assert arrived.all() == rows
    target.close()


def test_the_digest_is_of_the_rows_in_whatever_order(source: Database) -> None:
    with source.reading() as session:
        one, two = session.execute(select(Match.__table__).limit(2)).mappings().all()  # type: ignore[attr-defined]
    digests = []
    for rows in ([one, two], [two, one], [one], [one, one]):
        digest = store.copying._Digest()  # noqa: SLF001
        digest.add(dict(row) for row in rows)
        digests.append(digest.of("match").digest)
    assert digests[0] == digests[1]
    assert len({*digests}) == 3
    assert {len(one) for one in digests} == {2 * hashlib.sha256().digest_size}
