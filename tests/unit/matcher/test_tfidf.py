"""The words of four languages, as TF-IDF compares them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.scorers.tfidf import TfidfIndex, plain
from matcher.scorers.words import Vocabulary, WordIndex
from matcher.stopwords import FUNCTION_WORDS, STOP_WORDS


def nearness(one: str, other: str) -> float:
    """How near a text is to a query, where the query itself is 1, beside a text that has nothing in common with them."""
    vocabulary = Vocabulary([one, other])
    texts = [vocabulary.count(text) for text in (one, other, "particle physics")]
    found, same, _ = WordIndex(vocabulary, texts).scores([other])[0]
    return float(found / same)


@pytest.mark.parametrize(
    "typed",
    [
        "col·laboració",
        "coŀlaboració",
        "COL·LABORACIÓ",
        "COĿLABORACIÓ",
        "col.laboració",
        "col•laboració",
        "col‧laboracio",
    ],
)
def test_the_middle_dot_however_it_is_typed(typed: str) -> None:
    assert nearness("col·laboració", typed) == pytest.approx(1)


def test_words_with_a_middle_dot_are_no_two_words() -> None:
    assert nearness("col laboració", "col·laboració") == 0


def test_a_sentence_that_ends_in_l_keeps_its_end() -> None:
    assert plain("Pla local. Les ciutats") == "pla local. les ciutats"


@pytest.mark.parametrize("apostrophe", "'’ʼ‘′`＇")
def test_an_article_with_an_apostrophe_is_none_of_the_word(apostrophe: str) -> None:
    assert nearness("aigua habitatge", f"l{apostrophe}aigua d{apostrophe}habitatge") == pytest.approx(1)
    assert nearness("eau", f"de l{apostrophe}eau") == pytest.approx(1)


def test_words_of_one_letter_are_words() -> None:
    assert nearness("línia B", "linia b") == pytest.approx(1)
    assert 0 < nearness("línia B", "linia g") < 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("l'aigua i els residus de les ciutats", "aigua residus ciutats"),
        ("el agua y los residuos de las ciudades", "agua residuos ciudades"),
        ("the water and the waste of the cities", "water waste cities"),
        ("l’eau et les déchets des villes, jusqu’aux quartiers", "eau déchets villes quartiers"),
    ],
)
def test_function_words_of_each_language_do_not_count(text: str, words: str) -> None:
    assert nearness(text, words) == pytest.approx(1)


@pytest.mark.parametrize("word", ["car", "sea", "van", "cap", "fire", "system", "sense", "ens", "CET", "ESA"])
def test_a_subject_of_one_language_is_no_function_word_of_another(word: str) -> None:
    assert nearness(f"{word} sharing", word) > 0


def test_stop_words_are_as_the_texts_are() -> None:
    assert [plain(word) for word in STOP_WORDS] == STOP_WORDS
    assert all(len(words) > 100 for words in FUNCTION_WORDS.values())


@given(st.text(st.characters()))
def test_plain_is_plain_at_once(text: str) -> None:
    assert isinstance(plain(text), str)
    TfidfIndex([text]).scores([text])
    vocabulary = Vocabulary([text])
    assert WordIndex(vocabulary, [vocabulary.count(text)]).scores([text]).shape == (1, 1)
