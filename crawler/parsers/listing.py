"""What cards on pages for people have in common: days as they are written, labelled lines, deadlines in sentences. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from parsel import Selector

from crawler.text import plain_line, plain_text
from store.records import DeadlineRecord

SLASHES, DOTS, MONTH = "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y"
BESIDE = "nav, aside, form, footer, script, style"
"""What stands within the main part of a page and says nothing of its call."""

_DAY = r"\d{1,2}\s+(?:January|February|March|April|May|June|July|August|September|October|November|December)\s+\d{4}\b"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
# "Launched by the office on 9 May" names no deadline, "by 9 May" does.
_DUE = rf"\b(?:deadline|until|closes?|closing|before|no later than|by(?=\s+(?:{_WEEKDAY},?\s+)?\d))\b"
_DUE_ON = rf"(?:[\s:,]+(?:is|on|the|noon|midnight|{_WEEKDAY}|(?:for|of) (?:applications|proposals|submissions?)))*[\s:,]+"
_DEADLINE = re.compile(_DUE, re.IGNORECASE)
_DEADLINE_DAY = re.compile(
    rf"{_DUE}{_DUE_ON}({_DAY})(?:,? (?:at )?([01]?\d|2[0-3])[:.]([0-5]\d) \(?(?:CES?T|Brussels))?",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n")
_LINK_ONLY = re.compile(
    r"(?:(?:read|learn|find out|see|know)?\s*more|(?:click )?here|apply(?: now)?|details)?\W*", re.IGNORECASE
)


def day_of(text: str, *forms: str) -> date | None:
    """The day that `text` is, in the first `strptime` form that fits; None for anything else."""
    for form in forms:
        try:
            return datetime.strptime(" ".join(text.split()), form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def labelled(lines: str, label: str) -> str:
    """What follows `label`, on its line or the next one; empty when it is not there."""
    match = re.search(rf"(?im)^{re.escape(label)}\s*:?\s+(\S[^\n]*)", lines)
    return match[1].strip() if match else ""


def line_of(row: Mapping[str, Any], name: str) -> str:
    """A field of a card on one line; empty when the card lacks it."""
    return plain_line(row.get(name) or "")


def key_of_card(row: Mapping[str, Any], body: str) -> str:
    """`<body> | <title>`, for listings whose links several calls share; a card without a title has its link."""
    if not line_of(row, "title"):
        return line_of(row, "href")
    return " | ".join(filter(None, (line_of(row, body), line_of(row, "title")))).lower()


def deadlines_in_prose(text: str) -> tuple[DeadlineRecord, ...]:
    """The sentences that name a deadline or a day by which something is due, word for word.

    The day too where the sentence has only one, and has it right after the words for a deadline: "an information day
    before the deadline takes place on 3 May" has none. Its hour, where that follows as `17:00 CET`.
    """
    found = []
    for sentence in filter(None, map(str.strip, _SENTENCE.split(text))):
        days = re.findall(rf"\b{_DAY}", sentence)
        if _DEADLINE.search(sentence) and (days or "deadline" in sentence.lower()):
            due = _DEADLINE_DAY.search(sentence) if len(days) == 1 else None
            day = day_of(due[1], MONTH) if due else None
            at = time(int(due[2]), int(due[3])) if due and due[2] else None
            found.append(DeadlineRecord(day=day, at=at, prose=sentence))
    return tuple(found)


def page_of_call(html: str) -> dict[str, Any]:
    """The page behind a card: its `heading`, the `text` of its main part, and the `links` there (`href`, `label`).

    The heading again is no text, nor is a line that is a link alone, unless it says when. Raises ValueError for a page
    without a heading or a main part.
    """
    page = Selector(html)
    page.css(BESIDE).drop()
    heading, main = plain_line(page.css("h1").get("")), page.css("main").get("")
    if not heading or not main:
        raise ValueError("its page has no heading or no main part")
    links = [
        {"href": link.attrib["href"], "label": plain_line(link.get())} for link in page.css("main a[href]")
    ]
    lines = [line for text in plain_text(main).splitlines() if (line := text.strip())]
    passing = {heading, *(link["label"] for link in links if not _says_when(link["label"]))}
    return {
        "heading": heading,
        "text": "\n".join(line for line in lines if line not in passing),
        "links": links,
    }


def _says_when(label: str) -> bool:
    return re.search(_DAY, label) is not None or _DEADLINE.search(label) is not None


def title_of_link(row: Mapping[str, Any]) -> str:
    """The words of a card that is a link alone; the heading of its page for a picture or "Read more"."""
    words = line_of(row, "title")
    return (line_of(row, "heading") if _LINK_ONLY.fullmatch(words) else "") or words
