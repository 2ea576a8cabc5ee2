"""What was learnt, in the words of four languages."""

from html import unescape
from typing import Any

import pytest

from config.organisation import LANGUAGES, Language
from notifier.learnt import learnt, likelihood
from notifier.letter import write_letter
from notifier.selection import select_all, select_digest
from notifier.summary import render_summary
from notifier.words import words_in
from store.database import Database
from store.models import Match
from tests.unit.notifier.builders import NOW, matched, officer, organisation, record


def match(**facts: Any) -> Match:
    return Match(**{"probability": None, "learnt": []} | facts)


def entry(n: int, reason: str = "role", verdict: str = "not_relevant", *terms: str) -> dict[str, Any]:
    return {"verdict": verdict, "reason": reason, "count": n, "calls": [1], "terms": list(terms)}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ca", "Es van descartar pel paper que hi tindríem 3 convocatòries semblants («grid hardware»)."),
        ("es", "Se descartaron por el papel que tendríamos 3 convocatorias parecidas («grid hardware»)."),
        (
            "en",
            "3 calls like this one were dismissed because of the role we would have (“grid hardware”).",
        ),
        (
            "fr",
            "3 appels semblables ont été écartés pour le rôle que nous y aurions (« grid hardware »).",
        ),
    ],
)
def test_three_calls_on_grid_hardware_were_dismissed_for_their_role(language: Language, said: str) -> None:
    found = learnt(words_in(language), match(learnt=[entry(3, "role", "not_relevant", "grid hardware")]))
    assert found.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("count", [1, 2, 1_000])
@pytest.mark.parametrize("reason", ["", "theme", "role", "territory", "other", "a reason of tomorrow"])
def test_every_reason_makes_a_sentence(language: Language, count: int, reason: str) -> None:
    words = words_in(language)
    said = learnt(words, match(learnt=[entry(count, reason)]))
    assert words.number(count) in said
    assert said.endswith(".")
    assert "%" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_wanted_is_said_too(language: Language) -> None:
    words = words_in(language)
    one, two = (learnt(words, match(learnt=[entry(n, "", "relevant")])) for n in (1, 2))
    assert one != two
    assert one != learnt(words, match(learnt=[entry(1, "")]))


def test_nothing_learnt_is_said_by_nothing() -> None:
    assert learnt(words_in("ca"), match()) == ""
    assert likelihood(words_in("ca"), match()) == ""


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.0, "at most 5% likely to be relevant"),
        (0.02, "at most 5% likely to be relevant"),
        (0.04, "5% likely to be relevant"),
        (0.41, "40% likely to be relevant"),
        (0.999, "95% likely to be relevant"),
        (1.0, "95% likely to be relevant"),
    ],
)
def test_a_probability_is_told_as_exactly_as_decisions_bear(probability: float, said: str) -> None:
    assert likelihood(words_in("en"), match(probability=probability)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_probabilities_in_every_language(language: Language) -> None:
    said = likelihood(words_in(language), match(probability=0.4))
    assert "40" in said
    assert said != likelihood(words_in(language), match(probability=0.0))


def test_mail_and_summary_tell_it(database: Database) -> None:
    facts = {"probability": 0.41, "learnt": [entry(3, "", "not_relevant", "xarxa")]}
    matched(database, record("TEST-1"), **facts)
    with database.reading() as session:
        selection = select_digest(session, organisation(), officer(), NOW)
        overview = select_all(session, organisation(), NOW)
    letter = write_letter(selection, organisation(), officer(), NOW)
    summary = render_summary(overview, organisation(), NOW, "ca")
    for page in (letter.text, letter.html, summary):
        text = " ".join(unescape(page).split())
        assert "Es van descartar 3 convocatòries semblants («xarxa»)." in text
        assert "40 % de probabilitat que sigui rellevant" in text
