"""ELENA, the assistance for energy projects of the EIB. Fields and traps: docs/sources/elena.md. Pure."""

from typing import Any

from crawler.parsers import scheme
from store.records import CallRecord

HOME = "https://www.eib.org"
PATH = "/en/products/advisory-services/elena/index"
SCHEME = scheme.Scheme(
    source="elena",
    page=HOME + PATH,
    programme="European Local ENergy Assistance (ELENA)",
    types_of_action=("technical assistance",),
    identifiers=("ELENA",),
)


def to_record(row: dict[str, Any]) -> CallRecord:
    """Raises ValueError for a page without a heading or without text."""
    return scheme.to_record(SCHEME, row)
