"""Terms of the profile where they stand in a call, in the call's own words."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

_PLAIN = dict.fromkeys("‘’ʼ′´`", "'") | dict.fromkeys("‐‑–", "-")
"""What word processors make of an apostrophe and a hyphen."""


def fold(text: str) -> str:
    """Lower case without accents, of the same length: places in it are places in `text`.

    Every apostrophe, hyphen and space is the plain one.
    """
    return text.translate({ord(character): _base(character) for character in set(text)})


@lru_cache(maxsize=4096)
def _base(character: str) -> str:
    if character.isspace():
        return " "
    if character in _PLAIN:
        return _PLAIN[character]
    lowered = unicodedata.normalize("NFD", character)[0].lower()
    return lowered if len(lowered) == 1 else character


class TermFinder:
    """Looks for a list of terms, longer ones first; a plural `s` is the same term."""

    def __init__(self, terms: Iterable[str]) -> None:
        known = sorted({fold(term).strip() for term in terms} - {""}, key=lambda term: (-len(term), term))
        alternatives = "|".join(re.escape(term) for term in known)
        self._pattern = re.compile(rf"\b(?:{alternatives})s?\b")
        self._shortest = [
            term for term in known if not any(other in term for other in known if other != term)
        ]

    def count(self, folded: str) -> int:
        """How often the terms stand in a folded text."""
        return sum(1 for _ in self._matches(folded))

    def find(self, text: str, folded: str, most: int) -> list[str]:
        """The first `most` different terms as `text` writes them."""
        found: dict[str, str] = {}
        for match in self._matches(folded):
            found.setdefault(match.group().rstrip("s"), text[match.start() : match.end()])
            if len(found) == most:
                break
        return list(found.values())

    def _matches(self, folded: str) -> Iterator[re.Match[str]]:
        # Most texts hold none of the terms, which a search for each tells many times faster than the pattern does; a term
        # that holds another one needs no search of its own.
        if any(term in folded for term in self._shortest):
            return self._pattern.finditer(folded)
        return iter(())
