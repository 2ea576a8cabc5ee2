"""Why a call ranks where it ranks, as data: areas, projects and roles with the call's own words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.eligibility import Eligibility, Evidence, Verdict
from matcher.profile import Profile
from matcher.ranking import Ranking
from matcher.reading import Reading
from matcher.scorers.tfidf import Scores

AREAS, PROJECTS = 3, 2
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


def explain_all(ranking: Ranking, profile: Profile) -> Iterator[Explanation]:
    """One for each call of `ranking`, in its order."""
    for number, reading in enumerate(ranking.readings):
        roles = [{"id": role, "terms": list(terms)} for role, terms in reading.roles]
        yield Explanation(
            areas=_areas(ranking.area_strength[:, number], reading, profile),
            projects=_projects(ranking.projects[:, number], profile),
            roles=roles,
            eligibility=_with_roles(ranking.eligibility[number], roles),
        )


def _areas(strength: Scores, reading: Reading, profile: Profile) -> list[dict[str, Any]]:
    named = []
    for area in map(int, np.argsort(-strength)[:AREAS]):
        key = profile.themes[area].id
        terms = reading.terms.get(key, ())
        if strength[area] >= (CLEAR_AREA if terms else CLEAR_WITHOUT_TERMS):
            named.append({"id": key, "score": round(float(strength[area]), 3), "terms": list(terms)})
    return named


def _projects(strength: Scores, profile: Profile) -> list[dict[str, Any]]:
    best = [
        int(project) for project in np.argsort(-strength)[:PROJECTS] if strength[project] >= CLEAR_PROJECT
    ]
    return [
        {"id": profile.projects[project].id, "score": round(float(strength[project]), 3), "terms": []}
        for project in best
    ]


def _with_roles(eligibility: Eligibility, roles: list[dict[str, Any]]) -> Eligibility:
    """A call that names bodies such as the organisation, and that no rule closes, is open to it."""
    if eligibility.verdict is not Verdict.UNKNOWN or not roles:
        return eligibility
    words = Evidence("text", ", ".join(roles[0]["terms"]))
    return Eligibility(Verdict.OPEN, "", roles[0]["id"], (words,))
