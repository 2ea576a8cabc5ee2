"""A call of the Driving Urban Transitions partnership: its page. Fields and traps: docs/sources/dut.md. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from crawler.parsers.documents import documents_of
from crawler.parsers.listing import deadlines_in_prose, labelled, line_of, title_of_link
from crawler.parsers.status import status_by_dates
from crawler.parsers.written_dates import certain_day, deadlines_of
from crawler.text import clip
from store.records import CallRecord, DeadlineModel, DeadlineRecord, Kind, Status

SOURCE = "dut"
HOME = "https://dutpartnership.eu"
LISTING = "/dut-calls"
STATUSES = {
    "open": Status.OPEN,
    "upcoming": Status.FORTHCOMING,
    "forthcoming": Status.FORTHCOMING,
    "closed": Status.CLOSED,
}
BY_NAME = {"first": 1, "second": 2}

Row = dict[str, Any]

_CALL = re.compile(r"/calls/[^/]+")
_OPENS, _CLOSES = r"(?:opens|opening)", r"(?:closes|closing|deadline)"
_IN_BRACKETS = r"(?: ?\([^()\n]*\))?"
_STAGE = re.compile(
    rf"^(?P<label>(?:(?:{_OPENS}|{_CLOSES})(?: date)?(?: of| for)?(?: the)? )?"
    rf"(?:stage (?P<number>[12])|(?P<name>first|second) stage)\b{_IN_BRACKETS}"
    rf"(?: (?:{_OPENS}|{_CLOSES})(?: date| on)?(?: for (?:pre-?|short |full )?proposals)?)?){_IN_BRACKETS}"
    rf" ?(?::|\n|(?=\d))\s*(?!(?:{_OPENS}|{_CLOSES}|stage|first|second)\b)(?:from )?(?P<said>\S[^\n]*)",
    re.IGNORECASE | re.MULTILINE,
)
_TO = re.compile(r"\s*[–—]\s*|\s+(?:-|to|until|till)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Stage:
    """What one line says of a stage; `words` is a line that may name a deadline or something else."""

    number: int
    opening: date | None = None
    deadline: DeadlineRecord | None = None
    words: str = ""


def path_of(row: Row) -> str:
    return urlsplit(line_of(row, "href")).path.rstrip("/")


def source_key(row: Row) -> str:
    return path_of(row)


def is_call(row: Row) -> bool:
    """False for what stands below a call's page, such as questions and answers."""
    return _CALL.fullmatch(path_of(row)) is not None


def to_record(row: Row, today: date | None = None) -> CallRecord:
    """A link of the list with what its page says, as it is on `today`. Raises ValueError for what is no call."""
    if not is_call(row):
        raise ValueError("no page of a call")
    notices: list[str] = []
    text, clipped = clip(row.get("text", ""))
    if clipped:
        notices.append("text_clipped")
    stages = list(_stages(text, notices))
    deadlines = _parse_deadlines(text, stages, notices)
    opening = _parse_opening(stages, notices)
    countries = labelled(text, "Participating countries")
    return CallRecord(
        source=SOURCE,
        source_key=source_key(row),
        kind=Kind.CALL,
        titles={"en": title_of_link(row)},
        texts={"en": text} if text else {},
        conditions={"en": countries} if countries else {},
        programme="Driving Urban Transitions",
        status=_parse_status(text, opening, deadlines, today, notices),
        opening=opening,
        deadline_model=_parse_deadline_model(stages),
        deadlines=deadlines,
        no_deadline="" if deadlines else "not stated on its page",
        documents=documents_of(_parse_page(row), row.get("links", [])),
        page=_parse_page(row),
        notices=tuple(dict.fromkeys(notices)),
    )


def _stages(text: str, notices: list[str]) -> Iterator[Stage]:
    """What each labelled line says. A single day under a bare "Stage 1" may be its opening or its deadline: words."""
    for line in _STAGE.finditer(text):
        number = int(line["number"] or BY_NAME[line["name"].lower()])
        opening, deadline, words = None, None, ""
        if re.search(_OPENS, line["label"], re.IGNORECASE):
            opening = certain_day(line["said"])
            if opening is None and number == 1:
                notices.append("opening_in_prose")
        elif re.search(_CLOSES, line["label"], re.IGNORECASE):
            (deadline,) = deadlines_of([line["said"]], notices)
        elif window := _window(line["said"], notices):
            opening, deadline = window
        else:
            words = " ".join(line[0].split())
        yield Stage(number, opening, deadline and deadline.model_copy(update={"stage": number}), words)


def _window(said: str, notices: list[str]) -> tuple[date, DeadlineRecord] | None:
    """The two days of a line that says nothing else, the year of the first perhaps left out; None unless they go forward."""
    first, *rest = _TO.split(said)
    if len(rest) != 1:
        return None
    doubts: list[str] = []
    (deadline,) = deadlines_of(rest, doubts)
    if deadline.day is None:
        return None
    opening = certain_day(first) or certain_day(f"{first} {deadline.day.year}")
    if opening is None or opening >= deadline.day:
        return None
    notices += doubts
    return opening, deadline


def _parse_deadlines(text: str, stages: list[Stage], notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """One a stage, in words where no line has more. Where no line is labelled as the first stage, sentences on deadlines
    are kept as they are: of which stage their days are, nobody can say.
    """
    found = [stage.deadline for stage in stages if stage.deadline]
    days = {(deadline.stage, deadline.day) for deadline in found if deadline.day}
    if len(days) > len({stage for stage, _ in days}):
        notices.append("deadline_contradicts_itself")
    known = {deadline.stage for deadline in found}
    words = [
        DeadlineRecord(day=None, stage=stage.number, prose=stage.words)
        for stage in stages
        if stage.words and stage.number not in known
    ]
    if not any(deadline.stage == 1 for deadline in found + words):
        sentences = deadlines_in_prose(_STAGE.sub("", text))
        words += [DeadlineRecord(day=None, prose=sentence.prose) for sentence in sentences]
    if words:
        notices.append("deadline_in_prose")
    if not days:
        notices.append("age_unknown")
    return tuple(found + words)


def _parse_opening(stages: list[Stage], notices: list[str]) -> date | None:
    """Of the first stage, and before its deadline; anything else is a mistake of the page or of its reading."""
    first = [stage for stage in stages if stage.number == 1]
    openings = {stage.opening for stage in first if stage.opening}
    deadlines = [stage.deadline.day for stage in first if stage.deadline and stage.deadline.day]
    if not openings:
        return None
    opening = openings.pop()
    if openings or any(opening >= day for day in deadlines):
        notices.append("date_unreadable")
        return None
    return opening


def _parse_deadline_model(stages: list[Stage]) -> DeadlineModel:
    two = any(stage.number == 2 for stage in stages)  # noqa: PLR2004  the second stage
    return DeadlineModel.TWO_STAGE if two else DeadlineModel.UNKNOWN


def _parse_status(
    text: str,
    opening: date | None,
    deadlines: tuple[DeadlineRecord, ...],
    today: date | None,
    notices: list[str],
) -> Status:
    """By the dates, and by the page's own word where they do not tell: deadlines ahead may be those of a call that has
    not opened yet.
    """
    stated = STATUSES.get(labelled(text, "Status").lower(), Status.UNKNOWN)
    found = status_by_dates(opening, deadlines, today)
    if found is Status.UNKNOWN or (found is Status.OPEN and opening is None):
        return stated
    if stated is Status.OPEN and found is not Status.OPEN:
        notices.append("open_flag_contradicts_dates")
    return found


def _parse_page(row: Row) -> str:
    return HOME + path_of(row)
