"""Which pages of details need not be asked for again: their row in the list is as it was, and they are not old."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from store.records import digest

KEPT = timedelta(days=3)
"""How long details are taken as they were: a change that shows on their page alone is seen that much later at most."""


@dataclass
class Details:
    """The pages of details that one source was read from before, and those that this run reads.

    `known`: by key, the hash of the row that led to the page, and when it was read (aware). `read` and `passed` are
    this run's: rows whose details became a call, and rows whose details said that they are none.
    """

    now: datetime
    known: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)

    def are_known(self, key: str, row: dict[str, Any]) -> bool:
        """Whether nothing would be learnt from the page. On a clock that was set back nothing is."""
        row_hash, read_at = self.known.get(key, ("", self.now - KEPT))
        return row_hash == digest(row) and timedelta(0) <= self.now - read_at < KEPT

    def note(self, key: str, row: dict[str, Any], *, is_call: bool) -> None:
        """The page behind `row` was read whole."""
        (self.read if is_call else self.passed)[key] = digest(row)

    def take_stored(self, keys: set[str]) -> dict[str, str]:
        """The notes that may be kept now: of calls that are stored (`keys`), and of rows that are none.

        A note that came into the store before its call would keep a killed run's call from being read again.
        """
        done = {key: row_hash for key, row_hash in self.read.items() if key in keys} | self.passed
        self.read = {key: row_hash for key, row_hash in self.read.items() if key not in done}
        self.passed = {}
        return done
