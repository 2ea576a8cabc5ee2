"""Technical assistance of the European Energy Efficiency Fund. Fields and traps: docs/sources/eeef.md. Pure."""

from typing import Any

from crawler.parsers import scheme
from store.records import CallRecord

HOME = "https://www.eeef.lu"
PATH = "/eeef-ta-facility.html"
SCHEME = scheme.Scheme(
    source="eeef",
    page=HOME + PATH,
    programme="European Energy Efficiency Fund (eeef)",
    types_of_action=("technical assistance",),
    identifiers=("eeef TA Facility",),
)


def to_record(row: dict[str, Any]) -> CallRecord:
    """Raises ValueError for a page without a heading or without text."""
    return scheme.to_record(SCHEME, row)
