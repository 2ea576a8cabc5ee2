"""TF-IDF by character n-grams (scikit-learn), and how texts are made plain before they are compared."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer, strip_accents_unicode

Scores = NDArray[np.float64]

WORD_PATTERN = r"(?u)\b\w(?:[\w·]*\w)?\b"
"""Keeps the Catalan `l·l` in one word and words of one letter, which scikit-learn's own pattern loses."""
_APOSTROPHES = frozenset("‘’ʼ′´`＇")
"""What is typed for an apostrophe; one of them counts as a letter, and would make one word of `lʼaigua`."""
_DOUBLE_L = re.compile(r"(?<=l)[.•∙⋅‧・](?=l)")
"""What is typed for the middle dot of `l·l`; its own character, `ŀ`, comes apart with the accents."""


def plain(text: str) -> str:
    """A text as it is compared: lower case, without accents, one apostrophe and one middle dot."""
    lowered = text.lower()
    bare = lowered.translate({ord(character): _bare(character) for character in set(lowered)})
    return _DOUBLE_L.sub("·", bare)


@lru_cache(maxsize=4096)
def _bare(character: str) -> str:
    return "'" if character in _APOSTROPHES else strip_accents_unicode(character)


class TfidfIndex:
    """Texts ready to be compared with queries. Weights come from these texts alone."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._vectorizer = TfidfVectorizer(
            sublinear_tf=True, preprocessor=plain, analyzer="char_wb", ngram_range=(3, 5)
        )
        self._size = len(texts)
        try:
            self._matrix = self._vectorizer.fit_transform(texts)
        except ValueError:  # not one letter in all the texts
            self._matrix = None

    def scores(self, queries: Sequence[str]) -> Scores:
        """Cosines, one row a query and one column a text, 0 to 1."""
        if self._matrix is None or not queries:
            return np.zeros((len(queries), self._size))
        found = self._vectorizer.transform(queries) @ self._matrix.T
        return np.asarray(found.toarray(), dtype=np.float64)
