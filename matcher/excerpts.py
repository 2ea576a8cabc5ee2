"""The parts of a call that say who may apply, and the way from words quoted there to their place in the store."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

WINDOW = 600
"""Characters of a text that are looked at from its beginning, and from each heading below which it may say so."""

_RUN_TOGETHER = re.compile(r"[A-ZÀ-Þ](?<=[a-zà-ÿ0-9;.)].)(?=[a-zà-ÿ])")
"""The capital before which a portal's export lost the space between two sentences: `legislation;Better`. It is looked for
before what stands beside it, since there are few."""

_HEADING = re.compile(
    r"""(?x)
      Scope \s* :
    | \b (?: Beneficiari(?:os|s) (?:/as)? | Bénéficiaires | Eligible\ applicants
           | Entidades\ beneficiarias | Entitats\ beneficiàries ) \s* [.:\n]
    """
)


@dataclass(frozen=True)
class Excerpt:
    """A stretch of a stored text, with the sentences parted that an export ran together.

    `language` is the key of the text where the field has one a language; applicants are lines, joined by newlines.
    `gaps` are the places of the spaces that parting put in.
    """

    field: str
    language: str
    text: str
    start: int = 0
    gaps: tuple[int, ...] = ()

    def stored(self, place: int) -> int:
        """Where in the stored text the character stands that stands at `place` here."""
        return self.start + place - bisect_left(self.gaps, place)


def excerpts_of(
    conditions: Mapping[str, str], applicants: Sequence[str], texts: Mapping[str, str]
) -> tuple[Excerpt, ...]:
    """The conditions and the applicants as they are, and of each text the parts that may speak of applicants."""
    found = [excerpt("conditions", language, text) for language, text in conditions.items()]
    if applicants:
        found.append(Excerpt("applicants", "", "\n".join(applicants)))
    for language, text in texts.items():
        found.extend(excerpt("text", language, text[start:end], start) for start, end in _windows(text))
    return tuple(found)


def excerpt(field: str, language: str, stored: str, start: int = 0) -> Excerpt:
    """The stretch `stored`, which begins at `start` of its field's text."""
    places = [match.start() for match in _RUN_TOGETHER.finditer(stored)]
    if not places:
        return Excerpt(field, language, stored, start)
    ends = [*places, len(stored)]
    text = " ".join(stored[begin:end] for begin, end in zip([0, *places], ends, strict=True))
    return Excerpt(field, language, text, start, tuple(place + n for n, place in enumerate(places)))


def parted(text: str) -> str:
    """`text` with the sentences parted that an export ran together."""
    return _RUN_TOGETHER.sub(r" \g<0>", text)


def _windows(text: str) -> Iterator[tuple[int, int]]:
    """The opening of `text` and of what stands below its telling headings; what overlaps is one window."""
    if not text:
        return
    start, end = 0, WINDOW
    for heading in _HEADING.finditer(text):
        if heading.start() > end:
            yield start, end
            start = heading.start()
        end = heading.end() + WINDOW
    yield start, min(end, len(text))
