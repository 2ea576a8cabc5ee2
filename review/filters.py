"""What the inbox is narrowed to, as it stands in the query of its address: nothing there can be an error."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from config.organisation import Organisation
from store.stages import CallStage

NONE = "-"
"""Of stage, officer and decision: the calls that have none."""
VERDICTS = ("open", "unknown", "unlikely")
"""Of eligibility; what is not open to the organisation stands among the hidden calls."""
DECIDED = (NONE, "relevant", "not_relevant")
MOST_PAIRS = 100
LONGEST = 8_000
"""Characters of a query that are read."""
LONGEST_TEXT = 300
MOST_DAYS = 3_660
MOST_EUROS = 10**12
MOST_PAGE = 100_000
LANGUAGE = re.compile(r"[a-z]{2,3}")
NUMBER = re.compile(r"[0-9]{1,15}")
CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Sort(StrEnum):
    RELEVANCE = "relevance"
    DEADLINE = "deadline"
    BUDGET = "budget"
    NEWEST = "newest"


@dataclass(frozen=True)
class Filter:
    """Which calls are shown, in which order, and the page of them. What is empty narrows nothing.

    `q` are words that stand in the call; `days`: a deadline for newcomers within so many days; `budget`: at least so
    many euros; `officer` looks after it; `decided`: what officers together make of it.
    """

    q: str = ""
    area: str = ""
    line: str = ""
    programme: str = ""
    days: int | None = None
    budget: int | None = None
    verdict: str = ""
    source: str = ""
    language: str = ""
    stage: str = ""
    officer: str = ""
    decided: str = ""
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    @property
    def query(self) -> str:
        """The query that means this and nothing else: fields that narrow, in one order. Empty for the whole inbox."""
        stated = {
            one.name: str(value) for one in fields(self) if (value := getattr(self, one.name)) != one.default
        }
        return urlencode(stated)

    @property
    def address(self) -> str:
        return f"/?{self.query}" if self.query else "/"

    @property
    def narrows(self) -> bool:
        return replace(self, sort=Sort.RELEVANCE, page=1) != Filter()

    def at(self, page: int) -> "Filter":
        return replace(self, page=page)


@dataclass(frozen=True)
class Unfit:
    """A value that is left out. `field` is empty where the query as a whole was too long."""

    field: str
    value: str = ""


def filter_of(query: str, organisation: Organisation) -> tuple[Filter, tuple[Unfit, ...]]:
    """What `query` (`area=mobility&days=30`) asks for, and what of it does not fit.

    Of a field that stands there more than once the first value counts; unknown fields are left out in silence.
    """
    pairs = parse_qsl(query[:LONGEST])
    readers = _readers(organisation)
    known: dict[str, Any] = {}
    unfit = [Unfit("")] if len(query) > LONGEST or len(pairs) > MOST_PAIRS else []
    for name, given in islice(pairs, MOST_PAIRS):
        value = given.strip()
        if name not in readers or name in known or not value:
            continue
        try:
            known[name] = readers[name](value)
        except ValueError:
            unfit.append(Unfit(name, value))
    return Filter(**known), tuple(unfit)


def _readers(organisation: Organisation) -> Mapping[str, Callable[[str], Any]]:
    return {
        "q": _text,
        "area": _one_of(area.id for area in organisation.areas),
        "line": _one_of(line.id for line in organisation.profile.lines),
        "programme": _text,
        "days": _number(MOST_DAYS),
        "budget": _number(MOST_EUROS),
        "verdict": _one_of(VERDICTS),
        "source": _one_of(source.key for source in organisation.sources),
        "language": _language,
        "stage": _one_of([NONE, *CallStage]),
        "officer": _one_of([NONE, *(officer.id for officer in organisation.officers)]),
        "decided": _one_of(DECIDED),
        "sort": Sort,
        "page": _page,
    }


def _text(value: str) -> str:
    if len(value) > LONGEST_TEXT:
        raise ValueError
    return CONTROL.sub(" ", value).strip()


def _one_of(values: Iterable[str]) -> Callable[[str], str]:
    allowed = {str(value) for value in values}

    def read(value: str) -> str:
        if value not in allowed:
            raise ValueError
        return value

    return read


def _number(most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not NUMBER.fullmatch(value) or int(value) > most:
            raise ValueError
        return int(value)

    return read


def _page(value: str) -> int:
    return max(1, _number(MOST_PAGE)(value))


def _language(value: str) -> str:
    if not LANGUAGE.fullmatch(value):
        raise ValueError
    return value
