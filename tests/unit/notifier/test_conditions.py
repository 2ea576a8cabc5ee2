"""Conditions and reasons on the call sheet: what is known in words, what is not known left out."""

from pathlib import Path
from typing import Any

import pytest

from config.organisation import LANGUAGES, Language
from notifier.conditions import conditions
from notifier.letter import write_letter
from notifier.reasons import eligibility, evidence, verdict_label
from notifier.selection import select_digest
from notifier.summary import write_summary
from notifier.words import words_in
from store.database import Database
from store.models import Call, Match
from tests.unit.notifier.builders import NOW, officer, organisation, record, store
from tests.unit.notifier.builders import match as keep_match


def fact(value: int, basis: str = "call", **more: Any) -> dict[str, Any]:
    return {"value": value, "basis": basis, "field": "conditions", "words": "TEST"} | more


def match(**known: Any) -> Match:
    """A match of which only what is asked for here is known."""
    return Match(**known)


def lines(language: Language, known: dict[str, Any], **facts: Any) -> list[str]:
    stated: dict[str, Any] = {"grant_max_cents": None, "currency": "EUR", "expected_grants": None}
    call = Call(**stated | facts)
    text = conditions(words_in(language), call, match(conditions=known))
    return [line.replace("\u00a0", " ").replace("\u202f", " ") for line in text]


def test_nothing_known_says_nothing() -> None:
    assert lines("ca", {}) == []


CONSORTIUM = {"min_partners": fact(3), "min_countries": fact(3)}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ca", "Com a mínim 3 socis de 3 països"),
        ("es", "Como mínimo 3 socios de 3 países"),
        ("en", "At least 3 partners from 3 countries"),
        ("fr", "Au moins 3 partenaires de 3 pays"),
    ],
)
def test_consortium(language: Language, expected: str) -> None:
    assert lines(language, CONSORTIUM) == [expected]


def test_partners_without_countries_and_the_programme_s_rule() -> None:
    assert lines("en", {"min_partners": fact(5)}) == ["At least 5 partners"]
    assert lines("en", {"min_partners": fact(5, "programme")}) == [
        "At least 5 partners (general rule of the programme)"
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("ca", "Paga el 95 % dels costos subvencionables; el 5 % restant va a càrrec dels socis"),
        ("es", "Paga el 95 % de los costes subvencionables; el 5 % restante corre a cargo de los socios"),
        ("en", "Pays 95% of the eligible costs; 5% is left to the partners"),
        ("fr", "Finance 95 % des coûts éligibles ; 5 % restent à la charge des partenaires"),
    ],
)
def test_rate_and_own_share(language: Language, expected: str) -> None:
    assert lines(language, {"funding_rate": fact(95)}) == [expected]


def test_own_share_in_euros_where_the_largest_grant_is_known() -> None:
    (line,) = lines("en", {"funding_rate": fact(60)}, grant_max_cents=3_000_000_00)
    assert line == "Pays 60% of the eligible costs; 40% is left to the partners, €2M with the largest grant"


def test_rates_and_own_shares_of_other_kinds() -> None:
    assert lines("en", {"funding_rate": fact(100)}) == ["Pays 100% of the eligible costs"]
    assert lines("en", {"funding_rate": fact(60, highest=100)}) == [
        "Pays from 60% to 100% of the eligible costs, depending on the case"
    ]
    assert lines("en", {"own_share": fact(20)}) == ["Own share: at least 20%"]
    assert lines("en", {"funding_rate": fact(70), "own_share": fact(25)}) == [
        "Pays 70% of the eligible costs; 25% is left to the partners"
    ]
    assert lines("ca", {"own_share": fact(11)}) == ["Aportació pròpia: com a mínim l’11 %"]


def test_those_who_must_be_there_and_a_single_grant() -> None:
    required = {"must_include": [{"field": "conditions", "words": "at least two cities"}]}
    assert lines("en", required) == ["Must include “at least two cities”"]
    one = {"one_grant": fact(1)}
    assert lines("en", one) == ["A single grant is expected"]
    assert lines("en", one, expected_grants=1) == []  # the budget says so
    operator = {"operator": {"field": "title", "words": "support facility"}}
    assert lines("en", one | operator, expected_grants=1) == [
        "A single grant, for the body that runs it: “support facility”"
    ]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("applicants", "The applicants listed are “X”."),
        ("regions", "The regions stated are “X”."),
        ("countries", "The countries stated are “X”."),
        ("programme", "The programme is “X”."),
        ("text", "The call says “X”."),
    ],
)
def test_where_the_words_stand(field: str, expected: str) -> None:
    found = match(evidence=[{"field": field, "words": "X"}])
    assert evidence(words_in("en"), found) == (expected,)


def test_decision_is_told_with_the_rule_it_overruled() -> None:
    def told(*found: dict[str, Any]) -> str:
        decided = match(verdict="open", rule="decision", evidence=list(found))
        assert verdict_label(words_in("en"), decided) == "Open to us"
        return eligibility(words_in("en"), organisation(), decided)

    alone = "Somebody on the team decided that it is open to us."
    assert told() == alone
    assert told({"field": "conditions", "words": "SMEs", "rule": "no_longer_there"}) == alone
    assert told({"field": "conditions", "words": "SMEs", "rule": "smes"}) == (
        f"{alone} The rule had said: Only for SMEs en"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_conditions_stand_in_the_letter_and_in_the_summary(
    database: Database, tmp_path: Path, language: Language
) -> None:
    store(database, record("TEST-1"))
    keep_match(database, ("TEST-1", 1.0), conditions={"min_partners": fact(4)})
    expected = words_in(language).gettext("At least %(partners)s partners", partners="4")
    who, page = officer(language=language), tmp_path / "summary.html"
    with database.reading() as session:
        letter = write_letter(select_digest(session, organisation(), who, NOW), organisation(), who, NOW)
        write_summary(session, organisation(), NOW, page, language)
    for text in (letter.text, letter.html, page.read_text(encoding="utf-8")):
        assert expected in text
