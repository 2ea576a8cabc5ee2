"""Texts made comparable: cleaned, their language told, terms found in the call's own words."""

from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from config.organisation import Language
from matcher.documents import clean, to_document
from matcher.language import detect
from matcher.scorers.tfidf import TfidfIndex
from matcher.scorers.words import Vocabulary, WordIndex
from matcher.terms import Searched, TermFinder, fold
from store.calls import save
from store.database import Database
from store.models import Call
from store.records import CallRecord


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (
            (
                "Expected Outcome: Project results are expected to contribute to all of the following expected outcomes: "
                "Cities cut waste."
            ),
            "Cities cut waste.",
        ),
        ("Projects are expected to contribute to some of the following outcomes: Rivers.", "Rivers."),
        ("Proposals should contribute to at least two of the following impacts: Parks.", "Parks."),
        ("Scope: To achieve the expected outcomes, cities share data.", "cities share data."),
        ("Better laws;Cleaner air.Quieter streets", "Better laws; Cleaner air. Quieter streets"),
        ("of the legislationBetter plans", "of the legislation Better plans"),
        ("Reuse[12] of water, see https://example.org/a?b=c for more", "Reuse of water, see for more"),
        ("Two\n\nparagraphs\tand   spaces", "Two paragraphs and spaces"),
        (
            "Bases de dades de l'Àrea i EU CO2 of the AMB stay",
            "Bases de dades de l'Àrea i EU CO2 of the AMB stay",
        ),
        ("", ""),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@given(st.text(max_size=300))
def test_clean_takes_any_text_and_adds_no_words(text: str) -> None:
    assert set("".join(clean(text).split())) <= set(text)


def test_document_of_a_call(database: Database, record: Callable[..., CallRecord], now: datetime) -> None:
    made = record(
        "TEST-1",
        "Waste in cities",
        "Scope: Sorting.",
        texts={"en": "Scope: Sorting.", "ca": "Triatge de residus."},
        conditions={"en": "Only cities;Towns too."},
        types_of_action=("Innovation Actions",),
    )
    with database.writing() as session:
        save(session, [made], None, now)
    with database.reading() as session:
        found = to_document(session.exec(select(Call)).one())
    assert (found.identifier, found.type_of_action, found.title) == (
        "TEST-1",
        "Innovation Actions",
        "Waste in cities",
    )
    assert set(found.body.splitlines()) == {"Sorting.", "Triatge de residus."}
    assert found.conditions == "Only cities; Towns too."
    assert (found.title_language, found.kind) == ("en", "call")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The transition of the cities to a circular economy", "en"),
        ("La transició de les ciutats cap a una economia circular amb l'aigua", "ca"),
        ("La transición de las ciudades hacia una economía circular con el agua y los residuos", "es"),
        ("La transition des villes vers une économie circulaire dans les quartiers", "fr"),
        ("", "en"),
        ("CIVITAS 2030", "en"),
        ("廃棄物管理 都市", "en"),
        ("управление отходами в городах", "en"),
        ("🌊" * 50, "en"),
    ],
)
def test_detect(text: str, language: Language) -> None:
    assert detect(text) == language


def test_detect_looks_at_the_beginning() -> None:
    assert (
        detect("La gestió dels residus de les ciutats amb els ens locals. " * 60 + "the of and " * 5_000)
        == "ca"
    )


@given(st.text(st.characters(), max_size=200))
def test_fold_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


def test_fold() -> None:
    assert fold("Àrea ÍNTEL·LIGÈNCIA İstanbul d’aigua\u00a0low\u2011emission\n") == (
        "area intel·ligencia istanbul d'aigua low-emission "
    )


def find(terms: list[str], text: str, most: int = 10) -> list[str]:
    return TermFinder(terms).find(Searched(text), most)


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        (["intel·ligència artificial"], "La INTEL·LIGÈNCIA ARTIFICIAL local", ["INTEL·LIGÈNCIA ARTIFICIAL"]),
        (["movilidad eléctrica"], "La Movilidad Electrica urbana", ["Movilidad Electrica"]),
        (["living lab"], "Two Living Labs and a living lab", ["Living Labs"]),
        (["waste", "waste management"], "Waste management of waste", ["Waste management", "waste"]),
        (["cities"], "simplicities and velocities", []),
        (["groupe d'acheteurs"], "Un groupe d’acheteurs publics", ["groupe d’acheteurs"]),
        (["low-emission zone"], "a low\u2011emission zone", ["low\u2011emission zone"]),
        (["public buyers"], "public\nbuyers", ["public\nbuyers"]),
        (["C++ (any)"], "nothing of the kind", []),
        ([], "text", []),
        (["", " "], "text", []),
        (["water"], "", []),
    ],
)
def test_terms_are_found_in_the_text_s_own_words(terms: list[str], text: str, found: list[str]) -> None:
    assert find(terms, text) == found


def test_terms_are_counted_and_cut_to_the_first_different_ones() -> None:
    finder = TermFinder(["city", "town", "region"])
    text = "City, town, city, TOWNS and region"
    assert finder.count(Searched(text)) == 5
    assert finder.find(Searched(text), 2) == ["City", "town"]


@pytest.mark.parametrize("texts", [[], [""], ["", " ", "a"], ["the of and"], ["。、"]])
def test_index_of_texts_without_words(texts: list[str]) -> None:
    vocabulary = Vocabulary(["waste", ""])
    by_words = WordIndex(vocabulary, [vocabulary.count(text) for text in texts])
    for index in (by_words, TfidfIndex(texts)):
        scores = index.scores(["waste", ""])
        assert scores.shape == (2, len(texts))
        assert np.isfinite(scores).all()


def test_index_without_queries() -> None:
    vocabulary = Vocabulary([])
    assert WordIndex(vocabulary, [vocabulary.count("waste")]).scores([]).shape == (0, 1)
    assert TfidfIndex(["waste"]).scores([]).shape == (0, 1)


def test_each_query_is_nearest_to_its_own_text() -> None:
    texts = ["Gestió de la il·luminació", "Waste management", ""]
    vocabulary = Vocabulary(["gestio de la il·luminacio", "waste management"])
    index = WordIndex(vocabulary, [vocabulary.count(text) for text in texts])
    scores = index.scores(["gestio de la il·luminacio", "waste management"])
    assert (scores > 0).tolist() == [[True, False, False], [False, True, False]]


def test_a_long_text_is_no_nearer_for_its_length() -> None:
    vocabulary = Vocabulary(["waste management"])
    texts = ["Waste management", "Waste management " + " ".join(f"word{n}" for n in range(100))]
    short, long = WordIndex(vocabulary, [vocabulary.count(text) for text in texts]).scores(
        ["waste management"]
    )[0]
    assert 0 < long < short / 5
