"""Texts and instants as every format can hold them."""

import re
from datetime import UTC, datetime

BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""What XML 1.0 (2.2) forbids or discourages, iCalendar (RFC 5545, 3.1) and spreadsheets refuse: control characters,
halves of surrogate pairs, and code points that stand for no character."""


def plain(text: str) -> str:
    """`text` without what some format cannot hold, its lines parted by a newline. Letters of any script stay."""
    return UNPRINTABLE.sub("", BREAKS.sub("\n", text))


def rfc3339(at: datetime) -> str:
    """`2026-03-02T06:00:00Z`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
