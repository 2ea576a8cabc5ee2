"""A card of the Covenant of Mayors' list of calls. Fields and traps: docs/sources/covenant_of_mayors.md. Pure."""

from typing import Any
from urllib.parse import urljoin

from crawler.parsers.listing import DOTS, MONTH, SLASHES, day_of, key_of_card, line_of
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "covenant_of_mayors"
HOME = "https://eu-mayors.ec.europa.eu"
LISTING = "/en/calls"

Row = dict[str, Any]


def source_key(row: Row) -> str:
    """The body and the title: links lead to pages that several calls share."""
    return key_of_card(row, "entity")


def to_record(row: Row) -> CallRecord:
    """Raises ValueError for a card without a title."""
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": line_of(row, "title")},
        programme=line_of(row, "entity"),
        types_of_action=tuple(filter(None, (line_of(row, "type"),))),
        conditions={"en": eligibility} if (eligibility := line_of(row, "eligibility")) else {},
        applicants=tuple(filter(None, (line_of(row, "eligibility"),))),
        # What is listed is offered; a deadline that is past closes it.
        status=Status.OPEN if deadlines else Status.UNKNOWN,
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in the listing",
        page=urljoin(HOME + LISTING, line_of(row, "href")),
        notices=tuple(notices),
    )


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    stated = line_of(row, "deadline")
    if not stated:
        notices.append("age_unknown")
        return ()
    day = day_of(stated, MONTH, SLASHES, DOTS, "%Y-%m-%d")
    if day is None:
        notices.append("deadline_unreadable")
    return (DeadlineRecord(day=day, prose="" if day else stated),)
