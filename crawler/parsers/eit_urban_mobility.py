"""A call of EIT Urban Mobility, a post of its site. Fields and traps: docs/sources/eit_urban_mobility.md. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from parsel import Selector

from crawler.parsers.documents import documents_of
from crawler.parsers.listing import day_of
from crawler.parsers.written_dates import certain_day, deadlines_of, labelled_lines
from crawler.text import clip, plain_line, plain_text
from store.records import CallRecord, Document, Kind, Status

SOURCE = "eit_urban_mobility"
HOME = "https://www.eiturbanmobility.eu"
POST_TYPE = "call-for-proposals"
TAXONOMY = "status-call"
STATUSES = {"open": Status.OPEN, "upcoming": Status.FORTHCOMING, "closed": Status.CLOSED}
OPENS, CLOSES = "call opens", "call closes"

Row = Mapping[str, Any]


def to_record(row: Row) -> CallRecord:
    """A post whose terms have their names. Raises ValueError for one without title or link."""
    notices: list[str] = []
    text = _parse_text(row, notices)
    stated = labelled_lines(text, OPENS, CLOSES)
    deadlines = deadlines_of(stated[CLOSES], notices)
    return CallRecord(
        source=SOURCE,
        source_key=str(row.get("id") or ""),
        kind=Kind.CALL,
        titles={"en": plain_line(_rendered(row, "title"))},
        texts={"en": text} if text else {},
        programme="EIT Urban Mobility",
        status=_parse_status(row, notices),
        opening=_parse_opening(stated[OPENS], notices),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated in a line of its own",
        documents=_parse_documents(row),
        published=_parse_published(row),
        page=str(row.get("link") or ""),
        notices=tuple(notices),
    )


def _rendered(row: Row, name: str) -> str:
    """WordPress wraps what it has rendered: `{"rendered": "<p>…</p>"}`."""
    value = row.get(name)
    html = value.get("rendered") if isinstance(value, dict) else None
    return html if isinstance(html, str) else ""


def _parse_text(row: Row, notices: list[str]) -> str:
    """The content; the excerpt, which is cut from it, only where there is none."""
    text, clipped = clip(plain_text(_rendered(row, "content")) or plain_text(_rendered(row, "excerpt")))
    if clipped:
        notices.append("text_clipped")
    return text


def _parse_status(row: Row, notices: list[str]) -> Status:
    """By the name of its term; a post with none, another one or two that differ does not say it."""
    terms = row.get(TAXONOMY)
    names = [plain_line(str(term)).lower() for term in terms] if isinstance(terms, list) else []
    stated = {STATUSES.get(name, Status.UNKNOWN) for name in names}
    status = stated.pop() if len(stated) == 1 else Status.UNKNOWN
    if status is Status.UNKNOWN:
        notices.append("status_unknown")
    return status


def _parse_opening(lines: list[str], notices: list[str]) -> date | None:
    """The one day that its lines name; several openings are left to the text."""
    days = {certain_day(line) for line in lines}
    if days and (None in days or len(days) > 1):
        notices.append("opening_in_prose")
        return None
    return days.pop() if days else None


def _parse_documents(row: Row) -> tuple[Document, ...]:
    links = Selector(_rendered(row, "content")).css("a[href]")
    labelled = [{"href": link.attrib["href"], "label": plain_line(link.get())} for link in links]
    return documents_of(str(row.get("link") or ""), labelled)


def _parse_published(row: Row) -> date | None:
    return day_of(str(row.get("date") or "")[:10], "%Y-%m-%d")
