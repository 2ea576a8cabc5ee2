"""The ranking: theme times role, across languages, whatever comes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from config.organisation import Language
from matcher.documents import Document
from matcher.eligibility import Verdict
from matcher.explanation import Explanation, explain_all
from matcher.fusion import standardised_within
from matcher.profile import Profile
from matcher.ranking import Ranking
from matcher.scorers.encoder_tiers import Vectors
from tests.unit.matcher.encoders import MadeUp
from tests.unit.matcher.rankings import meant, ranked

MakeDocument = Callable[..., Document]

CITY = (
    "Circular waste management in cities",
    (
        "Municipalities and metropolitan authorities collect bio-waste separately and test it in urban living labs. "
        "Cities share their plans for waste prevention, reuse and recycling with local and regional authorities."
    ),
)
BATTERY = (
    "Solid electrolytes for sodium batteries",
    "Cathode chemistry, electrode coatings and cell design for high energy density, with electrochemical tests.",
)
NOISE = [
    ("Quantum sensors", "Photonic chips read out atoms in a vacuum chamber for navigation in space."),
    ("Vaccines against tropical fevers", "Clinical trials with patients in hospitals of endemic countries."),
    ("Poultry health", "Farm animals, feed additives and antimicrobial resistance in slaughterhouses."),
    ("Steel furnaces", "Hydrogen reduces iron ore in industrial furnaces and saves coking coal."),
    ("Satellite navigation receivers", "Antennas and chips for signals of the constellation in airplanes."),
    ("Deep sea mining tools", "Robots, sonar and samples of nodules from abyssal plains."),
    ("Theory of numbers", "Fellowships for mathematicians who prove theorems on primes."),
    ("Combat drones", "Swarms, jamming and armour for the armed forces."),
]


@pytest.fixture
def titles(document: MakeDocument, profile: Profile) -> Callable[..., list[str]]:
    """The titles of calls, best first."""

    def ordered(*calls: tuple[str, str]) -> list[str]:
        documents = [document(title, body, call_id=n) for n, (title, body) in enumerate(calls)]
        order = np.argsort(-ranked(documents, profile).scores)
        return [documents[number].title for number in order]

    return ordered


def test_waste_in_cities_ranks_above_battery_chemistry(titles: Callable[..., list[str]]) -> None:
    assert titles(BATTERY, *NOISE, CITY)[0] == CITY[0]


def test_neither_theme_nor_role_alone_is_as_good_as_both(titles: Callable[..., list[str]]) -> None:
    theme_alone = (
        "Circular waste management in industry",
        "Companies test chemical recycling of plastic waste, its prevention, reuse and recycling in refineries.",
    )
    role_alone = (
        "Carnival in cities",
        "Municipalities and metropolitan authorities, cities, local and regional authorities dance and sing.",
    )
    assert titles(theme_alone, role_alone, BATTERY, *NOISE, CITY)[0] == CITY[0]


@pytest.mark.parametrize(
    "call",
    [
        (
            "Gestión de residuos en las ciudades",
            (
                "Los municipios y las áreas metropolitanas recogen los biorresiduos por separado y los tratan. "
                "Las ciudades comparten sus planes de prevención de residuos, reutilización y reciclaje."
            ),
        ),
        (
            "Gestió de residus a les ciutats",
            (
                "Els municipis i les àrees metropolitanes recullen els biorresidus per separat i els tracten. "
                "Les ciutats comparteixen els seus plans de prevenció de residus, reutilització i reciclatge."
            ),
        ),
        (
            "Gestion des déchets dans les villes",
            (
                "Les communes et les aires métropolitaines collectent les biodéchets séparément et les traitent. "
                "Les villes partagent leurs plans de prévention des déchets, de réemploi et de recyclage."
            ),
        ),
    ],
)
def test_a_call_in_another_language_ranks_among_the_first(
    titles: Callable[..., list[str]], call: tuple[str, str]
) -> None:
    assert call[0] in titles(BATTERY, *NOISE, CITY, call)[:2]


def test_a_rule_that_closes_a_call_weighs_more_than_its_words(
    document: MakeDocument, profile: Profile
) -> None:
    open_, closed = document(*CITY), document(*CITY, identifier="ERC-2026-TEST")
    others = [document(*noise) for noise in NOISE]
    scores = ranked([open_, closed, *others], profile).scores
    assert scores[0] > scores[1]
    assert ranked([open_, closed], profile).eligibility[1].verdict is Verdict.NOT_OPEN


def check(ranking: Ranking, profile: Profile) -> list[Explanation]:
    """What holds of every ranking."""
    count = len(ranking.readings)
    assert ranking.scores.shape == ranking.percentiles.shape == (count,)
    assert ranking.area_strength.shape == (len(profile.themes), count)
    assert ranking.projects.shape == (len(profile.projects), count)
    for figures in (ranking.scores, ranking.percentiles, ranking.area_strength, ranking.projects):
        assert np.isfinite(figures).all()
    assert ((ranking.percentiles >= 0) & (ranking.percentiles <= 100)).all()
    explained = list(explain_all(ranking, profile))
    assert len(explained) == count
    for explanation in explained:
        assert all(0 < area["score"] < 1_000 for area in explanation.areas)
    return explained


def test_percentiles_go_from_the_last_to_the_first(document: MakeDocument, profile: Profile) -> None:
    ranking = ranked([document(*call) for call in (*NOISE, CITY, BATTERY)], profile)
    check(ranking, profile)
    assert sorted(ranking.percentiles) == pytest.approx(np.linspace(0, 100, len(NOISE) + 2))
    assert np.argmax(ranking.percentiles) == np.argmax(ranking.scores) == len(NOISE)


def test_no_calls(profile: Profile) -> None:
    assert check(ranked([], profile), profile) == []


def test_one_call_keeps_its_areas(document: MakeDocument, profile: Profile) -> None:
    (explanation,) = check(ranked([document(*CITY)], profile), profile)
    assert explanation.areas[0]["id"] == "waste_circular"


@pytest.mark.parametrize(
    "calls",
    [
        [("", "")],
        [("", ""), ("", "")],
        [("", ""), CITY],
        [CITY, CITY, CITY],
        [("廃棄物管理", "都市の廃棄物"), ("تدوير النفايات", "المدن"), CITY],
        [("\u0301\u200b", "\ufeff"), ("🌊", "🏙️" * 100)],
        [("1 2 3", "4 5 6"), ("a b", "c")],
        [("x" * 100_000, "y" * 100_000), CITY],
    ],
)
def test_odd_texts_get_finite_figures(
    document: MakeDocument, profile: Profile, calls: list[tuple[str, str]]
) -> None:
    check(ranked([document(*call) for call in calls], profile), profile)


def test_a_text_of_five_million_characters_takes_seconds(document: MakeDocument, profile: Profile) -> None:
    body = " ".join(f"Waste{number % 60_000} in cities and municipalities." for number in range(130_000))
    begun = time.process_time()
    check(ranked([document("Long", body), document(*CITY)], profile), profile)
    assert len(body) > 5_000_000
    assert time.process_time() - begun < 60


def test_a_profile_without_projects_rules_or_roles_words_still_ranks(
    document: MakeDocument, profile: Profile
) -> None:
    bare = replace(profile, projects=(), rules=(), roles=())
    ranking = ranked([document(*call) for call in (*NOISE, CITY)], bare)
    assert all(not explanation.projects for explanation in check(ranking, bare))
    assert np.argmax(ranking.scores) == len(NOISE)


def test_a_lone_call_in_a_language_is_told_from_another_subject() -> None:
    scores = np.array([0.1, 0.1, 0.3, 0.3, 0.9])
    within = standardised_within(scores, np.array([0, 0, 0, 0, 1]))
    assert within[4] > 0
    assert within[4] < (0.9 - scores.mean()) / scores.std()
    assert within[:4].sum() < 0.5


# --- With sentence vectors ------------------------------------------------------------------------------------------

MEANINGS = {
    "waste": ("waste", "residu", "déchet", "bottle"),
    "city": ("cit", "municip", "ciutat", "ciudad", "ville", "commune", "town hall"),
    "industry": ("industr", "compan", "empres", "entreprise", "furnace", "battery"),
}


def encode(texts: Sequence[str], kind: str) -> Vectors:
    """Vectors of what a text is about, with the two things that every vector of a real encoder holds as well: text, and
    its kind."""
    rows = [
        [
            *(float(any(word in text.lower() for word in words)) for words in MEANINGS.values()),
            2.0,
            float(kind == "query"),
        ]
        if text.strip()
        else [0.0] * (len(MEANINGS) + 2)
        for text in texts
    ]
    vectors = np.array(rows, dtype=np.float32).reshape(len(texts), len(MEANINGS) + 2)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def test_vectors_find_what_no_word_of_the_profile_says(document: MakeDocument, profile: Profile) -> None:
    wanted = document("Bottles", "The town hall gathers empty bottles.")
    documents = [*(document(*call) for call in NOISE), wanted]
    with_vectors = ranked(documents, profile, meaning=meant(documents, profile, encode))
    assert np.argmax(with_vectors.scores) == len(NOISE)
    assert set(with_vectors.parts) - set(ranked(documents, profile).parts) == {"theme", "role"}


def test_what_is_nearer_to_others_ranks_lower(document: MakeDocument, profile: Profile) -> None:
    documents = [document("Bottles", "In the furnace."), document("Bottles", "In the street.")]
    meaning = meant(documents, profile, encode)
    assert meaning.taking_part[0] < meaning.taking_part[1]


def test_a_profile_without_others_is_compared_as_it_is(document: MakeDocument, profile: Profile) -> None:
    documents = [document(*call) for call in (*NOISE, CITY)]
    meaning = meant(documents, replace(profile, others=()), encode)
    assert meaning.areas.min() > 0
    assert meaning.taking_part.min() > 0


def test_a_profile_in_one_language_has_vectors_of_that_language(
    document: MakeDocument, profile: Profile
) -> None:
    empty: dict[Language, str] = {"ca": "", "es": "", "fr": ""}
    one = replace(
        profile, others=tuple({**other, **empty} for other in profile.others), roles=(), projects=()
    )
    meaning = meant([document(*CITY)], one, encode)
    assert meaning.role == pytest.approx(-encode([other["en"] for other in one.others], "query").mean(axis=0))


@pytest.mark.parametrize("count", [0, 1, 2, 10])
@pytest.mark.parametrize("bare", [False, True])
def test_few_or_empty_calls_and_a_bare_profile_with_vectors(
    document: MakeDocument, profile: Profile, count: int, bare: bool
) -> None:
    documents = [document(*call) for call in [("", ""), CITY, *NOISE][:count]]
    known = replace(profile, projects=(), rules=(), roles=(), others=()) if bare else profile
    for encoded in (encode, lambda texts, _: MadeUp().encode_passages(texts)):
        check(ranked(documents, known, meaning=meant(documents, known, encoded)), known)


def test_a_closed_call_ranks_among_the_last_whatever_it_is_about(
    document: MakeDocument, profile: Profile
) -> None:
    closed = document(*CITY, identifier="ERC-2026-TEST")
    documents = [*(document(*call) for call in (*NOISE, CITY)), closed]
    for meaning in (None, meant(documents, profile, encode)):
        last_two = np.argsort(ranked(documents, profile, meaning=meaning).scores)[:2]
        assert len(documents) - 1 in last_two


def test_a_decision_opens_what_a_rule_closes(document: MakeDocument, profile: Profile) -> None:
    documents = [document(*CITY, identifier="ERC-2026-TEST", call_id=number) for number in (1, 2)]
    ranking = ranked(documents, profile, overrides=[2])
    assert ranking.scores[1] > ranking.scores[0]


def test_features_hold_the_parts_the_verdicts_and_the_areas(document: MakeDocument, profile: Profile) -> None:
    documents = [document(*CITY), document("Title alone"), document(*CITY, identifier="ERC-2026-TEST")]
    ranking = ranked(documents, profile, meaning=meant(documents, profile, encode))
    features = ranking.features
    assert features.values.shape == (3, len(features.names))
    assert np.isfinite(features.values).all()
    assert {"theme", "role", "density", "nearest project"} < set(features.names)
    assert "gates" not in features.names
    columns = dict(zip(features.names, features.values.T, strict=True))
    assert list(columns["verdict not_open"]) == [0, 0, 1]
    assert list(columns["has a text"]) == [1, 0, 1]
    assert list(columns["area waste_circular"]) == list(
        ranking.area_strength[ranking.area_ids.index("waste_circular")]
    )


def test_order_of_the_calls_does_not_matter(document: MakeDocument, profile: Profile) -> None:
    documents = [document(*call) for call in (*NOISE, CITY, BATTERY)]
    scores = ranked(documents, profile).scores
    assert ranked(documents[::-1], profile).scores[::-1] == pytest.approx(scores)


def test_profile_s_hash_changes_with_what_a_match_depends_on(profile: Profile) -> None:
    others = [
        replace(profile, rules=profile.rules[1:]),
        replace(profile, projects=()),
        replace(profile, roles=profile.roles[1:]),
        replace(profile, themes=profile.themes[::-1]),
        replace(profile, others=profile.others[1:]),
    ]
    assert len({profile.hash, *(other.hash for other in others)}) == len(others) + 1
    assert replace(profile).hash == profile.hash
