"""Sources that answer rows: each row counted, parsed once, and kept or set aside with a reason."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import ValidationError

from crawler.bases.portal import PortalSpider
from store.records import CallRecord, Rejected

Row = dict[str, Any]
LONGEST_RAW = 100_000
"""Characters kept of a row in quarantine: enough to see what was wrong with it."""


class RowSpider(PortalSpider):
    """A subclass says what a row's key is, whether it is a call at all, and how it becomes a record.

    `seen` counts every row once, also those that are no calls, since the portal's own total counts them too.
    `on_row` is called with each of them, its details included, and whether it is a call: for looks at the portal.
    """

    look_requests = 1
    """How many requests it takes to meet the first calls as they are read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys: set[str] = set()
        self.on_row: Callable[[Row, bool], None] | None = None

    def key_of(self, row: Row) -> str:
        raise NotImplementedError

    def to_record(self, row: Row) -> CallRecord:
        """Pure; raises ValueError for a row that is no call."""
        raise NotImplementedError

    def is_call(self, row: Row) -> bool:
        """False for rows that the source mixes in: awards, direct grants, news."""
        return bool(row)

    def items_of(self, row: Row) -> Iterator[CallRecord | Rejected]:
        """The record of a row that was not seen before in this run, or its rejection.

        Rows without a key are no duplicates of each other: each is counted and set aside.
        """
        key = self.key_of(row)
        if key and key in self.keys:
            return
        self.keys.add(key)
        self.reading.seen += 1
        if self.is_call(row):
            yield self.record_or_rejection(row, key)
        elif self.on_row is not None:
            self.on_row(row, False)

    def record_or_rejection(self, row: Row, key: str) -> CallRecord | Rejected:
        if self.on_row is not None:
            self.on_row(row, True)
        try:
            return self.to_record(row)
        except ValueError as error:
            return Rejected(
                source=self.name, source_key=key, reason=sentence(error), raw=json.dumps(row)[:LONGEST_RAW]
            )


def sentence(error: ValueError) -> str:
    """What is wrong with a row: the fields and what was expected of them."""
    if not isinstance(error, ValidationError):
        return str(error) or type(error).__name__
    problems = error.errors(include_url=False)
    return "; ".join(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in problems)
