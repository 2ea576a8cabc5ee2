"""Scores of unlike kinds made comparable; calls and profile compared by what their sentences mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from config.organisation import LANGUAGES, Language
from matcher.profile import Profile
from matcher.reading import Reading
from matcher.scorers.encoder_tiers import Vectors
from matcher.scorers.tfidf import Scores
from matcher.vectors import Kind

Encode = Callable[[Sequence[str], Kind], Vectors]
"""Texts as vectors, one row a text, each of length 1 or, for a text without a word, of zeros."""

NEAREST = 3
"""Areas of which the mean is taken: calls of interest touch two or three, and a single one may be chance."""
STRANGERS = 2
"""Weight, in calls, of all languages in what is usual of one."""


@dataclass(frozen=True)
class Meaning:
    """Sentence vectors: one row a call, a theme, a project; `role` is a single one.

    The queries stand as against `Profile.others`, whose mean is taken away from them. A cosine as it is tells above all
    how long a text is and in which language: that is as near to the others, and goes away with them.
    """

    calls: Vectors
    themes: Vectors
    projects: Vectors
    role: Vectors

    @cached_property
    def areas(self) -> Scores:
        """How near every call is to every theme, rather than to others: one row a theme, one column a call."""
        return _products(self.themes, self.calls)

    @property
    def portfolio(self) -> Scores:
        """The same for projects."""
        return _products(self.projects, self.calls)

    @property
    def taking_part(self) -> Scores:
        """How near every call is to taking part as the organisation does, rather than as others do."""
        return np.asarray(_products(self.role[None], self.calls)[0])


def read_meaning(readings: Sequence[Reading], profile: Profile, encode: Encode) -> Meaning:
    """Encode the opening of every call and the texts of the profile, these in all their languages."""
    calls = encode([reading.opening for reading in readings], "passage")
    others = _mean(_across_languages(profile.others, encode))
    themes = _across_languages([theme.queries for theme in profile.themes], encode)
    roles = _across_languages(profile.role_descriptions, encode)
    projects = encode(profile.project_texts, "query")
    return Meaning(
        calls=calls, themes=themes - others, projects=projects - others, role=_mean(roles) - others
    )


def _across_languages(texts: Sequence[Mapping[Language, str]], encode: Encode) -> Vectors:
    """One row a text, the mean over the languages that it is written in: no call is nearer for its language."""
    vectors = encode([text[language] for text in texts for language in LANGUAGES], "query")
    by_language = vectors.reshape(len(texts), len(LANGUAGES), vectors.shape[1])
    written = by_language.any(axis=2).sum(axis=1, keepdims=True)
    return np.asarray(by_language.sum(axis=1) / np.maximum(written, 1))


def _mean(vectors: Vectors) -> Vectors:
    return np.asarray(vectors.sum(axis=0) / max(len(vectors), 1))


def _products(queries: Vectors, calls: Vectors) -> Scores:
    return np.asarray(queries @ calls.T, dtype=np.float64)


def nearest(areas: Scores) -> Scores:
    """How near each call is to the areas that are nearest to it."""
    return np.asarray(np.sort(areas, axis=0)[-NEAREST:].mean(axis=0)) if len(areas) else areas.sum(axis=0)


def standardised(scores: Scores) -> Scores:
    """Zero mean and unit deviation over the calls; all zero where nothing differs."""
    deviation = scores.std() if scores.size else 0.0
    return (scores - scores.mean()) / deviation if deviation > 0 else np.zeros_like(scores)


def standardised_within(scores: Scores, languages: NDArray[np.int_]) -> Scores:
    """The same among the calls of each language: words of a small language look rare, and its cosines come out high.

    Mean and variance of a language count as often as it has calls, those of all calls `STRANGERS` times, so that a
    lone call in its language is still told from calls about something else.
    """
    found = np.zeros_like(scores)
    for language in np.unique(languages):
        group = scores[languages == language]
        share = len(group) / (len(group) + STRANGERS)
        mean = share * group.mean() + (1 - share) * scores.mean()
        variance = share * group.var() + (1 - share) * scores.var()
        if variance > 0:
            found[languages == language] = (group - mean) / np.sqrt(variance)
    return found


def in_deviations(scores: Scores, least: float) -> Scores:
    """Rows of `scores` in their own deviations over the calls, taken as `least` at least."""
    deviations = scores.std(axis=1, keepdims=True) if scores.size else np.zeros((len(scores), 1))
    return np.asarray(scores / np.maximum(deviations, least))
