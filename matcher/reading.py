"""What one call tells by itself, whatever stands beside it: read once, and kept."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from pydantic import ConfigDict

from config.organisation import LANGUAGES, Language
from matcher.conditions import read_conditions
from matcher.documents import Document, to_document
from matcher.duplicates import sentences_of
from matcher.eligibility import Eligibility, decided_open, judge
from matcher.language import detect
from matcher.partners import PartnerFinder
from matcher.passages import opening
from matcher.profile import Profile
from matcher.scorers.words import Vocabulary, WordCounts
from matcher.terms import Searched, TermFinder
from store.models import Call

READER = 1
"""Grows whenever a call is read otherwise than before: what was kept of it is then read anew."""
TERMS = 4
"""Terms of an area or a role that are quoted: as many as a person reads."""
LANGUAGE_SHOWS = 300
"""Characters of a call by which its language is told: on title and first sentence every call is told as on the whole."""
SHORT_TEXT = 100
"""Words added to a text's length before its density of role words is taken: one word is no proof in a title."""


@dataclass(frozen=True)
class Reading:
    """A call as the ranking sees it.

    `opening` is what is encoded. `role_density`: words for bodies such as the organisation, for the length of the text.
    `ruled` is what the rules say. `terms`: of each area, by its id, the words in the call; `roles`: the same, [(id,
    words)], the role whose words it uses most first. `conditions` and `named` are as `store.models.Match` holds them.
    `sentences` are those of `matcher.duplicates`.
    """

    __pydantic_config__: ClassVar = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    call_id: int
    title: str
    opening: str
    has_text: bool
    language: Language
    words: WordCounts
    role_density: float
    ruled: Eligibility
    type_of_action: str = ""
    kind: str = ""
    programme: str = ""
    terms: dict[str, tuple[str, ...]] = field(default_factory=dict)
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()
    conditions: dict[str, Any] = field(default_factory=dict)
    named: tuple[dict[str, str], ...] = ()
    sentences: bytes = b""

    def eligibility(self, overrides: Collection[int]) -> Eligibility:
        """What the rules say, unless a person decided that the call is open."""
        return decided_open(self.ruled) if self.call_id in overrides else self.ruled


class Reader:
    """Reads calls for one profile."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.vocabulary = Vocabulary(profile.queries)
        self._areas = {
            language: [(theme.id, TermFinder(theme.terms[language])) for theme in profile.themes]
            for language in LANGUAGES
        }
        self._roles = {
            language: [(role.id, TermFinder(role.words[language])) for role in profile.roles]
            for language in LANGUAGES
        }
        self._any_role = {
            language: TermFinder(word for role in profile.roles for word in role.words[language])
            for language in LANGUAGES
        }
        self._partners = PartnerFinder(profile.partners)

    def read_call(self, call: Call) -> Reading:
        conditions = read_conditions(call, self._profile.programmes).as_json()
        return replace(self.read(to_document(call)), conditions=conditions)

    def read(self, document: Document) -> Reading:
        """The call without its conditions, which are no part of a document."""
        text = document.text
        language = detect(text[:LANGUAGE_SHOWS])
        about = Searched(text)
        density = self._any_role[language].count(about) / (len(text.split()) + SHORT_TEXT)
        whole = Searched(f"{text}\n{document.conditions}") if document.conditions else about
        return Reading(
            call_id=document.call_id,
            title=document.title,
            opening=opening(document),
            has_text=bool(document.body),
            language=language,
            words=self.vocabulary.count(text),
            role_density=density,
            ruled=judge(document, self._profile.rules),
            type_of_action=document.type_of_action,
            kind=document.kind,
            programme=document.programme,
            terms={
                area: tuple(found)
                for area, finder in self._areas[language]
                if (found := finder.find(whole, TERMS))
            },
            roles=self._found_roles(whole, language),
            named=tuple(self._partners.find(document)),
            sentences=sentences_of(document.body),
        )

    def _found_roles(self, text: Searched, language: Language) -> tuple[tuple[str, tuple[str, ...]], ...]:
        counted = [(finder.count(text), role, finder) for role, finder in self._roles[language]]
        counted.sort(key=lambda entry: -entry[0])
        return tuple((role, tuple(finder.find(text, TERMS))) for count, role, finder in counted if count)
