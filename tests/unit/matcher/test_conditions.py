"""What a call asks of a consortium and what it pays, read from its words in four languages; what is not that is left."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.organisation import Organisation
from config.schema import ProgrammeRule
from matcher.conditions import Conditions, read_conditions
from store.models import Call

CONDITIONS_OF_A_TOPIC = (
    "General conditions1. Admissibility conditionsdescribed in Annex A.The following criteria apply:"
    "This topic requires the active involvement, as beneficiaries, of at least 2 customs authorities[[Bodies of "
    "a State. They act at its borders.]] from at least 2 different Member States.The funding rate is 70 % of the costs."
)


def call(conditions: str = "", text: str = "", language: str = "en", **facts: Any) -> Call:
    known: dict[str, Any] = {
        "titles": {language: "TEST title"},
        "texts": {language: text} if text else {},
        "conditions": {language: conditions} if conditions else {},
        "identifiers": ["TEST-1"],
        "types_of_action": [],
        "programme": "",
    }
    return Call(**known | facts)


def numbers(found: Conditions) -> tuple[int | None, int | None]:
    return (
        found.min_partners.value if found.min_partners else None,
        found.min_countries.value if found.min_countries else None,
    )


CONSORTIA = [
    ("At least three independent legal entities, each established in a different Member State.", (3, 3)),
    ("Proposals must be submitted by at least 3 applicants from 3 different eligible countries.", (3, 3)),
    ("A consortium of minimum three and maximum five independent legal entities applies.", (3, None)),
    ("Entities from at least four cities, each from a different Member State, must take part.", (4, 4)),
    ("There must be at least 3 organisations from at least 4 different EU Member States.", (4, 4)),
    ("One legal entity and at least two other legal entities, each from a different country.", (3, 3)),
    ("The project has a minimum of 5 partners.", (5, None)),
    ("Al menos tres socios de tres países.", (3, 3)),
    ("Como mínimo cuatro entidades independientes, cada una de un Estado miembro distinto.", (4, 4)),
    ("Com a mínim tres socis de dos països diferents.", (3, 2)),
    ("Almenys tres entitats, cadascuna d'un país diferent.", (3, 3)),
    ("Au moins trois partenaires de trois pays.", (3, 3)),
    ("Au moins deux organismes, chacun d'un État membre différent.", (2, 2)),
]


@pytest.mark.parametrize(("words", "expected"), CONSORTIA)
def test_least_partners_and_countries(words: str, expected: tuple[int | None, int | None]) -> None:
    assert numbers(read_conditions(call(words))) == expected


@pytest.mark.parametrize(
    "words",
    [
        "At least one partner takes part.",
        "Demonstrate it in at least three cities, each from a different Member State.",
        "At least 30% of the beneficiaries come from other countries.",
        "At least three Member States are covered.",
        "Consultations take place in at least 3 Member States.",
        "At least three entities from at least one of the regions named.",
        "At least 3 pilots in different Member States.",
        "Solutions for at least three cities.",
        "Minimum budget: 3 M€.",
        "",
    ],
)
def test_other_numbers_are_no_consortium(words: str) -> None:
    assert numbers(read_conditions(call(words))) == (None, None)


def test_text_counts_only_where_it_says_who_applies() -> None:
    asked = "Proposals must be submitted by at least 3 applicants from 3 different countries."
    wished = "Work with at least 3 partners from 3 different countries is welcome."
    assert numbers(read_conditions(call(text=asked))) == (3, 3)
    assert numbers(read_conditions(call(text=wished))) == (None, None)


def test_strictest_of_several_counts() -> None:
    words = "At least two applicants from two countries. For topic 2, at least 5 applicants from 4 countries."
    assert numbers(read_conditions(call(words))) == (5, 4)


def test_those_who_must_be_among_the_partners() -> None:
    found = read_conditions(call(CONDITIONS_OF_A_TOPIC))
    (required,) = found.must_include
    assert required.words == "… at least 2 customs authorities …"
    stored = CONDITIONS_OF_A_TOPIC[required.start : required.end]
    assert stored == "at least 2 customs authorities"
    assert numbers(found) == (None, None)


@pytest.mark.parametrize(
    "words",
    [
        "Proposals must include at least one work package on ethics.",
        "Each proposal must include pilot demonstrations in at least 4 pilot sites.",
        "Proposals must include a plan.",
        "The consortium must include at least three applicants from three different countries.",
    ],
)
def test_other_duties_are_no_partners(words: str) -> None:
    assert read_conditions(call(words)).must_include == ()


RATES = [
    ("The funding rate is 80% of the eligible costs.", (80, None)),
    ("Maximum funding rate: 90%Maximum contribution: see below.", (90, None)),
    ("Funding rateOther Action Grants (OAGs) — 95% Objective: trees.", (95, None)),
    (
        "The funding rate is 60%, except for non-profit bodies, where the funding rate is up to 100%.",
        (100, None),
    ),
    ("The funding rate is 60% for small and the funding rate is 40% for large ones.", (40, 60)),
    ("Up to 50 % of the eligible costs are paid.", (50, None)),
    ("La ayuda cubrirá hasta el 75 % de los gastos subvencionables.", (75, None)),
    ("Intensidad de la ayuda: 40 %.", (40, None)),
    ("L'ajut cobreix fins al 80 % de les despeses.", (80, None)),
    ("El percentatge d'ajut és del 65 %.", (65, None)),
    ("L'aide couvre jusqu'à 70 % des dépenses.", (70, None)),
    ("Taux de cofinancement : 85 %.", (85, None)),
    ("The funding rate of grants to third parties is 70%.", None),
    ("By 2030, 55% of the costs of waste are to be saved.", None),
    ("The funding rate is 250%.", None),
    ("", None),
]


@pytest.mark.parametrize(("words", "expected"), RATES)
def test_funding_rate(words: str, expected: tuple[int, int | None] | None) -> None:
    rate = read_conditions(call(words)).funding_rate
    assert (rate and (rate.value, rate.highest)) == expected


def test_funding_rate_that_the_source_states_as_a_number() -> None:
    rate = read_conditions(call("The funding rate is 80%.", funding_rate=60)).funding_rate
    assert rate is not None
    assert (rate.value, rate.basis, rate.evidence.field) == (60, "call", "funding_rate")


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ("Co-financing of at least 20 % is required.", 20),
        ("A minimum of 10% of own contribution.", 10),
        ("Una cofinanciación de como mínimo el 25 %.", 25),
        ("Una aportació pròpia de com a mínim el 15 %.", 15),
        ("Apport propre d'au moins 30 %.", 30),
        ("At least 40 % of the partners are SMEs.", None),
    ],
)
def test_own_share(words: str, share: int | None) -> None:
    found = read_conditions(call(words)).own_share
    assert (found and found.value) == share


def test_one_grant_and_the_body_that_runs_it() -> None:
    assert read_conditions(call(expected_grants=2)).one_grant is None
    one = read_conditions(call(expected_grants=1))
    assert one.one_grant
    assert one.operator is None
    facility = read_conditions(
        call(expected_grants=1, titles={"en": "TEST support facility for local authorities"})
    )
    assert facility.operator
    assert facility.operator.words == "support facility"
    said = read_conditions(call("Only one proposal will be funded under this topic."))
    assert said.one_grant
    assert said.one_grant.evidence.field == "conditions"


@pytest.fixture
def programme() -> ProgrammeRule:
    return ProgrammeRule(
        id="test",
        field="type_of_action",
        pattern="^TEST Actions$",
        min_partners=3,
        min_countries=3,
        funding_rate=70,
        evidence="test",
    )


def test_programme_fills_what_a_call_leaves_open(programme: ProgrammeRule) -> None:
    found = read_conditions(call(types_of_action=["TEST Actions"]), [programme])
    assert numbers(found) == (3, 3)
    assert found.funding_rate
    assert (found.funding_rate.basis, found.funding_rate.evidence.rule) == ("programme", "test")
    assert read_conditions(call(types_of_action=["Other actions"]), [programme]) == Conditions()


def test_call_s_own_word_beats_its_programme(programme: ProgrammeRule) -> None:
    words = "At least five applicants from four countries. The funding rate is 90%."
    found = read_conditions(call(words, types_of_action=["TEST Actions"]), [programme])
    assert numbers(found) == (5, 4)
    assert found.funding_rate
    assert (found.funding_rate.value, found.funding_rate.basis) == (90, "call")


def test_two_cities_are_asked_for_on_top_of_the_programme_s_three_partners(programme: ProgrammeRule) -> None:
    words = "At least two cities, each from a different Member State, must participate as beneficiaries."
    found = read_conditions(call(words, types_of_action=["TEST Actions"]), [programme])
    assert numbers(found) == (3, 3)
    assert [one.words for one in found.must_include] == [words]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"types_of_action": ["HORIZON Innovation Actions"]}, (3, 3, 100)),
        ({"types_of_action": ["HORIZON Coordination and Support Actions"]}, (None, None, 100)),
        ({"types_of_action": ["HORIZON JU Innovation Actions"]}, (None, None, None)),
        ({"identifiers": ["LIFE-2026-CET-TEST"]}, (3, 3, 95)),
        ({"identifiers": ["LIFE-2026-SAP-TEST"]}, (None, None, 60)),
        ({"identifiers": ["CERV-2026-CITIZENS-TOWN-NT"]}, (4, 4, None)),
        ({"programme": "Interreg NEXT MED"}, (3, 3, 89)),
        ({"programme": "Interreg Euro-MED"}, (5, 5, None)),
        ({"identifiers": []}, (None, None, None)),
    ],
)
def test_programmes_of_the_organisation(
    organisation: Organisation, facts: dict[str, Any], expected: tuple[int | None, ...]
) -> None:
    found = read_conditions(call(**facts), organisation.programmes)
    rate = found.funding_rate.value if found.funding_rate else None
    assert (*numbers(found), rate) == expected


def test_as_json_is_what_is_known_alone() -> None:
    assert read_conditions(call()).as_json() == {}
    known = read_conditions(call("At least 3 applicants. The funding rate is 40% or 60%.")).as_json()
    assert set(known) == {"min_partners", "funding_rate"}
    assert known["min_partners"] == {
        "value": 3,
        "basis": "call",
        "field": "conditions",
        "words": "At least 3 applicants",
        "start": 0,
        "end": 21,
        "language": "en",
        "rule": "",
    }


@given(st.text(max_size=400))
def test_any_text_is_read(text: str) -> None:
    words = f"{text} at least 3 applicants {text} funding rate 7% {text}"
    for by in ({"conditions": words}, {"text": words}):
        for fact in vars(read_conditions(call(**by))).values():
            assert fact is None or fact == () or fact


def test_long_text_without_spaces_is_read_quickly() -> None:
    words = "at least three " + "x" * 1_000_000 + "% funding rate " + "at least " * 10_000
    assert numbers(read_conditions(call(words))) == (None, None)
