"""That no statement reads or changes rows without saying of which organisation: each one is looked at as it is executed.

A table is an organisation's if it has a column `organisation`, or a foreign key to such a table. Wherever one stands in a
SELECT, UPDATE or DELETE, at whatever depth, it must be bound there: by `organisation = :value`, by the same column of a
table that is bound, or by its foreign key. What the unit of work writes was read by such a statement before.
"""

import re
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Delete,
    Engine,
    Insert,
    Join,
    Table,
    TextClause,
    Update,
    event,
)
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, ClauseElement, Grouping
from sqlalchemy.sql.selectable import CTE, Alias, FromClause, Select, SelectBase, Subquery
from sqlmodel import SQLModel

import store.models
import store.search
import store.spans

ROOT = Path(__file__).parents[1]
BY_ITS_NUMBER = {
    ("store/jobs.py", "end_job"): "the number is that of the run which `begin_job` has just given out",
    ("notifier/digest.py", "deliver"): "the number is that of a delivery which was found by its officer",
    ("notifier/digest.py", "_note_failure"): "the same, within `deliver`",
}
"""Where a row may be fetched by its primary key alone, and why that is one of the organisation's own."""

OF_ALL = {
    (
        "store/retention.py",
        "_encoders_in_use",
    ): "vectors are common: they are kept as long as anybody ranks by them",
}
"""Where the rows of all organisations are looked at, and why that tells none of them anything of another."""


class NotIsolatedError(AssertionError):
    """A statement that could read or change another organisation's rows."""


@contextmanager
def isolated() -> Iterator[None]:
    """Raise NotIsolatedError at every statement of the program, not of a test, that is bound to no organisation."""
    event.listen(Session, "do_orm_execute", _look_at_session)
    event.listen(Engine, "before_execute", _look_at_engine)
    try:
        yield
    finally:
        event.remove(Session, "do_orm_execute", _look_at_session)
        event.remove(Engine, "before_execute", _look_at_engine)


def _look_at_session(state: ORMExecuteState) -> None:
    state.update_execution_options(looked_at=True)
    if state.is_column_load or state.is_relationship_load:
        return  # of rows that were read before
    _look_at(state.statement)


def _look_at_engine(
    connection: Connection, statement: Any, _many: Any, _values: Any, options: dict[str, Any]
) -> None:
    """Statements that come past a session. Those of the unit of work name rows by their primary keys."""
    known = options.get("looked_at") or connection.get_execution_options().get("looked_at")
    if not known and not (isinstance(statement, Update | Delete) and _is_by_primary_key(statement)):
        _look_at(statement)


def _look_at(statement: Any) -> None:
    if not isinstance(statement, ClauseElement):
        return
    faults = unbound(statement)
    if not faults:
        return
    place = _asked_by()
    if place is None or place in OF_ALL or (place in BY_ITS_NUMBER and _is_by_primary_key(statement)):
        return
    raise NotIsolatedError(f"{':'.join(place)}: {', '.join(faults)}: of which organisation? {statement}")


def _asked_by() -> tuple[str, str] | None:
    """File and function that execute the statement; None where it is a test, or a migration."""
    frame = sys._getframe(1)  # noqa: SLF001
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts and path != Path(__file__):
            name = path.relative_to(ROOT).as_posix()
            return None if name.startswith(("tests/", "store/migrations/")) else (name, frame.f_code.co_name)
        frame = frame.f_back  # type: ignore[assignment]
    return None


@cache
def owned_tables() -> dict[str, Table]:
    """The tables whose rows are an organisation's, by name."""
    assert {
        store.models.Match,
        store.search.CallToIndex,
        store.spans.MatchArea,
    }  # all modules that have tables
    tables = SQLModel.metadata.tables
    found = {name: table for name, table in tables.items() if "organisation" in table.c}
    while more := {
        name: table
        for name, table in tables.items()
        if name not in found and any(key.column.table.name in found for key in table.foreign_keys)
    }:
        found |= more
    return found


def unbound(statement: ClauseElement) -> list[str]:
    """The names of the tables in `statement` that are an organisation's and not bound to one."""
    return sorted({_name(table) for table in _Scope(statement).faults()})


