"""Word TF-IDF over the vocabulary of the profile: all that a query can meet in a text.

The length of a text in the cosine takes every term as if it stood in that text alone, as most pairs of words do: so it is
known from the text, and a text is read once, whatever texts stand beside it. What that costs: docs/matching.md.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt

import numpy as np
from scipy.sparse import csr_array
from sklearn.preprocessing import normalize

from matcher.scorers.tfidf import WORD_PATTERN, Scores, plain
from matcher.stopwords import STOP_WORDS

_WORD = re.compile(WORD_PATTERN)
_DROPPED = frozenset(STOP_WORDS)


@dataclass(frozen=True)
class WordCounts:
    """How often the terms of a vocabulary stand in a text, by their number; `length` of the sublinear counts of all terms."""

    terms: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    length: float = 0.0


class Vocabulary:
    """The words and pairs of neighbouring words of `texts`, without stop words."""

    def __init__(self, texts: Iterable[str]) -> None:
        found = dict.fromkeys(term for text in texts for term in _terms(text))
        self._numbers = {term: number for number, term in enumerate(found)}

    def __len__(self) -> int:
        return len(self._numbers)

    def count(self, text: str) -> WordCounts:
        counted = _terms(text)
        known = [(self._numbers[term], count) for term, count in counted.items() if term in self._numbers]
        repeated = Counter(counted.values())
        length = sqrt(sum(times * (1 + log(count)) ** 2 for count, times in repeated.items()))
        return WordCounts(tuple(term for term, _ in known), tuple(count for _, count in known), length)


class WordIndex:
    """Texts ready to be compared with queries of their vocabulary. Word weights come from these texts alone."""

    def __init__(self, vocabulary: Vocabulary, texts: Sequence[WordCounts]) -> None:
        self._vocabulary = vocabulary
        counts = self._matrix(texts)
        holding = np.bincount(counts.indices, minlength=len(vocabulary))
        self._rarity = np.log((1 + len(texts)) / (1 + holding)) + 1
        alone = np.log((1 + len(texts)) / 2) + 1
        lengths = alone * np.array([text.length or 1.0 for text in texts], dtype=float)
        self._weights = self._weighted(counts) / lengths[:, None]

    def scores(self, queries: Sequence[str]) -> Scores:
        """Very nearly cosines, one row a query and one column a text."""
        if not queries or not len(self._vocabulary):
            return np.zeros((len(queries), self._weights.shape[0]))
        asked = self._weighted(self._matrix([self._vocabulary.count(query) for query in queries]))
        return np.asarray((normalize(asked) @ self._weights.T).toarray(), dtype=np.float64)

    def _matrix(self, texts: Sequence[WordCounts]) -> csr_array:
        ends = np.cumsum([0, *(len(text.terms) for text in texts)])
        terms = np.fromiter((term for text in texts for term in text.terms), np.int32, ends[-1])
        counts = np.fromiter((count for text in texts for count in text.counts), np.float64, ends[-1])
        return csr_array((counts, terms, ends), shape=(len(texts), len(self._vocabulary)))

    def _weighted(self, counts: csr_array) -> csr_array:
        data = (1 + np.log(counts.data)) * self._rarity[counts.indices]
        return csr_array((data, counts.indices, counts.indptr), shape=counts.shape)


def _terms(text: str) -> Counter[str | tuple[str, str]]:
    words = [word for word in _WORD.findall(plain(text)) if word not in _DROPPED]
    counted: Counter[str | tuple[str, str]] = Counter(words)
    counted.update(pairwise(words))
    return counted
