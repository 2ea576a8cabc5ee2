"""The Catalan register of grants again, on a server of its own."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from starlette.applications import Starlette

from crawler.replicas.sample import Record
from crawler.replicas.socrata import socrata_app

_WRITTEN = re.compile(r"\d\d/\d\d/\d{4}")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(T.*)?")


def create_app(records: Sequence[Record]) -> Starlette:
    """The data set with these rows. `app.state.requests` lists what it was asked."""
    return socrata_app("khxn-nv6a", records)


def shift_dates(records: Iterable[Record], days: int) -> list[Record]:
    """Copies with every date so many days later, in the format it had, and the year of the call with its dates."""
    return [_with_year({name: _shifted(value, days) for name, value in row.items()}, row) for row in records]


def _shifted(value: object, days: int) -> object:
    if not isinstance(value, str):
        return value
    if _WRITTEN.fullmatch(value):
        return f"{datetime.strptime(value, '%d/%m/%Y') + timedelta(days):%d/%m/%Y}"  # noqa: DTZ007 - a day
    if found := _ISO.fullmatch(value):
        return f"{date.fromisoformat(found[1]) + timedelta(days)}{found[2] or ''}"
    return value


def _with_year(moved: Record, row: Record) -> Record:
    """The year is searched for: it moves as far as the announcement does."""
    before, after = (str(fields.get("data_diari_oficial") or "")[:4] for fields in (row, moved))
    if before and after:
        year = int(row["any_de_la_convocat_ria"]) + int(after) - int(before)
        moved["any_de_la_convocat_ria"] = str(year)
    return moved
