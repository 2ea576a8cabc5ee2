"""A card of the Covenant of Mayors' list of calls. Fields and traps: docs/sources/covenant_of_mayors.md. Pure."""

from typing import Any
from urllib.parse import urljoin

from crawler.parsers.listing import DOTS, MONTH, SLASHES, day_of
from crawler.text import plain_line
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "covenant_of_mayors"
HOME = "https://eu-mayors.ec.europa.eu"
LISTING = "/en/calls"

Row = dict[str, Any]


def source_key(row: Row) -> str:
    """The body and the title: links lead to pages that several calls share."""
    if not _line(row, "title"):
        return _line(row, "href")
    return " | ".join(filter(None, (_line(row, "entity"), _line(row, "title")))).lower()


def to_record(row: Row) -> CallRecord:
    """Raises ValueError for a card without a title."""
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": _line(row, "title")},
        programme=_line(row, "entity"),
        types_of_action=tuple(filter(None, (_line(row, "type"),))),
        conditions={"en": eligibility} if (eligibility := _line(row, "eligibility")) else {},
        applicants=tuple(filter(None, (_line(row, "eligibility"),))),
        # What is listed is offered; a deadline that is past closes it.
        status=Status.OPEN if deadlines else Status.UNKNOWN,
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in the listing",
        page=urljoin(HOME + LISTING, _line(row, "href")),
        notices=tuple(notices),
    )


def _line(row: Row, name: str) -> str:
    return plain_line(row.get(name) or "")


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    stated = _line(row, "deadline")
    if not stated:
        notices.append("age_unknown")
        return ()
    day = day_of(stated, MONTH, SLASHES, DOTS, "%Y-%m-%d")
    if day is None:
        notices.append("deadline_unreadable")
    return (DeadlineRecord(day=day, prose="" if day else stated),)
