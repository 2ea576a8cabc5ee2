"""TF-IDF by words and by character n-grams (scikit-learn)."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from matcher.stopwords import STOP_WORDS

Scores = NDArray[np.float64]

WORD_PATTERN = r"(?u)\b\w(?:[\w·]*\w)?\b"
"""Keeps the Catalan `l·l` in one word and words of one letter, which scikit-learn's own pattern loses."""

_OPTIONS: dict[str, dict[str, Any]] = {
    "word": {"ngram_range": (1, 2), "stop_words": STOP_WORDS, "token_pattern": WORD_PATTERN},
    "char": {"analyzer": "char_wb", "ngram_range": (3, 5)},
}


class TfidfIndex:
    """Texts ready to be compared with queries. Word weights come from these texts alone."""

    def __init__(self, texts: Sequence[str], unit: Literal["word", "char"]) -> None:
        self._vectorizer = TfidfVectorizer(sublinear_tf=True, strip_accents="unicode", **_OPTIONS[unit])
        self._size = len(texts)
        try:
            self._matrix = self._vectorizer.fit_transform(texts)
        except ValueError:  # not one word in all the texts
            self._matrix = None

    def scores(self, queries: Sequence[str]) -> Scores:
        """Cosines, one row a query and one column a text, 0 to 1."""
        if self._matrix is None or not queries:
            return np.zeros((len(queries), self._size))
        found = self._vectorizer.transform(queries) @ self._matrix.T
        return np.asarray(found.toarray(), dtype=np.float64)
