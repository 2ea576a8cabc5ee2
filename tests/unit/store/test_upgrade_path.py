"""Databases that an earlier version of the program wrote, brought up to this one on both engines, with all that is in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    create_engine,
    insert,
    inspect,
    select,
)
from sqlmodel import SQLModel, col
from sqlmodel.sql.sqltypes import AutoString

from store.calls import save
from store.copying import MADE_ANEW
from store.database import MIGRATIONS, Database
from store.models import Call
from store.records import CallRecord, Kind, Status
from store.search import is_modelled, search
from tests.unit.store.filling import NOW, TEXT, made_up

CONFIG = Config()
CONFIG.set_main_option("script_location", str(MIGRATIONS))
REVISIONS = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
ON_SERVER = ("0001", "0006", "0011")
"""Each step is taken on both engines by a start from the first; the other starts are tried on SQLite alone, to be quick."""
CALLS = 3
AREAS = [{"id": "water", "score": 1.0}, {"id": "air", "score": 0.3}]
SHAPES: dict[str, Any] = {
    "titles": {"en": f"Title {TEXT}", "ca": "Títol"},
    "texts": {"en": TEXT},
    "conditions": {},
    "identifiers": ["TEST"],
    "types_of_action": ["Test action"],
    "areas": AREAS,
    "status": "open",
    "zone": "Europe/Brussels",
    "currency": "EUR",
}
"""What the program writes in columns whose values it reads again while it upgrades; lists of words are told by `LISTS`."""
LISTS = frozenset(
    {"keywords", "geographical_zones", "countries", "regions", "applicants", "documents", "notices"}
)
"""Columns of `call`."""


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def tables_at(connection: Connection) -> list[Table]:
    """As they stand in the database, each after those that it refers to."""
    found = MetaData()
    found.reflect(
        connection, only=lambda name, _: is_modelled(name, "table", None) and name != "alembic_version"
    )
    # Types as the program knows them: a column of JSON, or a time with its zone, is not told from others by SQLite.
    for table in found.sorted_tables:
        ours = SQLModel.metadata.tables[table.name]
        for column in table.columns:
            column.type = ours.columns[column.name].type
    return found.sorted_tables


def row(table: Table, number: int) -> dict[str, Any]:
    """A row whose keys are all its own, and which refers to the rows of the same number."""
    ours = SQLModel.metadata.tables[table.name]
    facts = {name: value for name, value in made_up(ours).items() if name in table.columns}
    facts |= {name: value for name, value in SHAPES.items() if name in facts}
    if table.name == "call":
        facts |= {name: ["TEST"] for name in LISTS & facts.keys()}
    for key in ours.constraints:
        if isinstance(key, UniqueConstraint | PrimaryKeyConstraint):
            words = [
                one.name for one in key.columns if isinstance(one.type, AutoString) and one.name in facts
            ]
            facts |= dict.fromkeys(words[-1:], f"TEST-{number}")
    refers = {key.parent.name for key in table.foreign_keys}
    return facts | dict.fromkeys(refers | {"id"} & set(table.columns.keys()), number)


def fill(url: str, revision: str) -> dict[str, list[dict[str, Any]]]:
    """Make the tables of `revision`, and rows in all of them as that version wrote them; these rows by table."""
    with connected(url) as connection:
        CONFIG.attributes["connection"] = connection
        command.upgrade(CONFIG, revision)
    filled = {}
    with connected(url) as connection:
        for table in tables_at(connection):
            if table.name not in MADE_ANEW:
                filled[table.name] = [row(table, number) for number in range(1, CALLS + 1)]
                connection.execute(insert(table), filled[table.name])
                if connection.dialect.name == "postgresql" and "id" in table.columns:
                    connection.exec_driver_sql(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {CALLS})"
                    )
            elif table.name == "call_to_index":
                connection.execute(insert(table), [{"call_id": number} for number in range(1, CALLS + 1)])
    return filled


@pytest.mark.parametrize(
    ("url", "revision"),
    [*(("sqlite", one) for one in REVISIONS), *(("postgresql", one) for one in ON_SERVER)],
    indirect=["url"],
)
def test_what_an_earlier_version_stored_is_there_after_the_upgrade(url: str, revision: str) -> None:
    filled = fill(url, revision)
    database = Database(url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_modelled}
        )
        assert compare_metadata(context, SQLModel.metadata) == []
        assert context.get_current_revision() == REVISIONS[-1]
        assert set(inspect(connection).get_table_names()) >= SQLModel.metadata.tables.keys()
    with database.reading() as session:
        for name, rows in filled.items():
            table = SQLModel.metadata.tables[name]
            columns = [table.columns[column] for column in rows[0]]
            found = [dict(one) for one in session.execute(select(*columns)).mappings()]
            assert sorted(found, key=repr) == sorted(rows, key=repr)
        areas = SQLModel.metadata.tables["match_area"]
        assert {*session.execute(select(areas.c.match_id, areas.c.area))} == {
            (match, area["id"]) for match in range(1, CALLS + 1) for area in AREAS
        }
        assert sorted(search(session, "l'accés", 10)) == [1, 2, 3]
    goes_on(database)
    database.close()


def goes_on(database: Database) -> None:
    """What is stored next gets a number of its own, and is found."""
    record = CallRecord(
        source="test",
        source_key="TEST-NEW",
        kind=Kind.CALL,
        titles={"en": "Newcomer"},
        status=Status.OPEN,
        no_deadline="none",
        page="https://example.org/",
    )
    with database.writing() as session:
        assert save(session, [record], None, NOW).new == 1
    with database.reading() as session:
        assert search(session, "newcomer", 10) == [CALLS + 1]
        assert len(session.execute(select(col(Call.id))).all()) == CALLS + 1
