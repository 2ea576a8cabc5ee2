"""A row of CIDO, the search for calls of Barcelona's provincial council, as a call.

The fields and their traps are described in docs/sources/cido.md. Every function here is pure.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from crawler.text import plain_line, plain_text
from store.records import CallRecord, Kind, Status

SOURCE = "cido"
OPEN = "Termini obert"
LONGEST_LINE = 2_000

_ADDRESS = re.compile(r"^https?://\S+$")

Fields = Mapping[str, Any]


def address(row: Fields) -> str:
    """The link of a row: an object with `url`, or the text alone."""
    link = row.get("enlla")
    stated = link.get("url") if isinstance(link, dict) else link
    return stated.strip() if isinstance(stated, str) and _ADDRESS.match(stated.strip()) else ""


def source_key(row: Fields) -> str:
    """The link: no number of a call is known."""
    return address(row)


def to_record(row: Fields) -> CallRecord:
    """Raises ValueError for a row without a link or a summary."""
    if not address(row):
        raise ValueError("no link: nothing tells this call from others")
    notices: list[str] = []
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles=_parse_titles(row),
        texts=_parse_texts(row),
        programme=_line(row, "nom_ens"),
        status=_parse_status(row, notices),
        no_deadline="not stated in the data set",
        published=_parse_published(row, notices),
        page=address(row),
        notices=tuple(notices),
    )


def _line(row: Fields, name: str) -> str:
    value = row.get(name)
    return plain_line(value) if isinstance(value, str) else ""


def _parse_titles(row: Fields) -> dict[str, str]:
    """The summary: no title is known."""
    title = _line(row, "resum")[:LONGEST_LINE].strip()
    return {"ca": title} if title else {}


def _parse_texts(row: Fields) -> dict[str, str]:
    """The summary in full, where the title had to be cut."""
    if len(_line(row, "resum")) <= LONGEST_LINE:
        return {}
    return {"ca": plain_text(str(row["resum"]))}


def _parse_status(row: Fields, notices: list[str]) -> Status:
    stated = _line(row, "estat")
    if stated == OPEN:
        return Status.OPEN
    if stated:
        notices.append("status_unknown")
    return Status.UNKNOWN


def _parse_published(row: Fields, notices: list[str]) -> date | None:
    """The day of `2026-07-01T00:00:00.000` or of `01/07/2026`."""
    stated = _line(row, "data_pub")
    for pattern, part in (("%Y-%m-%d", stated[:10]), ("%d/%m/%Y", stated)):
        try:
            return datetime.strptime(part, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    if stated:
        notices.append("date_unreadable")
    return None
