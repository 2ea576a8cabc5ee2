"""Every rule of the organisation fires on what it means, shows the words, and spares the rest."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.organisation import Organisation
from config.schema import Rule
from matcher.documents import Document
from matcher.eligibility import QUOTED, Eligibility, Verdict, judge, quote
from matcher.excerpts import excerpts_of
from matcher.profile import Profile

MakeDocument = Callable[..., Document]

FIRES = {
    "eic_accelerator": "HORIZON-EIC-2026-ACCELERATOR-TEST",
    "eic_accelerator_action": "HORIZON EIC Accelerator Blended Finance",
    "eic_pre_accelerator": "TEST EIC Pre-Accelerator",
    "widening": "HORIZON-WIDERA-2026-TEST-WIDENING-01",
    "erc": "ERC-2026-TEST",
    "msca_fellowships": "HORIZON-MSCA-2026-PF-TEST",
    "msca_fellowships_action": "HORIZON TMA MSCA Postdoctoral Fellowships - European Fellowships",
    "era_fellowships": "ERA Fellowships TEST",
    "msca_doctoral": "HORIZON-MSCA-2026-DN-TEST",
    "msca_doctoral_action": "HORIZON TMA MSCA Doctoral Networks",
    "msca_staff_exchanges": "HORIZON-MSCA-2026-SE-TEST",
    "defence": "EDF-2026-TEST",
    "euratom": "HORIZON-EURATOM-2026-TEST",
    "cascade_closed_class": "TEST open call for start-ups in robotics",
    "programme_cofund": "HORIZON Programme Cofund Actions",
    "named_partnership": "Additional activities for the European TEST Partnership",
    "framework_beneficiary": "Specific Grant Agreement for the TEST flagship",
    "framework_beneficiary_identifier": "TEST-2026-FLAGSHIP-SGA",
    "identified_beneficiary": "TEST-2026-OPERATOR-IBA",
    "city_facility_operator": "LIFE-2026-CET-EUCF",
    "life_ngo": "LIFE-2026-NGO-TEST",
    "operating_grants": "LIFE Operating Grants",
    "food_safety_list": "EUBA-EFSA-2026-TEST",
    "higher_education_charter": "ERASMUS ECHE Charter",
    "jean_monnet": "ERASMUS-JMO-2026-CHAIR",
    "interpreter_training": "EP-LINC-SUBV-2026-TEST",
    "workers_organisations": "SOCPL-2026-INFO-WK",
    "customs_and_tax": "FISC-2026-TEST",
    "statistics": "SMP-ESS-2026-TEST",
    "health_joint_actions": "EU4H-2026-JA-TEST",
    "national_points": "TEST network of National Contact Points",
    "national_authorities": "TEST call for proposals to national consumer protection authorities",
    "prizes_for_researchers": "HORIZON-JU-EDCTP3-2026-TESTPRIZE",
    "prizes_for_persons": "TEST prize for women who invent",
    "european_media": "CREA-MEDIA-2026-TEST",
    "judicial_training": "JUST-2026-JTRA",
    "farm_promotion": "AGRIP-SIMPLE-2026-TEST",
    "cohesion_envelope": "CEF-T-2026-TESTCOEN-WORKS",
    "europe_direct_elsewhere": "ED-2026-PORTUGAL-TEST",
    "development_funds": "Green Climate Fund",
    "development_funds_title": "How to reach the Adaptation Fund TEST",
    "single_company": "The applicant is a single company classified as a SME. It is young.",
    "smes_only": "In this TEST call applicants must be SMEs established in the Union.",
    "only_another_class": "We remind you: only universities can apply.",
    "defence_focal_points": "Reserved for EDF-NFP members.",
    "nominated_by_state": "Bodies nominated by a Member State take part.",
    "listed_by_states": "Applicants must be on the list of competent organisations.",
    "named_entity": "According to the decision the following entity may apply.",
    "coordinator_of_earlier_consortium": (
        "The proposal must be submitted by the coordinator of the consortium funded under TEST."
    ),
    "restricted_call": "This is a restricted call.",
    "security_bodies_required": "Consortia include at least 3 police authorities from 3 countries.",
    "widening_countries": "Coordinators come from widening countries.",
    "other_biogeographical_region": "Soils of the Boreal and Alpine regions",
    "other_biogeographical_region_conditions": "Sites lie in the Pannonian biogeographical region.",
    "only_islands_rural_mountains": "Support is limited to projects on islands of the north.",
    "less_developed_regions": "Open only to applicants from less developed regions.",
    "small_municipalities": "The prize is for municipalities with fewer than 20 000 inhabitants.",
    "cities_not_supported_before": "The call is for cities that have not been supported before.",
    "mountain_districts": "TEST camins de les comarques de muntanya",
    "other_regions": "ES11 ES300",
    "other_regions_of_programme": "ES11 PT11",
    "other_countries": "PT IE",
    "smes_only_es": "Ayudas dirigidas a autónomos del sector textil.",
    "smes_only_ca": "Ajuts exclusivament per a les pimes del comerç.",
    "smes_only_fr": "Une aide réservée aux PME du textile.",
    "non_profit_entities_es": "Pueden presentarse entidades sin ánimo de lucro.",
    "non_profit_entities_ca": "S'hi poden presentar entitats sense afany de lucre.",
    "natural_persons_only": "PERSONAS FÍSICAS QUE NO DESARROLLAN ACTIVIDAD ECONÓMICA",
    "businesses_only": "PYME Y PERSONAS FÍSICAS QUE DESARROLLAN ACTIVIDAD ECONÓMICA",
    "networks_of_towns": "CERV-2026-CITIZENS-TOWN-NT",
    "life_projects": "LIFE-2026-SAP-ENV-TEST",
    "local_digital_twins_title": "LDT4SSC TEST open call",
    "local_digital_twins_text": "Part of LDT4SSC.",
    "neb_cascade_title": "Ignite NEB TEST",
    "neb_cascade_text": "Part of Catalyse NEB.",
    "public_buyers": "A buyers’ group of at least three contracting authorities.",
    "local_bodies_ca": "Beneficiaris: ens locals i consells comarcals.",
    "local_bodies_es": "Beneficiarios: entidades locales y mancomunidades.",
    "local_bodies_fr": "Bénéficiaires : les collectivités territoriales.",
    "public_bodies_es": "Beneficiarios: personas jurídicas, públicas o privadas.",
    "local_authorities_listed": "Local public authority",
    "cities_as_beneficiaries": "At least three cities must take part.",
}
"""A made-up text on which each rule fires."""

BESIDE: dict[str, dict[str, Any]] = {
    "named_partnership": {"kind": "call"},
    "framework_beneficiary": {"kind": "call"},
    "framework_beneficiary_identifier": {"kind": "call"},
    "identified_beneficiary": {"kind": "call"},
    "national_points": {"kind": "call"},
    "prizes_for_persons": {"kind": "prize", "type_of_action": "HORIZON Recognition Prize"},
    "other_regions": {"countries": ("ES",)},
    "other_regions_of_programme": {"countries": ("ES", "PT")},
    "other_countries": {"programme": "Interreg TEST"},
}
"""What other fields of the same call say, for rules that ask for it."""

STOPPED = {
    "cascade_closed_class": "TEST open call for start-ups that pilot with cities",
    "national_authorities": "TEST call for proposals to national and local authorities",
    "prizes_for_persons": "TEST prize for cities that women lead",
    "other_regions": "ES11 ES511",
    "other_regions_of_programme": "ES51 PT11",
    "other_countries": "PT ES",
    "local_bodies_ca": "Tothom, excepte els ens locals.",
    "local_bodies_es": "Cualquiera, salvo las entidades locales.",
    "only_another_class": "Here only NGOs, municipalities and their networks can apply.",
    "restricted_call": "This is a restricted call for the cities of the mission.",
    "other_biogeographical_region": "Soils of the Alpine and Mediterranean regions",
    "other_biogeographical_region_conditions": "The Alpine and Mediterranean biogeographical regions.",
    "only_islands_rural_mountains": "Limited to islands, rural areas and urban areas.",
    "less_developed_regions": "Only less developed regions and transition regions.",
    "smes_only_es": "Ayudas dirigidas a autónomos y a entidades locales.",
    "smes_only_ca": "Exclusivament per a les pimes o els ajuntaments.",
    "smes_only_fr": "Réservé aux PME et aux communes.",
    "non_profit_entities_es": "Entidades sin ánimo de lucro y ayuntamientos.",
    "non_profit_entities_ca": "Entitats sense ànim de lucre i ajuntaments.",
    "public_buyers": "Public procurers of hospitals.",
}
"""The same for each rule with an `unless`, which the text holds too."""


@pytest.fixture(scope="module")
def rules(organisation: Organisation) -> dict[str, Rule]:
    return {rule.id: rule for rule in organisation.rules}


@pytest.fixture
def about(rules: dict[str, Rule], document: MakeDocument) -> MakeDocument:
    """A document whose field of a rule is `text`."""

    def make(rule: str, text: str, **beside: Any) -> Document:
        field = rules[rule].field
        value: Any = text
        if field in ("countries", "regions"):
            value = tuple(text.split())
        elif field == "applicants":
            value = text.splitlines()
        return document(**({"title": "A title"} | BESIDE.get(rule, {}) | {field: value} | beside))

    return make


def test_every_rule_and_every_exception_is_tried(rules: dict[str, Rule]) -> None:
    assert set(FIRES) == set(rules)
    assert set(STOPPED) == {rule.id for rule in rules.values() if rule.unless}
    assert set(BESIDE) == {rule.id for rule in rules.values() if rule.where}


@pytest.mark.parametrize("rule", FIRES)
def test_rule_fires_and_quotes_the_words(rules: dict[str, Rule], about: MakeDocument, rule: str) -> None:
    found = judge(about(rule, FIRES[rule]), [rules[rule]])
    assert (found.verdict, found.rule, found.role) == (rules[rule].verdict, rule, rules[rule].role)
    (evidence,) = found.evidence
    assert evidence.field == rules[rule].field
    assert evidence.words
    assert evidence.words.removeprefix("… ").removesuffix(" …") in FIRES[rule]


@pytest.mark.parametrize("rule", FIRES)
def test_no_other_rule_says_otherwise_of_the_same_text(
    rules: dict[str, Rule], about: MakeDocument, rule: str
) -> None:
    assert judge(about(rule, FIRES[rule]), tuple(rules.values())).verdict == rules[rule].verdict


@pytest.mark.parametrize("rule", STOPPED)
def test_exception_stops_a_rule(rules: dict[str, Rule], about: MakeDocument, rule: str) -> None:
    assert judge(about(rule, STOPPED[rule]), [rules[rule]]) == Eligibility(Verdict.UNKNOWN)


@pytest.mark.parametrize("rule", BESIDE)
def test_rule_asks_for_what_other_fields_say(rules: dict[str, Rule], about: MakeDocument, rule: str) -> None:
    beside: dict[str, Any] = {
        name: () if isinstance(value, tuple) else "" for name, value in BESIDE[rule].items()
    }
    if rule == "other_regions":
        beside = {"countries": ("ES", "FR")}
    assert judge(about(rule, FIRES[rule], **beside), [rules[rule]]) == Eligibility(Verdict.UNKNOWN)


@pytest.mark.parametrize("rule", FIRES)
def test_mentions_only_save_time(rules: dict[str, Rule], about: MakeDocument, rule: str) -> None:
    quick = rules[rule]
    slow = quick.model_copy(update={"mentions": ()})
    for text in FIRES.values():
        made = about(rule, text)
        assert judge(made, [quick]) == judge(made, [slow])


TRAPS = [
    (
        "SMEs and industry as partners",
        "SMEs, start-ups, industry and research organisations are invited.",
        "",
    ),
    ("Students and clinical research", "Students and clinicians take part beside PYMES.", ""),
    ("", "", ""),
    ("A call that says nothing of who may apply", "", ""),
    ("Procurement of innovation in security", "Public procurement of innovation for civil security.", ""),
    (
        "Procurement of innovation in health",
        "Public procurers of hospitals buy together.",
        "public procurers of hospitals",
    ),
    ("Protection of public spaces", "Local authorities protect public spaces.", ""),
    (
        "Urban air mobility",
        "Metropolitan digital twin of water, waste, housing and cooperation networks.",
        "",
    ),
    ("Consortium", "", "At least three independent legal entities from three different countries."),
    ("Consortium with SMEs", "", "The consortium must include at least one SME and one university."),
    ("Support facility for local authorities", "One grant is expected for the support facility.", ""),
    ("Partners", "", "At least 3 SMEs, 2 universities and 1 research organisation must take part."),
    ("Rate", "", "The funding rate is 60%, except for non-profit legal entities: 100%."),
    ("Empresas", "Beneficiarios: grandes empresas, pymes y entidades públicas.", ""),
    ("Not only for research", "Not only universities but all bodies may apply.", "Not only researchers."),
    ("Guidance on restricted calls", "", "See the guidance for participation in restricted calls."),
    ("Cooperation with defence", "The topic has no link to the European Defence Fund.", ""),
    ("Programa para pymes y ayuntamientos", "Las pymes y los ayuntamientos participan.", ""),
    ("Ajuts a pimes i ajuntaments", "Pimes, ens locals i entitats sense ànim de lucre.", ""),
]


@pytest.mark.parametrize(("title", "body", "conditions"), TRAPS)
def test_traps_never_close_a_call(
    profile: Profile, document: MakeDocument, title: str, body: str, conditions: str
) -> None:
    assert judge(document(title, body, conditions=conditions), profile.rules).verdict is not Verdict.NOT_OPEN


@pytest.mark.parametrize(
    "identifier",
    [
        "CERV-2026-CITIZENS-TOWN-TT",
        "HORIZON-EIC-2026-PRIZE-TEST",
        "HORIZON-MSCA-2027-CITIZENS-TEST",
        "HORIZON-MISS-2026-CIT-TEST",
        "EUBA-EDFA-2026-TEST",
        "LIFE-2026-CET-LOCAL-TEST",
        "",
    ],
)
def test_schemes_that_are_open_stay_so(profile: Profile, document: MakeDocument, identifier: str) -> None:
    assert judge(document("A title", identifier=identifier), profile.rules).verdict is not Verdict.NOT_OPEN


def test_weightiest_rule_decides(profile: Profile, document: MakeDocument) -> None:
    text = "Public procurers take part. Widening countries. Applicants must be SMEs."
    assert judge(document("A title", conditions=text), profile.rules).rule == "smes_only"
    assert judge(document("A title", conditions=text[:46]), profile.rules).rule == "widening_countries"


def test_phrases_count_in_the_opening_and_not_further_down(profile: Profile, document: MakeDocument) -> None:
    phrase = "Applicants must be SMEs."
    assert judge(document("A title", phrase), profile.rules).verdict is Verdict.NOT_OPEN
    assert judge(document("A title", "x " * 400 + phrase), profile.rules).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "before", ["", "Short. ", "A sentence goes on and on, " * 20, "x" * 400 + " ", "One.\nTwo\n"]
)
@pytest.mark.parametrize("after", ["", ". More.", " and it goes on and on" * 20, "x" * 400, "\nNext line"])
def test_quotation_is_verbatim_whole_and_short(
    profile: Profile, document: MakeDocument, before: str, after: str
) -> None:
    phrase = "applicants must be SMEs"
    made = document("A title", conditions=f"{before}{phrase}{after}")
    (evidence,) = judge(made, profile.rules).evidence
    assert phrase in evidence.words
    assert evidence.words.removeprefix("… ").removesuffix(" …") in made.conditions
    assert len(evidence.words) <= QUOTED + len("… ") * 2
    if before.startswith("A sentence"):
        assert evidence.words.startswith("… ")


@pytest.mark.parametrize(
    ("countries", "regions", "verdict"),
    [
        ((), (), Verdict.UNKNOWN),
        (("ES",), ("ES",), Verdict.UNKNOWN),
        (("ES",), ("ES5",), Verdict.UNKNOWN),
        (("ES",), ("ES51",), Verdict.UNKNOWN),
        (("ES",), ("ES300", "ES511"), Verdict.UNKNOWN),
        (("ES", "FR"), ("FRJ15", "ES51"), Verdict.UNKNOWN),
        (("ES",), ("ES512", "ES513"), Verdict.NOT_OPEN),
        (("ES",), ("ES3",), Verdict.NOT_OPEN),
        ((), ("ES52",), Verdict.NOT_OPEN),
        (("ES", "FR"), ("ES512", "FRJ15"), Verdict.UNLIKELY),
        (("PT", "ES"), ("ES11", "PT11"), Verdict.UNLIKELY),
        (("CL",), (), Verdict.UNKNOWN),
    ],
)
def test_territory_by_codes(
    profile: Profile,
    document: MakeDocument,
    countries: tuple[str, ...],
    regions: tuple[str, ...],
    verdict: Verdict,
) -> None:
    """AMB is smaller than ES511. A country alone may be where a project takes place, as a delegation states it."""
    found = judge(document("A title", countries=countries, regions=regions), profile.rules)
    assert found.verdict is verdict
    if verdict is not Verdict.UNKNOWN:
        assert [(one.field, one.words) for one in found.evidence] == [("regions", " ".join(regions))]


@pytest.mark.parametrize(
    ("applicants", "verdict"),
    [
        (["PERSONAS JURÍDICAS QUE NO DESARROLLAN ACTIVIDAD ECONÓMICA"], Verdict.UNKNOWN),
        (["GRAN EMPRESA"], Verdict.UNKNOWN),
        (["GRAN EMPRESA", "PYME Y PERSONAS FÍSICAS QUE DESARROLLAN ACTIVIDAD ECONÓMICA"], Verdict.UNKNOWN),
        (["PYME Y PERSONAS FÍSICAS QUE DESARROLLAN ACTIVIDAD ECONÓMICA"], Verdict.UNLIKELY),
        (["PYME i Pers. físiques que desenvolupen activitat econòmica"], Verdict.UNLIKELY),
        (["PERSONAS FÍSICAS QUE NO DESARROLLAN ACTIVIDAD ECONÓMICA"], Verdict.NOT_OPEN),
        (
            [
                "PERSONAS FÍSICAS QUE NO DESARROLLAN ACTIVIDAD ECONÓMICA",
                "PERSONAS JURÍDICAS QUE NO DESARROLLAN ACTIVIDAD ECONÓMICA",
            ],
            Verdict.UNKNOWN,
        ),
        (["Associacions", "Ens locals"], Verdict.OPEN),
        (["Business support organisation", "Local public authority"], Verdict.OPEN),
        (["Àrees metropolitanes i consells comarcals"], Verdict.OPEN),
    ],
)
def test_applicants_of_registers(
    profile: Profile, document: MakeDocument, applicants: list[str], verdict: Verdict
) -> None:
    assert judge(document("A title", applicants=applicants), profile.rules).verdict is verdict


@pytest.mark.parametrize(
    ("title", "identifier"),
    [
        ("Additional activities for the TEST Partnership", "HORIZON-CL5-2026-TEST"),
        ("Specific Grant Agreements for the TEST platform", "HORIZON-MISS-2026-TEST-SGA"),
        ("Business plan of the TEST community", "HORIZON-EIT-2026-TEST-IBA"),
    ],
)
def test_what_is_closed_as_a_topic_stays_open_as_a_cascade_call(
    profile: Profile, document: MakeDocument, title: str, identifier: str
) -> None:
    topic = document(title, identifier=identifier, kind="call")
    cascade = document(title, identifier=identifier, kind="cascade")
    assert judge(topic, profile.rules).verdict is Verdict.NOT_OPEN
    assert judge(cascade, profile.rules).verdict is Verdict.UNKNOWN


def test_decision_beats_the_rule_and_keeps_what_the_rule_said(
    profile: Profile, document: MakeDocument
) -> None:
    closed = document("A title", call_id=7, conditions="Applicants must be SMEs.")
    assert judge(closed, profile.rules, {8}).verdict is Verdict.NOT_OPEN
    found = judge(closed, profile.rules, {7})
    assert (found.verdict, found.rule) == (Verdict.OPEN, "decision")
    assert [(one.rule, one.words) for one in found.evidence] == [("smes_only", "Applicants must be SMEs.")]


def test_decision_on_a_call_without_a_rule(profile: Profile, document: MakeDocument) -> None:
    assert judge(document("A title"), profile.rules, {1: "who"}) == Eligibility(Verdict.OPEN, "decision")


@pytest.mark.parametrize("heading", ["Scope:", "Segundo. Beneficiarios:", "Segon. Entitats beneficiàries."])
def test_phrases_count_below_a_telling_heading(
    profile: Profile, document: MakeDocument, heading: str
) -> None:
    made = document("A title", f"{'x ' * 400}{heading} Applicants must be SMEs.")
    (evidence,) = judge(made, profile.rules).evidence
    assert evidence.field == "text"
    assert evidence.words.endswith("Applicants must be SMEs.")


@given(st.lists(st.sampled_from(["Word", "word", ". ", "; ", " ", "\n", "9", "Ünder", ")"]), max_size=60))
def test_place_of_a_quotation_is_that_in_the_stored_text(pieces: list[str]) -> None:
    stored = "".join(pieces) + "Applicants must be SMEs" + "".join(reversed(pieces))
    (part,) = excerpts_of({"en": stored}, (), {})
    start = part.text.index("Applicants")
    evidence = quote(part, start, start + len("Applicants must be SMEs"))
    said = evidence.words.removeprefix("… ").removesuffix(" …")
    assert "".join(said.split()) == "".join(stored[evidence.start : evidence.end].split())
    assert "ApplicantsmustbeSMEs" in "".join(said.split())


def test_place_of_a_quotation_from_a_text_s_window(profile: Profile, document: MakeDocument) -> None:
    stored = (
        "One thing.Another thing;Scope:" + "y " * 500 + "Scope:All of it.Applicants must be SMEs;No more."
    )
    (evidence,) = judge(document("A title", stored), profile.rules).evidence
    assert (evidence.field, evidence.language) == ("text", "en")
    assert stored[evidence.start : evidence.end] == "Applicants must be SMEs;No more."


def test_no_rules_no_verdict(document: MakeDocument) -> None:
    assert judge(document("Applicants must be SMEs"), []) == Eligibility(Verdict.UNKNOWN)
