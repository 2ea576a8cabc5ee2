"""Every rule of the organisation fires on what it means, shows the words, and spares the rest."""

from collections.abc import Callable

import pytest

from config.organisation import Organisation
from config.schema import Rule
from matcher.documents import Document
from matcher.eligibility import QUOTED, Eligibility, Verdict, judge
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
    "city_facility_operator": "LIFE-2026-CET-EUCF",
    "life_ngo": "LIFE-2026-NGO-TEST",
    "operating_grants": "LIFE Operating Grants",
    "development_funds": "Green Climate Fund TEST window",
    "single_company": "The applicant is a single company classified as a SME. It is young.",
    "smes_only": "In this TEST call applicants must be SMEs established in the Union.",
    "only_another_class": "We remind you: only universities can apply.",
    "defence_focal_points": "Reserved for EDF-NFP members.",
    "nominated_by_state": "Bodies nominated by a Member State take part.",
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
    "smes_only_es": "Ayudas dirigidas a autónomos del sector textil.",
    "smes_only_ca": "Ajuts exclusivament per a les pimes del comerç.",
    "smes_only_fr": "Une aide réservée aux PME du textile.",
    "non_profit_entities_es": "Pueden presentarse entidades sin ánimo de lucro.",
    "non_profit_entities_ca": "S'hi poden presentar entitats sense afany de lucre.",
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
}
"""A made-up text on which each rule fires."""

STOPPED = {
    "cascade_closed_class": "TEST open call for start-ups that pilot with cities",
    "framework_beneficiary": "Specific Grant Agreement for climate-neutral cities TEST",
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
def about(rules: dict[str, Rule], document: MakeDocument) -> Callable[[str, str], Document]:
    """A document whose field of a rule is `text`."""

    def make(rule: str, text: str) -> Document:
        field = rules[rule].field
        return document(text) if field == "title" else document("A title", **{field: text})

    return make


def test_every_rule_and_every_exception_is_tried(rules: dict[str, Rule]) -> None:
    assert set(FIRES) == set(rules)
    assert set(STOPPED) == {rule.id for rule in rules.values() if rule.unless}


@pytest.mark.parametrize("rule", FIRES)
def test_rule_fires_and_quotes_the_words(
    rules: dict[str, Rule], about: Callable[[str, str], Document], rule: str
) -> None:
    found = judge(about(rule, FIRES[rule]), [rules[rule]])
    assert (found.verdict, found.rule, found.role) == (rules[rule].verdict, rule, rules[rule].role)
    (evidence,) = found.evidence
    assert evidence.field == rules[rule].field
    assert evidence.words
    assert evidence.words.removeprefix("… ").removesuffix(" …") in FIRES[rule]


@pytest.mark.parametrize("rule", FIRES)
def test_no_other_rule_says_otherwise_of_the_same_text(
    rules: dict[str, Rule], about: Callable[[str, str], Document], rule: str
) -> None:
    assert judge(about(rule, FIRES[rule]), tuple(rules.values())).verdict == rules[rule].verdict


@pytest.mark.parametrize("rule", STOPPED)
def test_exception_stops_a_rule(
    rules: dict[str, Rule], about: Callable[[str, str], Document], rule: str
) -> None:
    assert judge(about(rule, STOPPED[rule]), [rules[rule]]) == Eligibility(Verdict.UNKNOWN)


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


def test_no_rules_no_verdict(document: MakeDocument) -> None:
    assert judge(document("Applicants must be SMEs"), []) == Eligibility(Verdict.UNKNOWN)
