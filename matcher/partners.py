"""Partners and networks of the organisation where a call names them, in the call's own words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sklearn.feature_extraction.text import strip_accents_unicode

from config.schema import LANGUAGES, Network, Partner
from matcher.documents import Document
from matcher.excerpts import parted

_NAMED_AFTER = re.compile(
    r"""(?ix) \b (?:
        treat(?:y|ies) | traités? | trata(?:do|t)s? | pact[eo]? | charter | charte | carta | declaration | déclaration
      | declaraci[óo]n? | convention | convenio | conveni | agreement | accords? | acuerdos? | acords? | protocol[eo]?
      | statute | universit(?:y|ies|é|à|at) | universidad | politecnico | polytechnic
    ) \s+ (?: of | de | d[’'] | di | da | do ) \s* $"""
)
"""What bears a city's name without being of its government: the Treaty of Rome, the Pact of Amsterdam, a university."""
_INSIDE_WORD = re.compile(r"[\w-]$")
_LONGER_NAME = re.compile(r"\s+(?!(?:Metropol|Métropol|City\b|Region\b|Area\b))[A-ZÀ-Þ]")
"""Behind a name of one word: it is a part of another one, such as Porto Recanati or the Montreal Protocol."""


class PartnerFinder:
    """Looks for all partners and networks at once, whole words and in their own case, with or without accents."""

    def __init__(self, known: Sequence[Partner | Network]) -> None:
        self._names = {
            form: (one.id, words)
            for one in reversed(known)
            for name in _names(one)
            for form, words in _forms(name)
        }
        self._places = {one.id for one in known if isinstance(one, Partner)}
        self._order = [one.id for one in known]
        self._pattern = re.compile(rf"(?:{_alternatives(self._names)})(?![\w-])") if known else None

    def find(self, document: Document) -> list[dict[str, Any]]:
        """[{id, words, place}], in the order of the configuration; `place`: title, text or conditions.

        Each is told once, with the place where it weighs most.
        """
        found: dict[str, dict[str, Any]] = {}
        for place, text in (
            ("title", document.title),
            ("text", document.body),
            ("conditions", document.conditions),
        ):
            for key, words in self._named(text):
                found.setdefault(key, {"id": key, "words": words, "place": place})
        return [found[key] for key in self._order if key in found]

    def _named(self, text: str) -> Iterator[tuple[str, str]]:
        for match in self._pattern.finditer(text) if self._pattern else ():
            before = text[max(0, match.start() - 40) : match.start()]
            if not _INSIDE_WORD.search(before) and not self._is_of_another(match, before):
                yield self._names[match.group()]

    def _is_of_another(self, match: re.Match[str], before: str) -> bool:
        """Whether a place's name is a part of the name of something else."""
        if self._names[match.group()][0] not in self._places:
            return False
        one_word = " " not in match.group()
        return bool(
            _NAMED_AFTER.search(before) or (one_word and _LONGER_NAME.match(match.string, match.end()))
        )


def _names(one: Partner | Network) -> set[str]:
    return set(one.written) or {one.name[language] for language in LANGUAGES}


def _alternatives(names: Iterable[str]) -> str:
    """A pattern of all names, longer ones first, by their first letter: at most places in a text, that settles it."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        by_letter.setdefault(name[0], []).append(re.escape(name[1:]))
    return "|".join(f"{re.escape(letter)}(?:{'|'.join(ends)})" for letter, ends in by_letter.items())


def _forms(name: str) -> Iterator[tuple[str, str]]:
    """A name as texts write it, with and without accents and in capitals, and as documents part it; with its words."""
    plain = strip_accents_unicode(name)
    for words in (name, plain, name.upper(), plain.upper()):
        yield parted(words), words
        yield words, words
