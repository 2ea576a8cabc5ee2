"""A card of the European City Facility's list of calls. Fields and traps: docs/sources/city_facility.md. Pure."""

from typing import Any
from urllib.parse import urlsplit

from crawler.parsers.listing import DOTS, MONTH, SLASHES, day_of
from crawler.text import plain_line
from store.records import CallRecord, Kind, Status

SOURCE = "city_facility"
HOME = "https://www.eucityfacility.eu"
LISTING = "/calls"

Row = dict[str, Any]


def source_key(row: Row) -> str:
    return _path(row) or plain_line(row.get("title") or "")


def to_record(row: Row) -> CallRecord:
    """Raises ValueError for a card without title or address."""
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": plain_line(row.get("title") or "")},
        programme="European City Facility",
        status=Status.UNKNOWN,
        no_deadline="not stated in the listing",
        published=day_of(row["published"], MONTH, SLASHES, DOTS) if row.get("published") else None,
        page=_parse_page(row),
        notices=("age_unknown",),
    )


def _path(row: Row) -> str:
    return urlsplit(str(row.get("href") or "")).path


def _parse_page(row: Row) -> str:
    if not _path(row).startswith(f"{LISTING}/"):
        raise ValueError("a card without the address of a call")
    return HOME + _path(row)
