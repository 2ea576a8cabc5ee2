"""A news item of the Energy Poverty Advisory Hub that announces a call. Fields and traps: docs/sources/epah.md. Pure."""

import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from crawler.parsers.listing import deadlines_in_prose
from crawler.text import clip, plain_line, plain_text
from store.records import CallRecord, Kind, Status

SOURCE = "epah"
HOME = "https://energy-poverty.ec.europa.eu"

Row = dict[str, Any]

_CALL = re.compile(
    r"\bcalls?\s+(for|to)\s+(?!action|attention|change|more|better)|\bopen\s+calls?\b|\bcalls?\s+(is|are|now)\b"
    r"|\b(new|first|second|third|fourth|fifth|sixth|last|technical\s+assistance|mentoring|twinning)\s+calls?\b"
    r"|\bexpressions?\s+of\s+interest\b|\bapplications?\b.*\bopen|\bapply\b",
    re.IGNORECASE,
)
_NO_CALL = re.compile(
    r"\bnewsletter\b|\bresults?\b|\bselected\b|\bwinners?\b|\bawarded\b|\bclosed\b|\blessons\b", re.IGNORECASE
)
_OPEN = re.compile(r"\bopen(ed)?\b(?!\s+(from|on|in)\b)|\bapply\b|\blaunch(es|ed)?\b", re.IGNORECASE)


def source_key(row: Row) -> str:
    return _path(row) or str(row.get("title") or "")


def is_call(row: Row) -> bool:
    """Whether the title announces a call; one without a title is not passed over, since nobody can say."""
    title = row.get("title") or ""
    if not title:
        return True
    if _NO_CALL.search(title) or "newsletter" in (row.get("category") or "").lower():
        return False
    return _CALL.search(title) is not None


def to_record(row: Row) -> CallRecord:
    """Raises ValueError for an item that announces no call."""
    if not is_call(row):
        raise ValueError("news, no call")
    text, _ = clip(plain_text(row.get("description") or ""))
    deadlines = deadlines_in_prose(text)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": _parse_title(row)},
        texts={"en": text} if text else {},
        status=_parse_status(row, text),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in the listing",
        published=_parse_published(row),
        page=_parse_page(row),
        notices=() if any(deadline.day for deadline in deadlines) else ("age_unknown",),
    )


def _path(row: Row) -> str:
    return urlsplit(str(row.get("href") or "")).path


def _parse_title(row: Row) -> str:
    return plain_line(row.get("title") or "")


def _parse_status(row: Row, text: str) -> Status:
    """Open by the item's own words on the day it was published; "opens in" and "open from" may lie ahead."""
    return Status.OPEN if _OPEN.search(f"{row['title']} {text}") else Status.UNKNOWN


def _parse_published(row: Row) -> date | None:
    try:
        return date.fromisoformat((row.get("datetime") or "")[:10])
    except ValueError:
        return None


def _parse_page(row: Row) -> str:
    if not _path(row).startswith("/"):
        raise ValueError("an item without an address")
    return HOME + _path(row)
