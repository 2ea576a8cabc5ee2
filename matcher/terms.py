"""Terms of the profile where they stand in a call, in the call's own words."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

_PLAIN = dict.fromkeys("‘’ʼ′´`", "'") | dict.fromkeys("‐‑–", "-")
"""What word processors make of an apostrophe and a hyphen."""
_WORD = re.compile(r"\w+")


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


class Searched:
    """A text ready to be searched for terms, of whatever many finders."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.words = frozenset(_WORD.findall(self.folded))


class TermFinder:
    """Looks for a list of terms, longer ones first; a plural `s` is the same term."""

    def __init__(self, terms: Iterable[str]) -> None:
        known = sorted({fold(term).strip() for term in terms} - {""}, key=lambda term: (-len(term), term))
        alternatives = "|".join(re.escape(term) for term in known)
        self._pattern = re.compile(rf"\b(?:{alternatives})s?\b")
        self._by_first_word: dict[str, list[str]] = {}
        for term in known:
            for word in _first_words(term):
                self._by_first_word.setdefault(word, []).append(term)

    def count(self, searched: Searched) -> int:
        """How often the terms stand in a text."""
        return sum(1 for _ in self._matches(searched))

    def find(self, searched: Searched, most: int) -> list[str]:
        """The first `most` different terms as the text writes them."""
        found: dict[str, str] = {}
        for match in self._matches(searched):
            found.setdefault(match.group().rstrip("s"), searched.text[match.start() : match.end()])
            if len(found) == most:
                break
        return list(found.values())

    def _matches(self, searched: Searched) -> Iterator[re.Match[str]]:
        # Most texts hold none of the terms, which their first words tell many times faster than the pattern does.
        for word in self._by_first_word.keys() & searched.words:
            if any(term in searched.folded for term in self._by_first_word[word]):
                return self._pattern.finditer(searched.folded)
        return iter(())


def _first_words(term: str) -> tuple[str, ...]:
    """What can stand in a text as the first word of a term: it, or its plural where it is the only one."""
    found = _WORD.search(term)
    return (found.group(), f"{found.group()}s") if found else ()
