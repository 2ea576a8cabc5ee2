"""A call of Climate-KIC: its card and the page behind it. Fields and traps: docs/sources/climate_kic.md. Pure."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from crawler.parsers.documents import documents_of
from crawler.parsers.listing import line_of
from crawler.parsers.written_dates import deadlines_of, labelled_lines
from crawler.text import clip
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "climate_kic"
HOME = "https://www.climate-kic.org"
LISTING = "/get-involved/open-calls/"
HOSTS = ("www.climate-kic.org", "climate-kic.org")
STATUSES = {"open": Status.OPEN, "upcoming": Status.FORTHCOMING, "closed": Status.CLOSED}
LABELS = ("deadline", "call closes")

Row = dict[str, Any]

_BUYS = r"tenders?|procurement|requests? for (?:proposals?|quotations?)|terms of reference"
_PROCUREMENT = re.compile(rf"\b(?:{_BUYS})\b", re.IGNORECASE)
_LABEL = re.compile(rf"(?:(?:open )?calls? for |open )?(?:{_BUYS})", re.IGNORECASE)
_FUNDING = re.compile(
    r"\bcalls? for (?:proposals|applications|projects|cities|regions|expressions? of interest)\b"
    r"|\bgrants?\b|\bfunding\b",
    re.IGNORECASE,
)


def own_path(row: Row) -> str:
    """The path of a call's page on the site itself; empty for a page elsewhere."""
    parts = urlsplit(_address(row))
    return parts.path if parts.hostname in HOSTS else ""


def source_key(row: Row) -> str:
    """The path, or the address of a page elsewhere; a card without a link has its title."""
    if not line_of(row, "href"):
        return line_of(row, "title")
    return own_path(row).rstrip("/") or _address(row)


def is_call(row: Row) -> bool:
    """False where the title or a label of the card says that something is bought; in doubt it is a call."""
    title = line_of(row, "title")
    buys = _PROCUREMENT.search(title) or any(map(_LABEL.fullmatch, row["labels"]))
    return not buys or _FUNDING.search(title) is not None


def to_record(row: Row) -> CallRecord:
    """A card, with the `text` and the `links` of its page where that was read. Raises ValueError for one without title or link."""
    if not is_call(row):
        raise ValueError("procurement, no call")
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": line_of(row, "title")},
        texts=_parse_texts(row, notices),
        programme="EIT Climate-KIC",
        status=_parse_status(row, deadlines),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in a line of its own",
        documents=documents_of(_parse_page(row), row.get("links", [])),
        page=_parse_page(row),
        notices=tuple(notices),
    )


def _address(row: Row) -> str:
    return urljoin(HOME + LISTING, line_of(row, "href")).partition("#")[0]


def _stated_deadlines(row: Row) -> list[str]:
    """What stands under the labels on the call's page; failing that, on its card."""
    for text in (row.get("text", ""), "\n".join(row["labels"])):
        if lines := [line for found in labelled_lines(text, *LABELS).values() for line in found]:
            return lines
    return []


def _parse_texts(row: Row, notices: list[str]) -> dict[str, str]:
    text, clipped = clip(row.get("text", ""))
    if clipped:
        notices.append("text_clipped")
    return {"en": text} if text else {}


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    found = deadlines_of(_stated_deadlines(row), notices)
    if not any(deadline.day for deadline in found):
        notices.append("age_unknown")
    return found


def _parse_status(row: Row, deadlines: tuple[DeadlineRecord, ...]) -> Status:
    """The card's word; what is listed with a day is offered, and a day that is past closes it."""
    stated = [STATUSES[label.lower()] for label in row["labels"] if label.lower() in STATUSES]
    if len(set(stated)) == 1:
        return stated[0]
    return Status.OPEN if any(deadline.day for deadline in deadlines) else Status.UNKNOWN


def _parse_page(row: Row) -> str:
    if not line_of(row, "href"):
        raise ValueError("a card without an address")
    return HOME + own_path(row) if own_path(row) else _address(row)
