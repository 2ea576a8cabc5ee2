"""Loans of the Council of Europe Development Bank. Fields and traps: docs/sources/ceb.md. Pure."""

from typing import Any

from crawler.parsers import scheme
from store.records import CallRecord

HOME = "https://coebank.org"
PATH = "/en/project-financing/how-access-ceb-financing/"
SCHEME = scheme.Scheme(
    source="ceb",
    page=HOME + PATH,
    programme="Council of Europe Development Bank (CEB)",
    types_of_action=("loan",),
)


def to_record(row: dict[str, Any]) -> CallRecord:
    """Raises ValueError for a page without a heading or without text."""
    return scheme.to_record(SCHEME, row)