class _Scope:
    """One SELECT, UPDATE or DELETE, with the tables that it names itself, and those within it.

    `around`: tables of the statement around it, which it may be correlated with.
    """

    def __init__(self, statement: ClauseElement, around: Collection[FromClause] = ()) -> None:
        self.statement = statement
        self.around = around
        self.texts: list[str] = []
        self.within: list[tuple[ClauseElement, bool]] = []
        self.tables = set(self._gather(statement))
        self.bound: set[FromClause] = set()
        conditions = list(_conditions(statement))
        while any(self._binds(condition, only) for condition, only in conditions):
            pass

    def faults(self) -> Iterator[FromClause]:
        if not isinstance(self.statement, Insert):
            loose = self.tables - self.bound - self._correlated()
            yield from (one for one in loose if _is_owned(one))
        for text in self.texts:
            words = re.findall(r"\w+", text)
            yield from (table for name, table in owned_tables().items() if name in words)
        for inner, may_correlate in self.within:
            yield from _Scope(inner, {*self.around, *self.tables} if may_correlate else ()).faults()

    def _correlated(self) -> set[FromClause]:
        """Tables of the statement around: those that stand in conditions alone, beside one that does not come from there."""
        if not isinstance(self.statement, Select) or self.tables <= set(self.around):
            return set()
        selected: list[Any] = [*self.statement._raw_columns, *self.statement._from_obj]  # noqa: SLF001
        selected += [target for target, *_ in self.statement._setup_joins]  # noqa: SLF001
        own = {table for one in selected for table in _tables_in(one)}
        return {one for one in self.tables if one in self.around and one not in own}

    def _gather(self, element: ClauseElement) -> Iterator[FromClause]:
        """The tables that the statement names itself; notes texts and statements within."""
        if isinstance(element, TextClause):
            self.texts.append(element.text)
        for child in element.get_children():
            if isinstance(child, SelectBase):
                self.within.append((child, True))
            elif isinstance(child, Subquery | CTE):
                self.within.append((child.element, False))
                yield child
            elif isinstance(child, Table | Alias | Column):
                yield from _tables_in(child)
            else:
                yield from self._gather(child)

    def _binds(self, condition: ClauseElement, only: FromClause | None) -> bool:
        """Whether `condition` binds one more table; that of an outer join binds the table that is joined, `only`."""
        if not isinstance(condition, BinaryExpression):
            return False
        found: list[FromClause] = []
        left, right = condition.left, condition.right
        if condition.operator is operators.eq:
            found = [*self._bound_by(left, right), *self._bound_by(right, left)]
        elif condition.operator is operators.in_op:
            found = [*self._bound_by_rows(left, right)]
        new = {table for table in found if table not in self.bound and only in (None, table)}
        self.bound |= new
        return bool(new)

    def _bound_by(self, column: Any, other: Any) -> Iterator[FromClause]:
        if not isinstance(column, Column) or not _is_owned(column.table):
            return
        if isinstance(other, BindParameter):
            if other.value is not None and (column.name == "organisation" or _owner(column)):
                yield column.table
        elif (named := self._of_bound(other)) is not None:
            is_same = column.name == named.name == "organisation"
            if is_same or (named.primary_key and _owner(column) == _name(named.table)):
                yield column.table

    def _of_bound(self, other: Any) -> Any:
        """The column that `other` is, if its table is bound here or in a statement around; one within is looked at itself."""
        if isinstance(getattr(other, "table", None), Subquery | CTE):
            return next((one for one in other.base_columns if _is_owned(one.table)), None)
        if isinstance(other, Column) and (other.table in self.bound or other.table in self.around):
            return other
        return None

    def _bound_by_rows(self, column: Any, other: Any) -> Iterator[FromClause]:
        """`id IN (SELECT max(id) …)` and `delivery_id IN (SELECT id …)`: that SELECT is looked at itself."""
        selects = [one for one in _flat(other) if isinstance(one, Select)]
        if not isinstance(column, Column) or len(selects) != 1:
            return
        wanted = _owner(column) or (_name(column.table) if column.primary_key else "")
        chosen = [one for one in _flat(*selects[0].selected_columns) if isinstance(one, Column)]
        if chosen and all(one.primary_key and _name(one.table) == wanted for one in chosen):
            yield column.table


def _tables_in(element: Any) -> Iterator[FromClause]:
    if isinstance(element, Column):
        yield element.table
    elif isinstance(element, Table | Alias):
        yield element
    elif not isinstance(element, SelectBase):
        for child in element.get_children():
            yield from _tables_in(child)


def _conditions(statement: ClauseElement) -> Iterator[tuple[ClauseElement, FromClause | None]]:
    """All that must hold of a row, and for that of an outer join the table that is joined by it."""
    if isinstance(statement, Select):
        for target, onclause, _, flags in statement._setup_joins:  # noqa: SLF001 - the ORM's joins are nowhere else
            only: Any = target if flags["isouter"] else None
            yield from ((one, only) for one in _parts(onclause))
        for source in statement._from_obj:  # noqa: SLF001
            yield from _joined(source)
    if isinstance(statement, Select | Update | Delete):
        yield from ((one, None) for one in _parts(statement.whereclause))


def _joined(source: Any) -> Iterator[tuple[ClauseElement, FromClause | None]]:
    if isinstance(source, Join):
        only = source.right if source.isouter else None
        yield from ((one, only) for one in _parts(source.onclause))
        yield from (*_joined(source.left), *_joined(source.right))


def _parts(condition: Any) -> Iterator[ClauseElement]:
    """What is joined by AND, one by one."""
    if isinstance(condition, Grouping):
        yield from _parts(condition.element)
    elif isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        for clause in condition.clauses:
            yield from _parts(clause)
    elif condition is not None:
        yield condition


def _flat(*elements: Any) -> Iterator[Any]:
    """The elements with all that stands in them, down to columns and statements."""
    for element in elements:
        yield element
        if not isinstance(element, Column | Select):
            yield from _flat(*element.get_children())


def _is_by_primary_key(statement: Any) -> bool:
    """Whether nothing but the primary key says which row it is."""
    if not isinstance(statement, Select | Update | Delete):
        return False
    parts = list(_parts(statement.whereclause))
    return bool(parts) and all(
        isinstance(one, BinaryExpression)
        and one.operator is operators.eq
        and isinstance(one.left, Column)
        and one.left.primary_key
        and isinstance(one.right, BindParameter)
        for one in parts
    )


def _owner(column: Any) -> str:
    """The table, an organisation's, whose row `column` names by a foreign key; empty where there is none."""
    return next(
        (key.column.table.name for key in column.foreign_keys if key.column.table.name in owned_tables()), ""
    )


def _name(table: Any) -> str:
    while isinstance(table, Alias):
        table = table.element
    return str(getattr(table, "name", ""))


def _is_owned(table: Any) -> bool:
    return _name(table) in owned_tables()
