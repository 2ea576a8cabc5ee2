"""A procurement notice of the World Bank as a call.

The fields and their traps are described in docs/sources/world_bank.md. Every function here is pure.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from crawler.text import clip, plain_line, plain_text
from store.records import CallRecord, DeadlineRecord, Kind, Status

SOURCE = "world_bank"
PAGE = "https://projects.worldbank.org/en/projects-operations/procurement-detail/"
GENERAL = "General Procurement Notice"
"""What a project will buy over the years: nothing to answer yet."""
LANGUAGES = {"English": "en", "French": "fr", "Spanish": "es", "Portuguese": "pt", "Russian": "ru"}
STATUSES = {"Published": Status.OPEN, "Cancelled": Status.CLOSED, "Canceled": Status.CLOSED}
YEARS = range(1980, 2200)
LONGEST_TITLE = 2_000

Row = Mapping[str, Any]


def is_award(row: Row) -> bool:
    """Most notices say who won."""
    return "award" in _line(row, "notice_type").lower()


def notice_day(row: Row) -> date | None:
    """`11-Sep-2026`, the day of publication; `submission_date` says the same in another form."""
    try:
        return datetime.strptime(_line(row, "noticedate"), "%d-%b-%Y").replace(tzinfo=UTC).date()
    except ValueError:
        return _parse_day(_line(row, "submission_date"))


def to_record(row: Row) -> CallRecord:
    """One notice as a CallRecord. Raises ValueError for an award or for what has no title."""
    if is_award(row):
        raise ValueError("an award is no call")
    notices: list[str] = []
    language = _parse_language(row, notices)
    title = _parse_title(row)
    deadlines = _parse_deadlines(row, notices)
    budget = _parse_budget(row, notices)
    if _line(row, "market_approach_name") == "Direct":
        notices.append("direct_selection")
    return CallRecord(
        source=SOURCE,
        source_key=_line(row, "id"),
        kind=_parse_kind(row),
        identifiers=(_line(row, "id"),),
        call_identifier=_line(row, "bid_reference_no"),
        titles={language: title},
        call_title=_line(row, "project_name"),
        texts=_parse_texts(row, language, title, notices),
        programme="World Bank",
        programme_code=_line(row, "project_id"),
        types_of_action=_present(_line(row, "notice_type"), _line(row, "procurement_group_desc")),
        status=_parse_status(row),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated",
        budget_cents=budget,
        currency=_line(row, "bid_currency_code") or "USD",
        geographical_zones=_present(_line(row, "project_ctry_name"), _line(row, "regionname")),
        published=notice_day(row),
        keywords=_parse_keywords(row),
        page=PAGE + _line(row, "id"),
        notices=tuple(notices),
    )


def _line(row: Row, name: str) -> str:
    value = row.get(name)
    return plain_line(str(value)) if isinstance(value, str | int | float) else ""


def _present(*lines: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in lines if line))


def _parse_kind(row: Row) -> Kind:
    return Kind.ADVANCE_NOTICE if _line(row, "notice_type") == GENERAL else Kind.CALL


def _parse_status(row: Row) -> Status:
    stated = STATUSES.get(_line(row, "notice_status"), Status.UNKNOWN)
    return Status.FORTHCOMING if stated is Status.OPEN and _parse_kind(row) is Kind.ADVANCE_NOTICE else stated


def _parse_language(row: Row, notices: list[str]) -> str:
    code = _line(row, "notice_lang_code").lower()
    language = code if len(code) == 2 else LANGUAGES.get(_line(row, "notice_lang_name"))  # noqa: PLR2004
    if language is None:
        notices.append("language_unknown")
    return language or "en"


def _parse_title(row: Row) -> str:
    return (_line(row, "noticetitle") or _line(row, "bid_description"))[:LONGEST_TITLE]


def _parse_texts(row: Row, language: str, title: str, notices: list[str]) -> dict[str, str]:
    scope = _line(row, "bid_description")
    stated = [scope if scope != title else "", plain_text(str(row.get("notice_text") or ""))]
    text, clipped = clip("\n\n".join(part for part in stated if part))
    if clipped:
        notices.append("text_clipped")
    return {language: text} if text else {}


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """The day and the time of day stand apart. `submission_date` is no deadline: it is the day of publication."""
    stated = _line(row, "submission_deadline_date")
    if not stated:
        return ()
    day = _parse_day(stated)
    if day is None:
        notices.append("deadline_unreadable")
        return (DeadlineRecord(day=None, zone="UTC", prose=stated),)
    notices.append("deadline_zone_not_stated")
    return (DeadlineRecord(day=day, at=_parse_time(row, notices), zone="UTC"),)


def _parse_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _parse_time(row: Row, notices: list[str]) -> time | None:
    stated = _line(row, "submission_deadline_time")
    try:
        return time.fromisoformat(stated).replace(tzinfo=None) if stated else None
    except ValueError:
        notices.append("deadline_time_unreadable")
        return None


def _parse_budget(row: Row, notices: list[str]) -> int | None:
    """The estimate in cents. 0 is unknown."""
    stated = _line(row, "bid_estimate_amount").replace(",", "")
    try:
        cents = Decimal(stated or "0") * 100
        return int(cents) or None if cents >= 0 else None
    except (InvalidOperation, ValueError, OverflowError):
        notices.append("budget_unreadable")
        return None


def _parse_keywords(row: Row) -> tuple[str, ...]:
    sectors = row.get("sector")
    names = [
        _line(sector, "sector_description")
        for sector in (sectors if isinstance(sectors, list) else [])
        if isinstance(sector, dict)
    ]
    return _present(*names, _line(row, "procurement_method_name"))
