"""The page of the CEB's loans again. No real answer has been seen: markup and text are made up."""

from collections.abc import Sequence

from starlette.applications import Starlette

from crawler.parsers.ceb import PATH
from crawler.replicas import scheme
from crawler.replicas.sample import Record


def create_app(records: Sequence[Record]) -> Starlette:
    """The page as the record has it."""
    return scheme.scheme_app(PATH, records)


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies last updated so many days later."""
    return scheme.shift_dates(records, days)
