"""What sentences on a page, in English, say of applications: taken at any time, closed for now, due by a day. Pure."""

import re
from collections.abc import Iterator, Sequence

from store.records import DeadlineRecord, Status

DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s+[A-Z][a-z]+\s+\d{4}|[A-Z][a-z]+\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2})"
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_ASKING = r"\b(?:appl(?:y|ications?)|submi\w+|proposals?|requests?)\b"
_OFFER = r"\b(?:scheme|facility|programme|call|window)\b"

_CONDITION = re.compile(
    r"(?:\b(?:until(?! further)|once|when|if|unless|as soon as|as long as|subject to)\b|^should\b)[^,;:]*",
    re.IGNORECASE,
)
"""What may happen one day: funds are used up "when", applications are taken "until"."""
_FORMER = re.compile(
    r"\b(?:first|second|third|previous|former|earlier)\s+(?:[\w-]+\s+){0,2}(?:call|round|window|period)\b.*\b(?:was|were|had)\b",
    re.IGNORECASE,
)
"""A call that is over says nothing of the scheme that goes on."""
_CLOSED = re.compile(
    rf"(?:{_ASKING}|{_OFFER}).{{0,60}}\b(?:is|are|been|was|were|remains?)\b.{{0,20}}"
    r"(?<!not )(?<!not yet )\b(?:closed|suspended|on hold|paused)\b(?!-)"
    r"|\b(?:funds?|funding|budget|resources)\b.{0,60}\b(?:(?:fully|entirely) (?:allocated|committed|used)|exhausted|used up)\b"
    r"|\bno (?:new|further|more) (?:applications|proposals|requests)\b"
    r"|\bno longer (?:accept\w*|open|possible|available|be (?:sent|made|submitted)|apply)\b"
    r"|\bnot (?:currently accept\w*|accept\w* (?:any|new|further))\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:can|may) (?:now )?(?:apply|submit)\b"
    rf"|{_ASKING}.{{0,80}}\b(?:(?:can|may) be (?:sent|made|submitted)|(?:is|are) (?:accepted|welcome|possible))\b"
    r"|\bopen (?:for|to) (?:new )?(?:applications|proposals|requests)\b"
    rf"|{_OFFER}.{{0,60}}\b(?:is|remains?)(?: \w+)? open\b",
    re.IGNORECASE,
)
_ANY_TIME = re.compile(
    r"\bat any time\b|\ball year\b|\bcontinuously\b|\brolling basis\b|\b(?:no|without a|without any) deadline\b",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:deadline|cut-off|closing date|no later than|until|by|before)\b.*" + DATE, re.IGNORECASE
)


def sentences(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, _SENTENCE.split(text)))


def status_by_words(said: Sequence[str], notices: list[str]) -> tuple[Status, str]:
    """Whether anybody may apply today, and the sentence that says so; a page that says both is not believed.

    Open and no sentence means that applications are possible, but not that they are at any time.
    """
    closed = next(filter(_is_closed, said), "")
    is_open = any(map(_is_open, said))
    if closed and is_open:
        notices.append("status_contradicts_itself")
    elif closed:
        return Status.CLOSED, closed
    elif is_open:
        return Status.OPEN, next(filter(_is_at_any_time, said), "")
    else:
        notices.append("status_unknown")
    return Status.UNKNOWN, ""


def _is_closed(sentence: str) -> bool:
    return not _FORMER.search(sentence) and _CLOSED.search(_CONDITION.sub("", sentence)) is not None


def _is_open(sentence: str) -> bool:
    """A question, "Who can apply?", is no answer."""
    if sentence.endswith("?") or _FORMER.search(sentence):
        return False
    return _OPEN.search(sentence) is not None or _is_at_any_time(sentence)


def _is_at_any_time(sentence: str) -> bool:
    said = re.search(_ASKING, sentence, re.IGNORECASE) and _ANY_TIME.search(sentence)
    return bool(said) and not re.search(r"\b(?:not|cannot)\b", sentence, re.IGNORECASE)


def deadlines_in_words(said: Sequence[str], notices: list[str]) -> tuple[DeadlineRecord, ...]:
    """The sentences that set a day for applications, word for word. No day is taken: none of them ends a scheme."""
    found = tuple(DeadlineRecord(day=None, prose=sentence) for sentence in said if _is_due(sentence))
    if found:
        notices.append("deadline_in_prose")
    return found


def _is_due(sentence: str) -> bool:
    about = re.search(rf"{_ASKING}|\bdeadline\b|\bcut-off\b|\bclosing date\b", sentence, re.IGNORECASE)
    return bool(about and _DUE.search(sentence)) and not _FORMER.search(sentence)
