"""An installation's database copied into an empty one, of the other engine or the same: whole and verified, or not at all."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, IntegrityError, NoSuchModuleError
from sqlmodel import Session, SQLModel, col

from store.database import Database
from store.errors import StoreError
from store.models import Call
from store.search import CallToIndex, index_calls, is_modelled
from store.spans import CallSpan, MatchArea

Progress = Callable[[int, int | None], None]
"""Told how many steps are done, and of how many."""

AT_ONCE = 200
"""Rows in memory at a time: a mail or a call with its texts can have a hundred kilobytes."""
MADE_ANEW = frozenset(str(model.__tablename__) for model in (CallSpan, CallToIndex, MatchArea))
"""Tables that the target fills itself: by indexing its calls, and by the trigger on matches."""
OUR_OWN = frozenset({"alembic_version"})


@dataclass(frozen=True)
class Copied:
    """A table that arrived: `digest` is of all its rows, in whatever order and engine they stand."""

    table: str
    rows: int
    digest: str


class _Digest:
    """The sum of the SHA-256 of each row's values as JSON. A sum, since engines sort words in different ways."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            said = json.dumps(list(row.values()), default=_plain, separators=(",", ":"))
            self._sum += int.from_bytes(hashlib.sha256(said.encode("ascii")).digest())
            self.rows += 1

    def of(self, name: str) -> Copied:
        return Copied(name, self.rows, f"{self._sum % (1 << 256):064x}")


def copy_database(source: Database, url: str, progress: Progress | None = None) -> list[Copied]:
    """Copy all that `source` holds at one moment into the empty database at `url`, whose tables are made first.

    Others may go on writing the source: what they write later is not copied. All arrives in one transaction, after it
    was read back and compared: killed or failed, the target is as empty as before, and the copy can be begun again.
    Raises StoreError where the target holds anything, cannot be written, or does not take a row.
    """
    _refuse_occupied(url)
    target = Database(url)
    try:
        with source.reading() as read, target.writing() as write:
            _refuse_rows(write.connection(), target.url, SQLModel.metadata.tables)
            return _copy(read, write, progress or (lambda *_: None))
    finally:
        target.close()


def _copy(read: Session, write: Session, progress: Progress) -> list[Copied]:
    tables = [one for one in SQLModel.metadata.sorted_tables if one.name not in MADE_ANEW]
    rows = {one.name: read.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}
    calls = rows[str(Call.__tablename__)]
    total, done = 2 * sum(rows.values()) + calls, 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        progress(done, total)

    copied = [_copy_table(read, write, one, tell) for one in tables]
    _set_sequences(write, tables)
    _index(write, tell)
    _verify(write, tables, copied, tell)
    areas = SQLModel.metadata.tables[str(MatchArea.__tablename__)]
    _verify(write, [areas], [_digest(read, areas)], lambda _: None)
    indexed = write.execute(select(func.count()).select_from(table("call_text"))).scalar_one()
    if indexed != calls:
        raise StoreError(f"{indexed} of {calls} calls are in the search index; nothing was copied")
    return copied


def _copy_table(read: Session, write: Session, one: Table, tell: Callable[[int], None]) -> Copied:
    digest = _Digest()
    for rows in _batches(read, one):
        try:
            write.execute(insert(one), rows)
        except (DataError, IntegrityError) as error:
            why = str(error.orig).strip().splitlines()[0]
            raise StoreError(
                f"a row of table {one.name} does not fit there ({why}); nothing was copied"
            ) from error
        digest.add(rows)
        tell(len(rows))
    return digest.of(one.name)


def _batches(session: Session, one: Table) -> Iterator[list[dict[str, Any]]]:
    try:
        found = session.execute(select(one), execution_options={"yield_per": AT_ONCE}).mappings()
        for rows in found.partitions():
            yield [dict(row) for row in rows]
    except DatabaseError as error:
        why = str(error.orig).strip().splitlines()[0]
        raise StoreError(f"table {one.name} cannot be read ({why}); nothing was copied") from error


def _set_sequences(session: Session, tables: Sequence[Table]) -> None:
    """SQLite numbers on from the last row by itself."""
    if session.get_bind().dialect.name == "sqlite":
        return
    for one in tables:
        numbered = one.autoincrement_column
        if numbered is not None:
            last = session.execute(select(func.max(numbered))).scalar_one()
            if last is not None:
                session.execute(
                    text("SELECT setval(pg_get_serial_sequence(:name, :column), :last)"),
                    {"name": one.name, "column": numbered.name, "last": last},
                )


def _index(session: Session, tell: Callable[[int], None]) -> None:
    last = 0
    some = select(Call).order_by(col(Call.id)).limit(AT_ONCE)
    while calls := session.execute(some.where(col(Call.id) > last)).scalars().all():
        index_calls(session, calls)
        last = calls[-1].id or last
        session.expunge_all()
        tell(len(calls))


def _verify(
    session: Session, tables: Sequence[Table], expected: Sequence[Copied], tell: Callable[[int], None]
) -> None:
    for one, sent in zip(tables, expected, strict=True):
        arrived = _digest(session, one, tell)
        if arrived != sent:
            raise StoreError(
                f"table {one.name} did not arrive as it was: {arrived.rows} of {sent.rows} rows, "
                "or their content differs; nothing was copied"
            )


def _digest(session: Session, one: Table, tell: Callable[[int], None] = lambda _: None) -> Copied:
    digest = _Digest()
    for rows in _batches(session, one):
        digest.add(rows)
        tell(len(rows))
    return digest.of(one.name)


def _refuse_occupied(url: str) -> None:
    """Before any table is made in it. An address that leads nowhere is left for `Database` to explain."""
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError):
        return
    try:
        with engine.connect() as connection:
            there = [
                name for name in inspect(connection).get_table_names() if is_modelled(name, "table", None)
            ]
            foreign = set(there) - SQLModel.metadata.tables.keys() - OUR_OWN
            if foreign:
                raise StoreError(
                    f"{_shown(engine.url)}: holds a table that is not of this program (`{min(foreign)}`); "
                    "give it a database of its own"
                )
            _refuse_rows(connection, engine.url, set(there) - OUR_OWN)
    except DatabaseError:
        return
    finally:
        engine.dispose()


def _refuse_rows(connection: Connection, url: URL, names: Iterable[str]) -> None:
    for name in sorted(names):
        if connection.execute(select(literal_column("1")).select_from(table(name)).limit(1)).first():
            raise StoreError(
                f"{_shown(url)}: holds an installation already (table {name}); the target must be empty"
            )


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=True)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value))
