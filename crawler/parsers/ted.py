"""A notice of TED, the EU's journal of public procurement, as a call.

The fields and their traps are described in docs/sources/ted.md. Every function here is pure.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crawler.text import plain_line
from store.records import CallRecord, DeadlineRecord, Document, Kind, Status

SOURCE = "ted"
PAGE = "https://ted.europa.eu/en/notice/-/detail/"
KINDS = {
    "competition": Kind.CALL,
    "planning": Kind.ADVANCE_NOTICE,
    "consultation": Kind.ADVANCE_NOTICE,
}
"""By the form of a notice. The others tell of results and changes: no calls."""
LANGUAGES = {
    "bul": "bg", "ces": "cs", "dan": "da", "deu": "de", "ell": "el", "eng": "en", "est": "et", "fin": "fi",
    "fra": "fr", "gle": "ga", "hrv": "hr", "hun": "hu", "ita": "it", "lav": "lv", "lit": "lt", "mlt": "mt",
    "nld": "nl", "pol": "pl", "por": "pt", "ron": "ro", "slk": "sk", "slv": "sl", "spa": "es", "swe": "sv",
    "cat": "ca", "nor": "no",
}  # fmt: skip
PREFERRED = ("ENG", "SPA", "FRA")
AMOUNTS = (
    ("estimated-value-glo", "estimated-value-cur-glo"),
    ("estimated-value-proc", "estimated-value-cur-proc"),
)
YEARS = range(1980, 2200)

Row = Mapping[str, Any]


def is_call(row: Row) -> bool:
    return _first(row, "form-type") in KINDS


def to_record(row: Row) -> CallRecord:
    """One notice as a CallRecord. Raises ValueError for results and for what has no title."""
    form = _first(row, "form-type")
    if form not in KINDS:
        raise ValueError(f"a notice of the form `{form}` is no call")
    notices: list[str] = []
    number = _first(row, "publication-number")
    deadlines = _parse_deadlines(row, notices)
    budget, currency = _parse_budget(row, notices)
    return CallRecord(
        source=SOURCE,
        source_key=number,
        kind=KINDS[form],
        identifiers=(number,),
        titles=_parse_titles(row),
        programme=_parse_buyer(row),
        types_of_action=_distinct(row, "notice-type", "procedure-type", "contract-nature"),
        status=Status.OPEN if KINDS[form] is Kind.CALL else Status.FORTHCOMING,
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated",
        budget_cents=budget,
        currency=currency,
        geographical_zones=_distinct(row, "place-of-performance", "buyer-country"),
        documents=_parse_documents(row),
        published=_parse_day(_first(row, "publication-date")),
        keywords=_distinct(row, "classification-cpv"),
        page=_link(row, "html") or PAGE + number,
        notices=tuple(notices),
    )


def _values(row: Row, name: str) -> list[str]:
    """The values of a field, one a lot and so often the same: they come as lists or alone, as texts or numbers."""
    value = row.get(name)
    items = value if isinstance(value, list) else [value]
    return [line for item in items if isinstance(item, str | int | float) and (line := plain_line(str(item)))]


def _first(row: Row, name: str) -> str:
    return next(iter(_values(row, name)), "")


def _distinct(row: Row, *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for name in names for value in _values(row, name)))


def _by_language(row: Row, name: str) -> dict[str, str]:
    """Texts by language; of several in one language the first."""
    stated = row.get(name)
    texts = {
        LANGUAGES[code]: _first({"text": value}, "text")
        for code, value in (stated if isinstance(stated, dict) else {}).items()
        if code in LANGUAGES
    }
    return {language: text for language, text in texts.items() if text}


def _parse_titles(row: Row) -> dict[str, str]:
    return _by_language(row, "notice-title")


def _parse_buyer(row: Row) -> str:
    names = _by_language(row, "buyer-name")
    return names.get("en") or next(iter(names.values()), "")


def _parse_deadlines(row: Row, notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """One a lot. The offset behind a day, `2026-10-20+02:00`, is the buyer's and moves no day."""
    found = []
    for stated in _distinct(row, "deadline-receipt-tender-date-lot"):
        day = _parse_day(stated)
        found.append(DeadlineRecord(day=day, prose="" if day else stated))
    if any(deadline.day is None for deadline in found):
        notices.append("deadline_unreadable")
    if len(found) > 1:
        notices.append("deadline_differs_by_lot")
    return tuple(found)


def _parse_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _parse_budget(row: Row, notices: list[str]) -> tuple[int | None, str]:
    """The estimate and its currency; failing that the total, with a notice. 0 is unknown."""
    for amount, currency in (*AMOUNTS, ("total-value", "total-value-cur")):
        stated = _first(row, amount)
        if not stated:
            continue
        try:
            cents = int(Decimal(stated) * 100)
        except (InvalidOperation, ValueError, OverflowError):
            notices.append("budget_unreadable")
            return None, "EUR"
        if cents > 0:
            if amount == "total-value":
                notices.append("budget_is_total_value")
            return cents, _first(row, currency) or "EUR"
    return None, "EUR"


def _link(row: Row, kind: str) -> str:
    links = row.get("links")
    by_language = links.get(kind) if isinstance(links, dict) else None
    if not isinstance(by_language, dict):
        return ""
    ordered = (*PREFERRED, *by_language)
    return next((str(by_language[language]) for language in ordered if by_language.get(language)), "")


def _parse_documents(row: Row) -> tuple[Document, ...]:
    address = _link(row, "pdf")
    return (Document(title="Notice", address=address, kind="pdf"),) if address else ()
