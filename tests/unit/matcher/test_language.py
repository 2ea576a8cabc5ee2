"""The language of a text, unknown where it cannot be told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.organisation import LANGUAGES, Language
from matcher.language import KNOWN, TextLanguage, detect, identify, profile_language

SENTENCES: dict[TextLanguage, str] = {
    "ca": "Ajuts per a la gestió dels residus i de l’aigua als municipis de l’àrea metropolitana",
    "es": "Ayudas para la gestión de los residuos y del agua en los municipios del área metropolitana",
    "en": "Grants for the management of waste and water in the municipalities of the metropolitan area",
    "fr": "Aides à la gestion des déchets et de l’eau dans les communes de l’aire métropolitaine",
    "pt": "Apoios à gestão dos resíduos e da água nos municípios da área metropolitana",
    "it": "Contributi per la gestione dei rifiuti e dell’acqua nei comuni dell’area metropolitana",
}


@pytest.mark.parametrize("language", KNOWN)
def test_a_sentence(language: TextLanguage) -> None:
    text = SENTENCES[language]
    assert [identify(text), identify(text.upper()), identify(text.replace("’", "'"))] == [language] * 3


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ajuts extraescolar esportiva", "ca"),
        ("Ayudas al alquiler de vivienda", "es"),
        ("Waste management in cities", "en"),
        ("Rénovation des écoles", "fr"),
        ("EL COL·LECTIU DE L'HOSPITALET", "ca"),
        ("Gestió de la il.luminació pública", "ca"),
    ],
)
def test_a_short_title(text: str, language: TextLanguage) -> None:
    assert identify(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "2026",
        "€ 1.000,00 %",
        "!!! ???",
        "\0\1",
        "HORIZON-CL5-2026-09-D4-02",
        "CIVITAS 2030",
        "https://example.org/a?b=c",
        "a",
        "aigua",
        "agua",
        "eau",
        "Twinning",
        "🌊" * 50,
        "\ud800",
        "廃棄物管理 都市",
        "城市垃圾管理",
        "도시 폐기물 관리",
        "управление отходами в городах",
        "Η μετάβαση των πόλεων στην κυκλική οικονομία",
        "إدارة النفايات في المدن",
        "ניהול פסולת בערים",
        "Die Städte und die Abfallwirtschaft",
        "De steden en het afvalbeheer",
        "Gestionarea deșeurilor în orașe",
        "Kaupunkien jätehuolto",
        "Hirien eta hondakinen kudeaketa",
    ],
)
def test_what_cannot_be_told_is_unknown(text: str) -> None:
    assert identify(text) == "unknown"


def test_a_long_text_is_told_by_its_beginning() -> None:
    assert identify(f"{SENTENCES['ca']}. " * 30 + SENTENCES["en"] * 60_000) == "ca"


def test_most_of_a_mixed_text_tells() -> None:
    assert identify(f"{SENTENCES['ca']}. " * 3 + SENTENCES["en"]) == "ca"


@given(st.text(st.characters(), max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert identify(text) in {*KNOWN, "unknown"}
    assert detect(text) in LANGUAGES


@pytest.mark.parametrize(
    ("language", "compared"),
    [("ca", "ca"), ("es", "es"), ("en", "en"), ("fr", "fr"), ("pt", "es"), ("it", "es"), ("unknown", "en")],
)
def test_the_profile_has_a_language_for_every_text(language: TextLanguage, compared: Language) -> None:
    assert profile_language(language) == compared
