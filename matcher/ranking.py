"""The ranking: relevance is theme times role, and eligibility weighs more than either.

Each part is standardised over the calls and the parts are added, none weighted. Figures and reasons: docs/matching.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from config.organisation import LANGUAGES, Language
from matcher.eligibility import Eligibility, Verdict
from matcher.fusion import Meaning, in_deviations, nearest, standardised, standardised_within
from matcher.profile import Profile
from matcher.reading import Reading
from matcher.scorers.tfidf import Scores, TfidfIndex
from matcher.scorers.words import Vocabulary, WordIndex

MODEL = "parts-3"

CHARACTERS = 0.2
"""Weight of character n-grams, which find a word's relatives across languages where there are no sentence vectors."""
OPENING = 600
"""Characters of a call that character n-grams look at: its title and first sentences."""
LEAST_DEVIATION = 0.01
"""What an area's cosines deviate at least, as they do over a whole portal: in a store of one call or of equal calls
they do not deviate at all, and strengths taken from that would know no bounds."""
GATES = {Verdict.NOT_OPEN: -3.0, Verdict.UNLIKELY: -1.0, Verdict.OPEN: 1.0, Verdict.UNKNOWN: 0.0}
"""What a rule's verdict adds, in deviations of the sum of all other parts: a closed call belongs among the last whatever it
is about, an unlikely one lower, and not knowing is no ground."""
LEAST_SPREAD = 1.0
"""What that sum deviates at least: between equal calls the verdict alone decides."""


@dataclass(frozen=True)
class Features:
    """What is known of each call before anything is added up: one row a call, one column a name."""

    names: tuple[str, ...]
    values: Scores


@dataclass(frozen=True)
class Ranking:
    """What each part of the ranking says of the calls, in the order of their `readings`.

    `area_strength` and `projects` have one row an area or project, in deviations over the calls, so that areas can be
    compared with each other.
    """

    readings: Sequence[Reading]
    parts: dict[str, Scores]
    area_ids: tuple[str, ...]
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
        count = len(self.readings)
        below = np.empty(count)
        below[np.argsort(self.scores, kind="stable")] = np.arange(count)
        return below * 100 / (count - 1) if count > 1 else np.full(count, 100.0)

    @property
    def features(self) -> Features:
        """The parts but the gates, each verdict by itself, every area, the nearest project, and whether there is a text."""
        columns = {name: part for name, part in self.parts.items() if name != "gates"}
        verdicts = np.array([entry.verdict for entry in self.eligibility])
        for verdict in (Verdict.NOT_OPEN, Verdict.UNLIKELY, Verdict.OPEN):
            columns[f"verdict {verdict}"] = (verdicts == verdict).astype(float)
        for area, strength in zip(self.area_ids, self.area_strength, strict=True):
            columns[f"area {area}"] = strength
        columns["nearest project"] = np.max(self.projects, axis=0, initial=0.0)
        columns["has a text"] = np.array([reading.has_text for reading in self.readings], dtype=float)
        return Features(tuple(columns), np.stack(list(columns.values()), axis=1))


def rank(
    readings: Sequence[Reading],
    profile: Profile,
    overrides: Collection[int] = (),
    meaning: Meaning | None = None,
) -> Ranking:
    """`readings` are for this very `profile`; `overrides`: ids of calls that a person decided to be open.

    Without `meaning`, words and characters rank alone.
    """
    languages = np.array([LANGUAGES.index(reading.language) for reading in readings], dtype=int)
    index = WordIndex(Vocabulary(profile.queries), [reading.words for reading in readings])
    areas = _cosines(index, [theme.queries for theme in profile.themes], languages)
    lacks = _cosines(index, [profile.lacks], languages)
    others = _cosines(index, profile.others, languages)
    projects = index.scores(profile.project_texts)
    eligibility = [reading.eligibility(overrides) for reading in readings]

    words = {
        "all areas": areas.sum(axis=0),
        "best areas": nearest(areas),
        "density": np.array([reading.role_density for reading in readings], dtype=float),
        "lacks": -lacks[0],
        "others": -others.sum(axis=0),
    }
    parts = {name: standardised_within(scores, languages) for name, scores in words.items()}
    if meaning is None:
        parts["characters"] = CHARACTERS * standardised(_related(readings, profile))
    else:
        parts["theme"] = standardised(nearest(meaning.areas))
        parts["role"] = standardised(meaning.taking_part)
    spread = max(np.std(np.sum(list(parts.values()), axis=0)), LEAST_SPREAD) if readings else LEAST_SPREAD
    parts["gates"] = spread * np.array([GATES[entry.verdict] for entry in eligibility])
    return Ranking(
        readings=readings,
        parts=parts,
        area_ids=tuple(theme.id for theme in profile.themes),
        area_strength=_strength(areas, meaning.areas if meaning else None),
        projects=_strength(projects, meaning.portfolio if meaning else None),
        eligibility=eligibility,
    )


def _cosines(
    index: WordIndex, queries: Sequence[Mapping[Language, str]], languages: NDArray[np.int_]
) -> Scores:
    """By words, one row a query and one column a text: with the query in the text's own language."""
    by_language = np.stack([index.scores([query[language] for query in queries]) for language in LANGUAGES])
    return np.asarray(by_language[languages, :, np.arange(len(languages))].T)


def _related(readings: Sequence[Reading], profile: Profile) -> Scores:
    """By character n-grams, with the themes in all languages."""
    index = TfidfIndex([reading.opening[:OPENING] for reading in readings])
    queries = [theme.queries[language] for theme in profile.themes for language in LANGUAGES]
    return np.asarray(index.scores(queries).sum(axis=0))


def _strength(words: Scores, meaning: Scores | None) -> Scores:
    """How near each call is, by words and by meaning alike where there are both.

    The cosines of words are zero where no word is shared, and stay as they are; those of vectors lie about a middle.
    """
    by_words = in_deviations(words, LEAST_DEVIATION)
    if meaning is None:
        return by_words
    centred = meaning - meaning.mean(axis=1, keepdims=True) if meaning.size else meaning
    return (by_words + in_deviations(centred, LEAST_DEVIATION)) / 2
