"""The ranking: relevance is theme times role, and eligibility weighs more than either.

Each part is standardised over all calls and the parts are added. Figures and reasons: docs/matching.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from config.organisation import LANGUAGES
from matcher.documents import Document
from matcher.eligibility import Eligibility, Verdict, judge
from matcher.language import detect
from matcher.profile import Profile
from matcher.scorers.tfidf import Scores, TfidfIndex
from matcher.terms import TermFinder, fold

MODEL = "tfidf-1"

OTHER_LANGUAGE = 0.4
"""Weight of cosines of calls in another language than English: where few texts share a language, its common words
look rare and its cosines come out too high."""
CHARACTERS = 0.2
"""Weight of character n-grams, which find a word's relatives across languages."""
OPENING = 600
"""Characters of a call that character n-grams look at: its title and first sentences."""
SHORT_TEXT = 100
"""Words added to a text's length before its density of role words is taken: one word is no proof in a title."""
LEAST_DEVIATION = 0.01
"""What an area's cosines deviate at least, as they do over a whole portal: in a store of one call or of equal calls
they do not deviate at all, and strengths taken from that would know no bounds."""
GATES = {Verdict.NOT_OPEN: -3.0, Verdict.UNLIKELY: -1.0, Verdict.OPEN: 1.0, Verdict.UNKNOWN: 0.0}
"""What a rule's verdict adds, in standard deviations."""


@dataclass(frozen=True)
class Ranking:
    """What each part of the ranking says of `documents`, in their order.

    `area_strength` and `projects` have one row an area or project; the first is made comparable between areas.
    """

    documents: Sequence[Document]
    parts: dict[str, Scores]
    area_strength: Scores
    projects: Scores
    eligibility: list[Eligibility]

    @cached_property
    def scores(self) -> Scores:
        """The sum of the parts, in standard deviations: only their order means anything."""
        return np.asarray(np.sum(list(self.parts.values()), axis=0))

    @property
    def percentiles(self) -> Scores:
        """A lone call is the best there is. The share of the other calls that rank below each, 0 to 100."""
        count = len(self.documents)
        below = np.empty(count)
        below[np.argsort(self.scores, kind="stable")] = np.arange(count)
        return below * 100 / (count - 1) if count > 1 else np.full(count, 100.0)


def rank(documents: Sequence[Document], profile: Profile) -> Ranking:
    texts = [document.text for document in documents]
    words, characters = TfidfIndex(texts, "word"), TfidfIndex([text[:OPENING] for text in texts], "char")
    languages = np.array([LANGUAGES.index(detect(text)) for text in texts], dtype=int)
    weight = np.where(languages == LANGUAGES.index("en"), 1.0, OTHER_LANGUAGE)

    areas = _in_own_language(
        [words.scores([theme.queries[language] for theme in profile.themes]) for language in LANGUAGES],
        languages,
    )
    role = _in_own_language(
        [words.scores([profile.role_query(language)]) for language in LANGUAGES], languages
    )
    lacks = _in_own_language([words.scores([profile.lacks[language]]) for language in LANGUAGES], languages)
    related = characters.scores(
        [theme.queries[language] for theme in profile.themes for language in LANGUAGES]
    )
    density = _role_density(texts, languages, profile)
    eligibility = [judge(document, profile.rules) for document in documents]

    weighted = areas * weight
    best_areas = np.sort(weighted, axis=0)[-3:]
    parts = {
        "all areas": _standardised(weighted.sum(axis=0)),
        "best areas": _standardised(best_areas.mean(axis=0)),
        "characters": CHARACTERS * _standardised(related.sum(axis=0)),
        "role": _standardised(role[0] * weight),
        "density": _standardised(density),
        "lacks": -_standardised(lacks[0] * weight),
        "gates": np.array([GATES[entry.verdict] for entry in eligibility]),
    }
    return Ranking(
        documents=documents,
        parts=parts,
        area_strength=areas / _deviations(areas),
        projects=words.scores([f"{project.name.en}. {project.summary}" for project in profile.projects]),
        eligibility=eligibility,
    )


def _in_own_language(by_language: Sequence[Scores], languages: np.ndarray) -> Scores:
    """Of scores for each language, those of each text's own: shape (queries, texts)."""
    stacked = np.stack(by_language)
    return np.asarray(stacked[languages, :, np.arange(len(languages))].T)


def _role_density(texts: Sequence[str], languages: np.ndarray, profile: Profile) -> Scores:
    """How often a text names bodies such as the organisation, for its length."""
    finders = [
        TermFinder(word for role in profile.roles for word in role.words[language]) for language in LANGUAGES
    ]
    return np.array(
        [
            finders[language].count(fold(text)) / (len(text.split()) + SHORT_TEXT)
            for text, language in zip(texts, languages, strict=True)
        ]
    )


def _deviations(areas: Scores) -> Scores:
    deviations = areas.std(axis=1, keepdims=True) if areas.size else np.zeros((len(areas), 1))
    return np.maximum(deviations, LEAST_DEVIATION)


def _standardised(scores: Scores) -> Scores:
    """Zero mean and unit deviation over the calls; all zero where nothing differs."""
    deviation = scores.std() if scores.size else 0.0
    return (scores - scores.mean()) / deviation if deviation > 0 else np.zeros_like(scores)
