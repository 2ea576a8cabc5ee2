"""Titles as no portal should send them, and the calls of a database as an export sees them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from hypothesis import strategies as st
from pydantic import ValidationError

from config.organisation import Organisation
from notifier.scope import Scope, all_calls
from store.database import Database
from tests.unit.notifier.builders import NOW, matched, organisation, record, store

HOSTILE = (
    "=cmd|' /C calc'!A1",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r\n=1+1",
    "'=1+1",
    "＝1+1",
    'made-up";"=1+1',
    "made-up,=1+1",
    "#N/A",
    "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:made up",
    "commas, semicolons; backslashes \\ and \\n: colons",
    "😀" * 400,
    "x" * 1_000,
    "עברית \u202eand back\u202c العربية",
    "<script>alert(1)</script> & ]]> &amp; &#0;",
    "\ufffe\uffff\x01 \x7f \x85 \u2028 made up",
)


def _is_title(text: str) -> bool:
    try:
        record("TEST-0", titles={"en": text})
    except ValidationError:
        return False
    return True


TITLES = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=1_000)).filter(_is_title)


def retitled(database: Database, titles: list[str]) -> list[str]:
    """Give the calls TEST-0, TEST-1, … other titles, and return these as the store keeps them."""
    records = [record(f"TEST-{number}", titles={"en": title}) for number, title in enumerate(titles)]
    store(database, *records)
    return [one.titles["en"] for one in records]


def three_calls(folder: Path) -> Iterator[Database]:
    """A database with TEST-0, TEST-1 and TEST-2, the best first, while a test uses it."""
    database = Database(f"sqlite:///{folder / 'funding.db'}")
    matched(database, *(record(f"TEST-{number}") for number in range(3)))
    yield database
    database.close()


@contextmanager
def everything(database: Database, now: datetime = NOW) -> Iterator[tuple[Scope, Organisation]]:
    """All calls, while the database is open."""
    whose = organisation()
    with database.reading() as session:
        yield all_calls(session, whose, now), whose
