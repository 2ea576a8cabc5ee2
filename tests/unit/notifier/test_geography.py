"""Where a call's partners or beneficiaries are, as portals write it."""

from typing import Any

import pytest
from babel import Locale

from config.organisation import load_organisation
from config.schema import Geography
from notifier.geography import COUNTRIES, geographies, programmes_of_partners
from store.models import Call
from tests.conftest import AMB


def call(
    *zones: str, countries: tuple[str, ...] = (), regions: tuple[str, ...] = (), programme: str = ""
) -> Call:
    facts: dict[str, Any] = {"countries": list(countries), "regions": list(regions), "programme": programme}
    return Call(**facts, geographical_zones=list(zones))


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("North Macedonia", {"europe", "mediterranean"}),
        ("Kyrgyz Republic", None),
        ("Kirguistán", {"asia"}),
        ("Europe And Central Asia", {"europe", "asia"}),
        ("Middle East And North Africa", {"mediterranean", "asia", "africa"}),
        ("Eastern And Southern Africa", {"africa"}),
        ("Latin America And Caribbean", {"latin_america"}),
        ("Amèrica Llatina", {"latin_america"}),
        ("América del Norte", {"north_america"}),
        ("Amérique latine et Caraïbes", {"latin_america"}),
        ("BRAZIL", {"latin_america"}),
        ("Senegal", {"africa"}),
        ("ESP", {"europe", "mediterranean"}),
        ("ES511", {"europe", "mediterranean"}),
        ("EL30", {"europe", "mediterranean"}),
        ("UKC", {"europe"}),
        ("ITALY", {"europe", "mediterranean"}),
        ("Australia", set()),
        ("CATALUÑA", None),
        ("LIFE", None),
        ("Medical devices", None),
        ("", None),
    ],
)
def test_zones_are_read_by_name_code_and_part_of_the_world(zone: str, expected: set[str] | None) -> None:
    assert geographies([call(zone)], {}) == expected


def test_what_is_stated_goes_before_what_the_programme_means() -> None:
    by_programme: dict[str, frozenset[Geography]] = {"life": frozenset({"europe"})}

    def found(**facts: Any) -> list[str] | None:
        places = geographies([call(**facts)], by_programme)
        return None if places is None else sorted(places)

    assert found(programme="LIFE") == ["europe"]
    assert found(programme="Environment and climate (LIFE)") == ["europe"]
    assert found(programme="Life", countries=("CL",)) == ["latin_america"]
    assert found(programme="LIFE for all") is None


def test_all_sources_of_a_call_are_put_together() -> None:
    found = geographies([call(countries=("CL",)), call(regions=("FR10",))], {})
    assert sorted(found or ()) == ["europe", "latin_america", "mediterranean"]


def test_programmes_of_the_partners() -> None:
    found = programmes_of_partners(load_organisation(AMB))
    assert found["interreg next med"] == {"mediterranean"}
    assert found["cerv"] == found["citizens, equality, rights and values"] == {"europe", "mediterranean"}
    assert {"europe", "asia", "africa"} <= found["horizon europe"]


OCEANIA = "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS"
NOBODY_LIVES_THERE = "AQ BV GS IO TF"
NO_COUNTRIES = "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ"


def test_every_country_is_somewhere_but_those_of_oceania() -> None:
    known = frozenset[str]().union(*COUNTRIES.values())
    codes = map(str, Locale("en").territories)
    names = {code for code in codes if len(code) == len("ES") and code.isalpha()}
    assert known <= names
    assert names - known <= set(f"{OCEANIA} {NOBODY_LIVES_THERE} {NO_COUNTRIES}".split())


def test_partners_stand_where_the_table_has_their_country() -> None:
    for partner in load_organisation(AMB).partners:
        assert partner.country in COUNTRIES[partner.geography], partner.id
