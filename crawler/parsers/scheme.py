"""The page of a standing scheme as a call, and what on such a page is no news. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from crawler.parsers.applications import DATE, deadlines_in_words, sentences, status_by_words
from crawler.parsers.documents import documents_of
from crawler.text import clip
from store.records import CallRecord, Document, Kind, Status

Row = dict[str, Any]
Section = tuple[str, str]
"""A heading and the text below it."""

LONGEST_LINE = 2_000
"""Characters of a line on applicants that are kept; the conditions have all of it."""

_UPDATED = re.compile(
    rf"(?i:(?:this )?(?:page )?(?:was )?(?:last )?(?:updated?|modified|reviewed|changed)(?: on)?)\s*:?\s*({DATE})?\.?"
)
_SIZE = re.compile(
    r"\s*[(\[]?(?:(?:pdf|docx?|xlsx?|zip)\b[\s,:|–-]*)?\b\d+(?:[.,]\d+)?\s*[kmg]b\b[)\]]?", re.IGNORECASE
)
_WHO = re.compile(
    r"\bwho\b.*\b(?:apply|benefit|borrow|eligible)|^eligibility\b"
    r"|\b(?:eligible|potential|final)\s+(?:applicants?|beneficiar(?:y|ies)|borrowers?|entities)\b"
    r"|^(?:applicants?|beneficiar(?:y|ies)|borrowers?)\b",
    re.IGNORECASE,
)
_CONDITIONS = re.compile(r"\b(?:eligib\w+|conditions?|criteria|requirements?)\b", re.IGNORECASE)
_RATE = re.compile(
    r"\bup to (\d{1,2}|100)\s?(?:%|per ?cent) of (?:\w+ ){0,3}(?:costs?|expenditure)\b", re.IGNORECASE
)

_ADDRESS = re.compile(r"(?:https?:)?[^\s\[\]:#][^\s\[\]:]*")
"""Of a page: no mail, no telephone, no place on this page."""


@dataclass(frozen=True)
class Scheme:
    """What a source says of its scheme because the scheme is that; all else its page states, in English."""

    source: str
    page: str
    programme: str
    types_of_action: tuple[str, ...]
    identifiers: tuple[str, ...] = ()


def to_record(scheme: Scheme, row: Row) -> CallRecord:
    """Raises ValueError for a page without a heading or without text."""
    documents = _parse_documents(scheme.page, row)
    names = {document.title for document in documents}
    sections = [(section["heading"], steady(section["text"], names)) for section in row["sections"]]
    text, clipped = clip("\n".join(line for section in sections for line in section if line))
    if not text:
        raise ValueError("a page that says nothing")
    notices = ["text_clipped"] if clipped else []
    said = [sentence for _, body in sections for sentence in sentences(body)]
    status, words = status_by_words(said, notices)
    deadlines = deadlines_in_words(said, notices)
    return CallRecord(
        source=scheme.source,
        source_key=scheme.source,
        kind=Kind.SCHEME,
        identifiers=scheme.identifiers,
        titles={"en": row["title"]},
        texts={"en": text},
        conditions=_parse_conditions(sections),
        programme=scheme.programme,
        types_of_action=scheme.types_of_action,
        status=status,
        deadlines=deadlines,
        no_deadline="" if deadlines else _parse_no_deadline(status, words),
        funding_rate=_parse_funding_rate(text),
        applicants=_parse_applicants(sections),
        documents=documents,
        page=scheme.page,
        notices=tuple(notices),
    )


def steady(text: str, names: Collection[str] = ()) -> str:
    """The lines of `text` without what is no news: when the page was last updated, sizes and bare names of files."""
    kept: list[str] = []
    label_alone = False
    for line in filter(None, (_SIZE.sub("", line).strip() for line in text.splitlines())):
        updated = _UPDATED.fullmatch(line)
        if not updated and line not in names and not (label_alone and re.fullmatch(DATE, line)):
            kept.append(line)
        # The day may stand on the line below its label.
        label_alone = updated is not None and updated[1] is None
    return "\n".join(kept)


def _parse_no_deadline(status: Status, words: str) -> str:
    """Only the page's own word makes it "at any time"; what closed the scheme is quoted."""
    if status is Status.CLOSED:
        return f"a standing scheme; its page says: “{words}”"
    return "a standing scheme, applications at any time" if words else "not stated on the page of the scheme"


def _parse_conditions(sections: list[Section]) -> dict[str, str]:
    found = [
        body for heading, body in sections if body and (_WHO.search(heading) or _CONDITIONS.search(heading))
    ]
    return {"en": clip("\n".join(found))[0]} if found else {}


def _parse_applicants(sections: list[Section]) -> tuple[str, ...]:
    """The lines below a heading that asks who may apply."""
    lines = [line for heading, body in sections if _WHO.search(heading) for line in body.splitlines()]
    return tuple(dict.fromkeys(clip(line, LONGEST_LINE)[0] for line in lines))


def _parse_funding_rate(text: str) -> int | None:
    """The share of the costs that is paid at most; unknown where the page has several."""
    rates = {int(rate) for rate in _RATE.findall(text)}
    return rates.pop() if len(rates) == 1 else None


def _parse_documents(page: str, row: Row) -> tuple[Document, ...]:
    """The files that the page links to, and the page of whom to ask: a scheme is entered by asking."""
    contacts = [
        Document(title=link["label"][:LONGEST_LINE], address=urljoin(page, link["href"]), kind="html")
        for link in row["links"]
        if re.search(r"\bcontact", link["label"], re.IGNORECASE) and _ADDRESS.fullmatch(link["href"])
    ]
    return documents_of(page, row["links"]) + tuple(dict.fromkeys(contacts))
