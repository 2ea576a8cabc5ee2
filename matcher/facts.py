"""Facts read from a call's words: the numbers, their words and place, and the stretches of text they are looked for in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from matcher.eligibility import Evidence
from matcher.excerpts import Excerpt, excerpt
from store.models import Call

Basis = Literal["call", "programme"]


@dataclass(frozen=True)
class Fact:
    """A number with the words it is read from, or with the programme's rule that it stands in.

    `highest` is the other end where the words give several numbers.
    """

    value: int
    evidence: Evidence
    basis: Basis = "call"
    highest: int | None = None


_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "one una uno un une",
            "two dos dues deux",
            "three tres trois",
            "four cuatro quatre",
            "five cinco cinc cinq",
            "six seis sis",
            "seven siete set sept",
            "eight ocho vuit huit",
            "nine nueve nou neuf",
            "ten diez deu dix",
        ),
        start=1,
    )
    for word in words.split()
}
NUMBER = rf"(?:\d{{1,2}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
LEAST = r"""(?: at\ least | (?:a\ )?minimum(?:\ of)? | no\ fewer\ than
    | al\ menos | como\ mínimo | (?:un\ )?mínimo\ de | almenys | com\ a\ mínim | (?:un\ )?mínim\ de
    | au\ moins | (?:un\ )?minimum\ de )"""
"""Patterns to be used with the flags x and i."""
PER_CENT = r"(?P<n>\d{1,3})(?:[.,]\d+)?\s?%"

_ANCHORS = (
    *("at least", "minimum", "no fewer than", "al menos", "mínimo", "almenys", "mínim d", "com a mínim"),
    *("au moins", "g rate", "t rate", "porcentaje", "tasa ", "intensi", "percentatge", "taxa ", "taux"),
    *("up to ", "hasta e", "hasta u", "fins a", "jusqu", "only one ", "one single ", "a single "),
)
"""One of these, in lower case, stands in whatever is looked for: only what stands around it is read."""
_BEFORE, _AFTER = 200, 450
"""Characters around an anchor."""


def number_of(stated: str) -> int:
    return int(stated) if stated.isdigit() else _NUMBERS[stated.lower()]


def parts_of(call: Call) -> Iterator[Excerpt]:
    """Of the conditions, then of the texts, what may hold something to read."""
    fields: list[tuple[str, Mapping[str, str]]] = [("conditions", call.conditions), ("text", call.texts)]
    for field, by_language in fields:
        for language, text in by_language.items():
            for start, end in _around_anchors(text):
                yield excerpt(field, language, text[start:end], start)


def _around_anchors(text: str) -> Iterator[tuple[int, int]]:
    """Stretches of `text` with an anchor, begun at a word; what overlaps is one stretch."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a rare letter that is longer in lower case: places would not agree
        lowered = text
    start, reach = 0, -1
    for place in sorted(place for anchor in _ANCHORS for place in _places(lowered, anchor)):
        if place - _BEFORE > reach:
            if reach >= 0:
                yield start, reach
            start = text.find(" ", place - _BEFORE) + 1 if place > _BEFORE else 0
        reach = min(len(text), place + _AFTER)
    if reach >= 0:
        yield start, reach


def _places(text: str, words: str) -> Iterator[int]:
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + len(words))


def sentence(text: str, start: int, end: int) -> str:
    """The sentence around a place, by full stops and line ends."""
    return text[max(text.rfind(". ", 0, start), text.rfind("\n", 0, start)) + 1 : sentence_end(text, end)]


def sentence_end(text: str, place: int) -> int:
    ends = (text.find(". ", place), text.find("\n", place))
    return min((end for end in ends if end >= 0), default=len(text))
