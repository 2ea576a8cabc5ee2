"""Partners and networks that a call names, and words that only look like them."""

from collections.abc import Callable
from typing import Any

import pytest

from config.organisation import LANGUAGES, Organisation
from config.schema import Network, Partner
from matcher.documents import Document
from matcher.partners import PartnerFinder

Make = Callable[..., Document]


@pytest.fixture(scope="module")
def finder(organisation: Organisation) -> PartnerFinder:
    return PartnerFinder([*organisation.partners, *organisation.networks])


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("The pilot in Turin and its partners", "torino"),
        ("la Città metropolitana di Torino", "torino"),
        ("with Métropole de Lyon, and", "grand_lyon"),
        ("LYON METROPOLE, PORTO", "grand_lyon"),
        ("Lyon’s metropolis", "grand_lyon"),
        ("Marseille.", "aix_marseille_provence"),
        ("Métropole Aix-Marseille-Provence", "aix_marseille_provence"),
        ("the Valle de Aburra", "valle_de_aburra"),
        ("Milan Metropolitan City", "milano"),
        ("Ciudad de México", "mexico_city"),
        ("members of MedCities", "medcities"),
        ("(MEDCITIES)", "medcities"),
        ("ACR+ members", "acr_plus"),
        ("ICLEI Europe", "iclei"),
        ("EIT Urban Mobility Business Plan", "eit_urban_mobility"),
        ("CGLU y sus miembros", "uclg"),
        ("European Metropolitan Authorities (EMA)", "ema"),
    ],
)
def test_named(finder: PartnerFinder, document: Make, said: str, key: str) -> None:
    assert key in ids(finder.find(document("A call", said)))


@pytest.mark.parametrize(
    "said",
    [
        "the Treaty of Rome and the Pact of Amsterdam",
        "Politecnico di Milano and the University of Manchester",
        "the Kunming-Montreal Global Biodiversity Framework",
        "the Montreal Protocol and the Rotterdam Convention",
        "the Paris Agreement; the Roma communities",
        "European Medicines Agency (EMA)",
        "S.U.A. per il Comune di Porto Recanati",
        "un porto, a port, portofino, milano, medcities",
        "the smart metropolis; Metropolis",
        "Lyonnais, Milanese, ACR, UCLGs",
        "la provincia de Guadalajara",
        "Mexico and Túnez",
    ],
)
def test_not_named(finder: PartnerFinder, document: Make, said: str) -> None:
    assert finder.find(document("A call", said)) == []


def test_each_is_told_once_where_it_weighs_most(finder: PartnerFinder, document: Make) -> None:
    found = finder.find(document("Cities such as Porto", "Porto and Lyon, with MedCities. Grand Lyon leads."))
    assert found == [
        {"id": "grand_lyon", "words": "Lyon", "place": "text"},
        {"id": "porto", "words": "Porto", "place": "title"},
        {"id": "medcities", "words": "MedCities", "place": "text"},
    ]


def test_a_name_in_four_languages_is_found_in_each(document: Make) -> None:
    name = {"ca": "La Haia", "es": "La Haya", "en": "The Hague", "fr": "La Haye"}
    facts = {"id": "the_hague", "name": name, "country": "NL", "geography": "europe", "tier": "named"}
    finder = PartnerFinder([Partner.model_validate(facts)])
    for words in name.values():
        assert finder.find(document("A call", f"Amb {words}, i més."))[0]["words"] == words


def test_no_two_are_written_alike(organisation: Organisation) -> None:
    everyone: tuple[Partner | Network, ...] = (*organisation.partners, *organisation.networks)
    written = [
        name for one in everyone for name in one.written or {one.name[language] for language in LANGUAGES}
    ]
    assert len(written) == len(set(written))
    assert len({one.id for one in everyone}) == len(everyone)


def test_without_partners_nothing_is_named(document: Make) -> None:
    assert PartnerFinder([]).find(document("Lyon", "Lyon")) == []


def test_signs_in_a_name_are_signs(document: Make) -> None:
    facts = {"id": "odd", "name": "C40 (x)*", "country": "DE", "place": "member", "use": ""}
    finder = PartnerFinder([Network.model_validate(facts)])
    assert ids(finder.find(document("A call", "with C40 (x)*, and C40"))) == ["odd"]
