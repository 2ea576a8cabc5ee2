"""A hit of the calls' index of interreg.eu as a call.

The fields and their traps are described in docs/sources/interreg_eu.md. Every function here is pure.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urljoin

from crawler.text import plain_line
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "interreg_eu"
SITE = "https://interreg.eu/"
CONTENT_TYPE = "callForProjectsPage"
STATUSES = {"Open": Status.OPEN, "Forthcoming": Status.FORTHCOMING, "Closed": Status.CLOSED}
ISO_OF_NUTS = {"EL": "GR", "UK": "GB"}
"""Countries that NUTS calls otherwise than ISO 3166 does."""
YEARS = range(1980, 2200)

_ADDRESS = re.compile(r"^https?://\S+$")
_COUNTRY = re.compile(r"^[A-Z]{2}$")
_REGION = re.compile(r"^[A-Z]{2}[0-9A-Z]{0,3}$")

Row = Mapping[str, Any]


def to_record(row: Row) -> CallRecord:
    """One hit as a CallRecord. Raises ValueError for what is no call."""
    if row.get("contentType") != CONTENT_TYPE:
        raise ValueError(f"`{row.get('contentType')}` is no call")
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=_text(row, "objectID"),
        kind=Kind.CALL,
        titles={"en": plain_line(_text(row, "title")) or plain_line(_text(row, "nodeName"))},
        programme=", ".join(_lines(row, "associatedProgrammes")),
        status=STATUSES.get(_text(row, "callStatus"), Status.UNKNOWN),
        opening=_parse_day(_text(row, "callOpenDate")),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated",
        countries=_parse_countries(row, notices),
        regions=_parse_regions(row, notices),
        applicants=_lines(row, "targetAudience"),
        published=_parse_day(_text(row, "createdDate")),
        keywords=tuple(dict.fromkeys(_lines(row, "callThemes") + _lines(row, "themes"))),
        page=_parse_page(row),
        notices=tuple(notices),
    )


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return str(value).strip() if isinstance(value, str | int) else ""


def _lines(row: Row, name: str) -> tuple[str, ...]:
    """A list of texts, or the one text that stands in its place."""
    value = row.get(name)
    items = value if isinstance(value, list) else [value]
    return tuple(
        dict.fromkeys(line for item in items if isinstance(item, str) and (line := plain_line(item)))
    )


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """Midnight stands for no time of day. Another time is Brussels' own, though it is marked as UTC."""
    stated = _text(row, "callDeadlineDate")
    if not stated:
        return ()
    moment = _parse_moment(stated)
    if moment is None:
        notices.append("deadline_unreadable")
        return (DeadlineRecord(day=None, prose=stated),)
    at = moment.time().replace(second=0, microsecond=0, tzinfo=None)
    if at == time.min:
        return (DeadlineRecord(day=moment.date()),)
    notices.append("deadline_zone_doubtful")
    return (DeadlineRecord(day=moment.date(), at=at),)


def _parse_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment.year in YEARS else None


def _parse_day(text: str) -> date | None:
    moment = _parse_moment(text)
    return moment.date() if moment else None


def _parse_countries(row: Row, notices: list[str]) -> tuple[str, ...]:
    codes = _lines(row, "callEligibleCountryNuts")
    if not all(map(_COUNTRY.match, codes)):
        notices.append("country_code_unknown")
    return tuple(dict.fromkeys(ISO_OF_NUTS.get(code, code) for code in codes if _COUNTRY.match(code)))


def _parse_regions(row: Row, notices: list[str]) -> tuple[str, ...]:
    codes = _lines(row, "callEligibleRegionNuts")
    if not all(map(_REGION.match, codes)):
        notices.append("region_code_unknown")
    return tuple(code for code in codes if _REGION.match(code))


def _parse_page(row: Row) -> str:
    own = _text(row, "callExternalUrl")
    return own if _ADDRESS.match(own) else urljoin(SITE, _text(row, "contentUrl"))
