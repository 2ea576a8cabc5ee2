"""Days within the texts of records, moved."""

import re
from datetime import timedelta

from crawler.parsers.listing import MONTH, day_of

ISO = "%Y-%m-%d"
_DAY = re.compile(
    r"\b\d{4}-\d{2}-\d{2}(?!\d)|\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December) \d{4}\b"
)


def with_days_moved(text: str, days: int) -> str:
    """`text` with every day in it so many later, each as it is written: `1 June 2026` or `2026-06-01`."""

    def move(found: re.Match[str]) -> str:
        day = day_of(found.group(), ISO, MONTH)
        if day is None:
            return found.group()
        later = day + timedelta(days)
        return later.isoformat() if "-" in found.group() else f"{later.day} {later:%B %Y}"

    return _DAY.sub(move, text)
