"""Decisions on calls like a call: what an explanation names as the reason why it moved."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.learnt_part import Pool
from matcher.reading import Reading
from matcher.scorers.tfidf import WORD_PATTERN, plain
from matcher.stopwords import STOP_WORDS
from matcher.terms import Searched, TermFinder
from store.decisions import Reason, Verdict, Vote

NEAR = 0.4
"""Cosine of two calls' directions from which they are alike: of calls that near, nine in ten are judged alike."""
NEAR_BY_WORDS = 0.2
"""The same by words, where there are no vectors."""
MOVED = 0.2
"""Deviations of the score from which a call moved so far that it takes a reason."""
NAMED, TERMS = 10, 2
"""How many decisions are named, and how many terms that their calls have in common with the call."""
STEM = 5
"""First letters that two forms of a word share."""
AT_ONCE = 2_000
"""Calls compared with all decided ones at a time."""


class Precedents:
    """The calls of `pool` that were decided, ready to be compared with all others."""

    def __init__(self, pool: Pool, votes: Sequence[Vote]) -> None:
        self._pool = pool
        self._votes = [vote for vote in votes if vote.call_id in pool.rows]
        self._rows = np.array([pool.rows[vote.call_id] for vote in self._votes], dtype=int)
        self._relevant = np.array([vote.relevant for vote in self._votes], dtype=bool)
        self._vectorizer = TfidfVectorizer(
            sublinear_tf=True,
            preprocessor=plain,
            ngram_range=(1, 2),
            stop_words=STOP_WORDS,
            token_pattern=WORD_PATTERN,
        )
        self._analyse = self._vectorizer.build_analyzer()
        try:
            self._decided = self._vectorizer.fit_transform([pool.readings[row].opening for row in self._rows])
        except ValueError:  # not one word in all of them
            self._decided, self._rarity = None, {}
        else:
            names = self._vectorizer.get_feature_names_out()
            self._rarity = dict(zip(names, self._vectorizer.idf_, strict=True))
        self._words: dict[int, tuple[set[str], set[str]]] = {}

    def reasons(self, part: NDArray[np.float64]) -> list[list[dict[str, Any]]]:
        """For each call what was decided on calls like it, where its `part` of the score moved it the same way.

        [{verdict, reason, count, calls, terms}]: one entry at most; `calls` are the ids of the nearest of those that
        agree, `terms` stand as the call writes them.
        """
        found: list[list[dict[str, Any]]] = [[] for _ in self._pool.readings]
        if self._decided is None or not self._pool.deviation:
            return found
        moved = np.flatnonzero(np.abs(part) >= MOVED * self._pool.deviation)
        for rows, likeness, near in self._likeness(moved):
            for row, likes in zip(rows, likeness, strict=True):
                entry = self._entry(int(row), likes, near, lifted=bool(part[row] > 0))
                found[row] = [entry] if entry else []
        return found

    def _likeness(
        self, moved: NDArray[np.int_]
    ) -> Iterator[tuple[NDArray[np.int_], NDArray[np.float64], float]]:
        """Rows of the pool, how like they are to each decided call, and from where on that is near."""
        directions = self._pool.directions
        for start in range(0, len(moved), AT_ONCE):
            rows = moved[start : start + AT_ONCE]
            if directions is not None:
                yield rows, directions[rows] @ directions[self._rows].T, NEAR
            else:
                words = self._vectorizer.transform([self._pool.readings[row].opening for row in rows])
                yield rows, (words @ self._decided.T).toarray(), NEAR_BY_WORDS

    def _entry(
        self, row: int, likes: NDArray[np.float64], near: float, *, lifted: bool
    ) -> dict[str, Any] | None:
        alike = np.flatnonzero((likes >= near) & (self._rows != row))
        agreeing = alike[self._relevant[alike] == lifted]
        if 2 * len(agreeing) <= len(alike):
            return None
        reason = Counter(self._votes[place].reason for place in agreeing).most_common(1)[0][0]
        same = [place for place in agreeing if self._votes[place].reason == reason]
        nearest = sorted(same, key=lambda place: -likes[place])[:NAMED]
        return {
            "verdict": Verdict.RELEVANT if lifted else Verdict.NOT_RELEVANT,
            "reason": Reason.NONE if lifted else reason,
            "count": len(same),
            "calls": [self._votes[place].call_id for place in nearest],
            "terms": self._common_terms(self._pool.readings[row], [int(place) for place in nearest]),
        }

    def _common_terms(self, reading: Reading, places: Sequence[int]) -> list[str]:
        """The words of its title, or of theirs, that the call shares with most of the decided ones, as it writes them."""
        title, opening = self._told(reading)
        shared: Counter[str] = Counter()
        for place in places:
            other_title, other_opening = self._told_of_decided(place)
            shared.update((title & other_opening) | (other_title & opening))
        text = Searched(reading.opening)
        terms: list[str] = []
        written: list[str] = []
        for term in sorted(shared, key=lambda term: (-shared[term] * self._rarity[term], term)):
            if any(_alike(term, known) for known in terms):
                continue
            # None where the two words of a term have a stop word between them.
            if found := TermFinder([term]).find(text, 1):
                terms.append(term)
                written += found
            if len(terms) == TERMS:
                break
        return written

    def _told_of_decided(self, place: int) -> tuple[set[str], set[str]]:
        if place not in self._words:
            self._words[place] = self._told(self._pool.readings[int(self._rows[place])])
        return self._words[place]

    def _told(self, reading: Reading) -> tuple[set[str], set[str]]:
        """The terms of title and opening that decided calls use too; a number is none."""
        title, opening = (
            {
                term
                for term in self._analyse(text)
                if term in self._rarity and not any(word.isdigit() for word in term.split())
            }
            for text in (reading.title, reading.opening)
        )
        return title, opening


def _alike(one: str, other: str) -> bool:
    """Whether two terms share a word, or a form of it."""
    stems = {word[:STEM] for word in one.split()}
    return any(word[:STEM] in stems for word in other.split())
