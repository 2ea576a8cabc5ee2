"""A card of the European Urban Initiative's list of calls. Fields and traps: docs/sources/urban_initiative.md. Pure."""

from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.parsers.listing import SLASHES, day_of, key_of_card, line_of
from store.records import CallRecord, DeadlineRecord, Document, Kind, Status

SOURCE = "urban_initiative"
HOME = "https://portico.urban-initiative.eu"
LISTING = "/urban-panorama/call-for-proposals"
STATUSES = {"open": Status.OPEN, "upcoming": Status.FORTHCOMING, "closed": Status.CLOSED}

Row = dict[str, Any]


def source_key(row: Row) -> str:
    """Programme and title: several calls may link to the same page, and some to none."""
    return key_of_card(row, "programme")


def to_record(row: Row) -> CallRecord:
    """Raises ValueError for a card without a title."""
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": line_of(row, "title")},
        programme=line_of(row, "programme"),
        status=STATUSES.get(line_of(row, "status").lower(), Status.UNKNOWN),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in the listing",
        documents=_parse_documents(row),
        page=_parse_page(row),
        notices=tuple(notices),
    )


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    stated = line_of(row, "deadline")
    day = day_of(stated, SLASHES)
    if stated and day is None:
        notices.append("deadline_unreadable")
    return (DeadlineRecord(day=day, prose="" if day else stated),) if stated else ()


def _address(row: Row) -> str:
    return urljoin(HOME + LISTING, line_of(row, "href"))


def _is_document(row: Row) -> bool:
    return urlsplit(_address(row)).path.lower().endswith(".pdf")


def _parse_documents(row: Row) -> tuple[Document, ...]:
    if not _is_document(row):
        return ()
    return (Document(title=line_of(row, "title"), address=_address(row), kind="pdf"),)


def _parse_page(row: Row) -> str:
    """Where "Find out more" leads; the list itself when that is a document."""
    return HOME + LISTING if _is_document(row) else _address(row)
