"""Why a call ranks where it ranks, as data: areas, projects and roles with the call's own words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from config.organisation import LANGUAGES, Language
from matcher.documents import Document
from matcher.eligibility import Eligibility, Evidence, Verdict
from matcher.profile import Profile
from matcher.ranking import Ranking
from matcher.terms import TermFinder, fold

AREAS, PROJECTS, TERMS = 3, 2, 4
"""How many of each an explanation names: as many as a person reads."""
CLEAR_AREA = 1.5
"""Strength from which an area is named, in deviations over all calls."""
CLEAR_WITHOUT_TERMS = 2.0
"""The same where none of the area's own terms stands in the call."""
CLEAR_PROJECT = 3.5
"""Strength from which a project is near enough to be named: below it what is in common is chance."""


@dataclass(frozen=True)
class Explanation:
    """Entries of `areas` and `projects` are {id, score, terms}, of `roles` {id, terms}; best first."""

    areas: list[dict[str, Any]]
    projects: list[dict[str, Any]]
    roles: list[dict[str, Any]]
    eligibility: Eligibility


@dataclass
class Explainer:
    """Puts the finders of a profile's terms together once and explains each call with them."""

    profile: Profile
    _themes: dict[Language, list[TermFinder]] = field(init=False)
    _roles: dict[Language, list[TermFinder]] = field(init=False)

    def __post_init__(self) -> None:
        self._themes = {
            language: [TermFinder(theme.terms[language]) for theme in self.profile.themes]
            for language in LANGUAGES
        }
        self._roles = {
            language: [TermFinder(role.words[language]) for role in self.profile.roles]
            for language in LANGUAGES
        }

    def explain_all(self, ranking: Ranking) -> Iterator[Explanation]:
        for number, document in enumerate(ranking.documents):
            yield self._explain(ranking, number, document)

    def _explain(self, ranking: Ranking, number: int, document: Document) -> Explanation:
        language = ranking.languages[number]
        text = f"{document.title}. {document.body}\n{document.conditions}"
        folded = fold(text)
        roles = self._found_roles(text, folded, language)
        return Explanation(
            areas=self._areas(ranking.area_strength[:, number], text, folded, language),
            projects=self._projects(ranking.projects[:, number]),
            roles=roles,
            eligibility=_with_roles(ranking.eligibility[number], roles),
        )

    def _areas(self, strength: Any, text: str, folded: str, language: Language) -> list[dict[str, Any]]:
        named = []
        for area in map(int, np.argsort(-strength)[:AREAS]):
            terms = self._themes[language][area].find(text, folded, TERMS)
            if strength[area] >= (CLEAR_AREA if terms else CLEAR_WITHOUT_TERMS):
                score = round(float(strength[area]), 3)
                named.append({"id": self.profile.themes[area].id, "score": score, "terms": terms})
        return named

    def _projects(self, strength: Any) -> list[dict[str, Any]]:
        best = [
            int(project) for project in np.argsort(-strength)[:PROJECTS] if strength[project] >= CLEAR_PROJECT
        ]
        return [
            {
                "id": self.profile.projects[project].id,
                "score": round(float(strength[project]), 3),
                "terms": [],
            }
            for project in best
        ]

    def _found_roles(self, text: str, folded: str, language: Language) -> list[dict[str, Any]]:
        """The roles whose words the call uses, the one it uses most first."""
        finders = zip(self.profile.roles, self._roles[language], strict=True)
        counted = [(finder.count(folded), role.id, finder) for role, finder in finders]
        counted.sort(key=lambda entry: -entry[0])
        return [
            {"id": role, "terms": finder.find(text, folded, TERMS)}
            for count, role, finder in counted
            if count
        ]


def _with_roles(eligibility: Eligibility, roles: list[dict[str, Any]]) -> Eligibility:
    """A call that names bodies such as the organisation, and that no rule closes, is open to it."""
    if eligibility.verdict is not Verdict.UNKNOWN or not roles:
        return eligibility
    words = Evidence("text", ", ".join(roles[0]["terms"]))
    return Eligibility(Verdict.OPEN, "", roles[0]["id"], (words,))
