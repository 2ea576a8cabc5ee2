"""TF-IDF by words and by character n-grams (scikit-learn)."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer, strip_accents_unicode

from matcher.stopwords import STOP_WORDS

Scores = NDArray[np.float64]

WORD_PATTERN = r"(?u)\b\w(?:[\w·]*\w)?\b"
"""Keeps the Catalan `l·l` in one word and words of one letter, which scikit-learn's own pattern loses."""
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’ʼ′´`＇", "'"))
"""What is typed for an apostrophe; one of them counts as a letter, and would make one word of `lʼaigua`."""
_DOUBLE_L = re.compile(r"(?<=l)[.•∙⋅‧・](?=l)")
"""What is typed for the middle dot of `l·l`; its own character, `ŀ`, comes apart with the accents."""


def plain(text: str) -> str:
    """A text as it is compared: lower case, without accents, one apostrophe and one middle dot."""
    return _DOUBLE_L.sub("·", strip_accents_unicode(text.lower().translate(_APOSTROPHES)))


_OPTIONS: dict[str, dict[str, Any]] = {
    "word": {"ngram_range": (1, 2), "stop_words": STOP_WORDS, "token_pattern": WORD_PATTERN},
    "char": {"analyzer": "char_wb", "ngram_range": (3, 5)},
}


class TfidfIndex:
    """Texts ready to be compared with queries. Word weights come from these texts alone."""

    def __init__(self, texts: Sequence[str], unit: Literal["word", "char"]) -> None:
        self._vectorizer = TfidfVectorizer(sublinear_tf=True, preprocessor=plain, **_OPTIONS[unit])
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
