"""A call of URBACT: its link and the prose of its page. Fields and traps: docs/sources/urbact.md. Pure."""

import re
from typing import Any
from urllib.parse import urlsplit

from crawler.parsers.documents import documents_of
from crawler.parsers.listing import deadlines_in_prose, line_of, title_of_link
from crawler.text import clip
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "urbact"
HOME = "https://urbact.eu"
LISTING = "/get-involved"

Row = dict[str, Any]

_CALL = re.compile(r"/call-[^/]+")
_OPENS_LATER = re.compile(r"\b(?:opens|opening|will (?:be )?(?:open|launch)(?:ed)?)\b", re.IGNORECASE)


def path_of(row: Row) -> str:
    return urlsplit(line_of(row, "href")).path.rstrip("/")


def source_key(row: Row) -> str:
    return path_of(row)


def is_call(row: Row) -> bool:
    """False for what stands below a call's page."""
    return _CALL.fullmatch(path_of(row)) is not None


def to_record(row: Row) -> CallRecord:
    """A link of the list with the prose of its page. Raises ValueError for what is no call."""
    if not is_call(row):
        raise ValueError("no page of a call")
    notices: list[str] = []
    text, clipped = clip(row.get("text", "") or row["around"])
    if clipped:
        notices.append("text_clipped")
    deadlines = _parse_deadlines(text, row["around"], notices)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": title_of_link(row)},
        texts={"en": text} if text else {},
        programme="URBACT",
        status=_parse_status(text, deadlines),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in a sentence of its own",
        documents=documents_of(_parse_page(row), row.get("links", [])),
        page=_parse_page(row),
        notices=tuple(notices),
    )


def _parse_deadlines(text: str, around: str, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """The sentences of the page, and those around its link that name another day than these."""
    on_page = deadlines_in_prose(text)
    days = {deadline.day for deadline in on_page if deadline.day}
    others = tuple(deadline for deadline in deadlines_in_prose(around) if deadline.day not in days)
    found = tuple(dict.fromkeys(on_page + others))
    if days and any(deadline.day for deadline in others):
        notices.append("deadline_contradicts_itself")
    if any(deadline.day is None for deadline in found):
        notices.append("deadline_in_prose")
    if not any(deadline.day for deadline in found):
        notices.append("age_unknown")
    return found


def _parse_status(text: str, deadlines: tuple[DeadlineRecord, ...]) -> Status:
    """What invites until a day is open, and that day closes it; not where it may open later, or a deadline is words."""
    dated = all(deadline.day for deadline in deadlines)
    return Status.OPEN if deadlines and dated and not _OPENS_LATER.search(text) else Status.UNKNOWN


def _parse_page(row: Row) -> str:
    return HOME + path_of(row)
