"""A card of the EU delegations' grants listing as a call. Fields and traps: docs/sources/eeas.md. Pure."""

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.parsers.listing import DOTS, day_of
from crawler.text import plain_line
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "eeas"
HOME = "https://www.eeas.europa.eu"
DELEGATIONS = {
    "algeria": "DZ",
    "canada": "CA",
    "chile": "CL",
    "china": "CN",
    "colombia": "CO",
    "el-salvador": "SV",
    "mexico": "MX",
    "morocco": "MA",
    "mozambique": "MZ",
    "senegal": "SN",
    "south-africa": "ZA",
    "tunisia": "TN",
    "united-kingdom": "GB",
    "united-states-america": "US",
    "uruguay": "UY",
}
"""The countries of the delegations that are read, by their word in the addresses of pages."""

Row = dict[str, Any]

_NO_CALL = re.compile(r"general information|info(rmation)? (session|day)", re.IGNORECASE)
_DELEGATION = re.compile(r"^/delegations/([a-z0-9-]+)/")
_LANGUAGE = re.compile(r"_([a-z]{2})$")
_REFERENCE = re.compile(r"\bEuropeAid/\d+/[A-Z0-9/]*[A-Z0-9]", re.IGNORECASE)


def path_of(row: Row) -> str:
    """The address of a card without the site it was asked from (`?s=`): the same call in every listing."""
    return urlsplit(str(row.get("href") or "")).path


def source_key(row: Row) -> str:
    return unquote(path_of(row)) or str(row.get("title", ""))


def is_call(row: Row) -> bool:
    """False for the general page that every country lists and for meetings about a call."""
    return not _NO_CALL.match(row.get("title") or "")


def to_record(row: Row) -> CallRecord:
    """Raises ValueError for a card without title or address."""
    if not is_call(row):
        raise ValueError("general information or a meeting, no call")
    notices: list[str] = []
    deadlines = _parse_deadlines(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        identifiers=tuple(_REFERENCE.findall(row["title"])),
        titles={_parse_language(row): _parse_title(row)},
        # The listing keeps calls for years: without a date nothing tells a current one from an old one.
        status=Status.OPEN if deadlines else Status.UNKNOWN,
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in the listing",
        countries=_parse_countries(row),
        geographical_zones=_parse_zones(row),
        page=_parse_page(row),
        notices=tuple(notices),
    )


def _parse_title(row: Row) -> str:
    return plain_line(row["title"])


def _parse_language(row: Row) -> str:
    """The language of the page behind the card, by the end of its address; the listing is the English one."""
    match = _LANGUAGE.search(path_of(row))
    return match[1] if match else "en"


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """The day alone: the hour in the markup is noon UTC for every card."""
    stated, shown = row.get("datetime") or "", row.get("date") or ""
    if not stated and not shown:
        notices.append("age_unknown")
        return ()
    day, day_shown = day_of(stated[:10], "%Y-%m-%d"), day_of(shown, DOTS)
    if day and day_shown and day != day_shown:
        notices.append("deadline_contradicts_itself")
    if day or day_shown:
        return (DeadlineRecord(day=day_shown or day),)
    notices.append("deadline_unreadable")
    return (DeadlineRecord(day=None, prose=shown or stated),)


def _delegation(row: Row) -> str:
    match = _DELEGATION.match(path_of(row))
    return match[1] if match else ""


def _parse_countries(row: Row) -> tuple[str, ...]:
    country = DELEGATIONS.get(_delegation(row))
    return (country,) if country else ()


def _parse_zones(row: Row) -> tuple[str, ...]:
    delegation = _delegation(row)
    return (delegation.replace("-", " ").title(),) if delegation else ()


def _parse_page(row: Row) -> str:
    path = path_of(row)
    if not path.startswith("/"):
        raise ValueError("a card without an address")
    return HOME + path
