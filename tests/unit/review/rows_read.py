"""Which rows a request reads whole: to show that it reads what it needs."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlmodel import SQLModel


@contextmanager
def read(*tables: type[SQLModel]) -> Iterator[Counter[str]]:
    """How many objects of each of `tables` come out of the database meanwhile."""
    rows: Counter[str] = Counter()

    def note(found: SQLModel, _: object) -> None:
        rows[type(found).__name__] += 1

    for table in tables:
        event.listen(table, "load", note)
    try:
        yield rows
    finally:
        for table in tables:
            event.remove(table, "load", note)
