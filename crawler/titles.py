"""Titles as they are compared: which of them mean the same call. Measured: docs/identity.md."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from rapidfuzz import fuzz

SCORER = fuzz.token_sort_ratio
THRESHOLD = 85.0
"""How alike two titles are that mean one call, of 100."""
SPELLING = 85.0
"""How alike two words are that are one word spelt in two ways, of 100."""
SHORTEST_WORD = 4
"""Characters of a word that can be misspelt: `IA` and `RIA` are two types of action."""

TOPIC = re.compile(
    # `HORIZON-CL5-2027-07-D3-28`, but not the years of a programme: `POCTEFA-2021-2027`
    r"\b(?:EuropeAid/\d+(?:/[A-Z0-9]+)*|[A-Z][A-Z0-9]+(?:-[A-Za-z0-9]+){0,8}?-20\d\d(?!-20\d\d\b)(?:-[A-Za-z0-9]+){1,12})"
)
"""What names a topic, or a call of external action."""

_OPENING = re.compile(
    r"\b(?:(?:open|new|joint) )?calls?(?: (?:for )?(?:project )?(?:proposals?|projects?|applications?))?\b"
    r"|\bappels? a (?:projets|propositions|candidatures)\b"
    r"|\bconvocatori(?:a|es|as)(?: de (?:propostes|propuestas|ajuts|ayudas|subvencions|subvenciones))?\b"
)
"""What sites put before a title that the portal does not, in words without accents."""
_SMALL = frozenset(
    re.findall(
        r"\w+",
        "a al als amb an and as at au aux by con d de del dels des du e el els en et for from i in its l la las le"
        " les los n o of on para per por pour s sur the their to u un una une uns with y",
    )
)
"""Words that tell no call from another: articles, prepositions, `and`, what an apostrophe leaves."""
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)$")
_ROMAN = re.compile(r"(?=..)x{0,3}(?:ix|iv|v?i{0,3})")
_LETTER = re.compile(r"\b[a-z](?=\s*(?:[:;,.)\]|]|\s[-–—]\s|$))")
"""One that ends a part of a title is the name of a strand or a lot, whatever small word it could be elsewhere."""


@dataclass(frozen=True)
class Title:
    """The words of a title that carry its meaning, and among them the marks that part siblings: numbers, letters."""

    words: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.words)


def read_title(title: str) -> Title:
    """Without identifiers, accents, punctuation, small words and what only says that this is a call."""
    decomposed = unicodedata.normalize("NFKD", TOPIC.sub(" ", title).casefold())
    folded = "".join(c for c in decomposed if not unicodedata.combining(c))
    plain = _OPENING.sub(" ", " ".join(re.findall(r"[^\W_]+", folded)))
    words = tuple(_ORDINAL.sub("", word) for word in plain.split() if word not in _SMALL)
    return Title(words, tuple(sorted({*_LETTER.findall(folded), *filter(_is_mark, words)})))


def _is_mark(word: str) -> bool:
    return len(word) == 1 or any(c.isdigit() for c in word) or _ROMAN.fullmatch(word) is not None


def likeness(one: Title, other: Title) -> float:
    """From THRESHOLD to 100; 0 below it, where a number differs, or where a word stands in another one's place."""
    if not one.words or one.marks != other.marks:
        return 0.0
    found = float(SCORER(one.text, other.text, score_cutoff=THRESHOLD))
    return 0.0 if found and puts_other_words(one, other) else found


def puts_other_words(one: Title, other: Title) -> bool:
    """Whether each has a word that the other lacks, as siblings do: `studies` and `works`, `small` and `large`.

    A title that was cut, or that has a programme's name beside it, has such words on one side only.
    """
    lacking = [
        list((Counter(a.words) - Counter(b.words)).elements()) for a, b in ((one, other), (other, one))
    ]
    for word in tuple(lacking[0]):
        spelt = next((found for found in lacking[1] if _is_spelling(word, found)), None)
        if spelt:
            lacking[0].remove(word)
            lacking[1].remove(spelt)
    return all(lacking)


def _is_spelling(word: str, other: str) -> bool:
    return min(len(word), len(other)) >= SHORTEST_WORD and fuzz.ratio(word, other) >= SPELLING
