"""A hit of grants.gov's search as a call.

The fields and their traps are described in docs/sources/grants_gov.md. Every function here is pure.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from crawler.text import plain_line
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "grants_gov"
PAGE = "https://www.grants.gov/search-results-detail/"
ZONE = "America/New_York"
STATUSES = {
    "posted": Status.OPEN,
    "forecasted": Status.FORTHCOMING,
    "closed": Status.CLOSED,
    "archived": Status.CLOSED,
}
STANDS_FOR_NONE = 2060
"""From this year on a closing date is filled in because the form wants one: 2076 is seen."""

Row = Mapping[str, Any]


def to_record(row: Row) -> CallRecord:
    """One hit as a CallRecord. Raises ValueError for one without an id or a title."""
    number = _line(row, "id")
    if not number:
        raise ValueError("an opportunity without an id is no call")
    notices: list[str] = []
    deadlines, no_deadline = _parse_deadlines(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=number,
        kind=_parse_kind(row),
        identifiers=_parse_identifiers(row),
        titles={"en": _line(row, "title")},
        programme=_line(row, "agency"),
        programme_code=_line(row, "agencyCode"),
        status=STATUSES.get(_line(row, "oppStatus").lower(), Status.UNKNOWN),
        opening=_parse_day(_line(row, "openDate")),
        deadlines=deadlines,
        no_deadline=no_deadline,
        currency="USD",
        keywords=_parse_listings(row),
        page=PAGE + number,
        notices=tuple(notices),
    )


def _line(row: Row, name: str) -> str:
    """A text without markup: titles come with entities, `&ndash;` and `&amp;`."""
    value = row.get(name)
    return plain_line(str(value)) if isinstance(value, str | int) else ""


def _parse_kind(row: Row) -> Kind:
    return Kind.ADVANCE_NOTICE if _line(row, "docType") == "forecast" else Kind.CALL


def _parse_identifiers(row: Row) -> tuple[str, ...]:
    number = _line(row, "number")
    return (number,) if number else ()


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[tuple[DeadlineRecord, ...], str]:
    """The deadlines, and why there is none. The search states no time of day."""
    stated = _line(row, "closeDate")
    if not stated:
        return (), "not stated"
    day = _parse_day(stated)
    if day is None:
        notices.append("deadline_unreadable")
        return (DeadlineRecord(day=None, zone=ZONE, prose=stated),), ""
    if day.year >= STANDS_FOR_NONE:
        return (), f"the closing date {stated} stands for none"
    return (DeadlineRecord(day=day, zone=ZONE),), ""


def _parse_day(text: str) -> date | None:
    """`09/30/2026`: the month comes first."""
    try:
        day = datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if day.year >= 1980 else None  # noqa: PLR2004


def _parse_listings(row: Row) -> tuple[str, ...]:
    """The numbers of the assistance listings."""
    listings = row.get("cfdaList")
    return tuple(dict.fromkeys(str(number) for number in listings)) if isinstance(listings, list) else ()
