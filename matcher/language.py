"""Which of the profile's languages a text is written in, by its function words."""

import re

from config.organisation import Language
from matcher.stopwords import FUNCTION_WORDS

_WORD = re.compile(r"[^\W\d_]+")
LOOKED_AT = 2_000
"""Characters: a language shows in its first sentences."""


def detect(text: str) -> Language:
    """The language with the most function words; English, the portals' own, when none stands out."""
    words = _WORD.findall(text[:LOOKED_AT].lower())
    counts = {language: sum(word in known for word in words) for language, known in FUNCTION_WORDS.items()}
    return max(counts, key=lambda language: (counts[language], language == "en"))
