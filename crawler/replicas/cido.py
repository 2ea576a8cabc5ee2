"""CIDO again, on a server of its own."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from starlette.applications import Starlette

from crawler.replicas.sample import Record
from crawler.replicas.socrata import socrata_app


def create_app(records: Sequence[Record]) -> Starlette:
    """The data set with these rows. `app.state.requests` lists what it was asked."""
    return socrata_app("3gku-b36y", records)


def shift_dates(records: Iterable[Record], days: int) -> list[Record]:
    """Copies with the day of publication so many days later; there is no other date."""
    return [
        row | {"data_pub": _later(row["data_pub"], days)} if row.get("data_pub") else row for row in records
    ]


def _later(text: str, days: int) -> str:
    return f"{date.fromisoformat(text[:10]) + timedelta(days)}{text[10:]}"
