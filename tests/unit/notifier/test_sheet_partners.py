"""Partners that fit a call: those it names, and those its programme links to us while the link holds."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from config.organisation import Organisation, load_organisation
from config.schema import Partner
from matcher import partnering
from notifier.fitting import fitting_partners
from notifier.items import Item
from notifier.words import words_in
from review.partners_page import sought_by
from store.models import Call, Deadline, Match
from store.states import State
from tests.conftest import AMB
from tests.unit.notifier.builders import NOW, organisation

DAY = date(2026, 6, 1)


def partner(key: str, *programmes: dict[str, Any], **facts: Any) -> Partner:
    known = {"name": f"City {key}", "country": "FR", "geography": "europe", "tier": "named"}
    return Partner.model_validate({"id": key, "programmes": programmes} | known | facts)


def with_partners(*partners: Partner) -> Organisation:
    return replace(organisation(), partners=partners)


def asked(programme: str, named: tuple[str, ...] = (), day: date = DAY, **facts: Any) -> Item:
    """A made-up call with a deadline on `day`; `named` are the names of partners that it names."""
    deadline: dict[str, Any] = {"day": day}
    stated: dict[str, Any] = {"countries": [], "regions": [], "geographical_zones": []}
    known: dict[str, Any] = {
        "named": [{"id": name.removeprefix("City "), "words": name} for name in named],
        "areas": [],
    }
    call = Call(programme=programme, **(stated | facts))
    return Item(call, Match(**known), State.OPEN, Deadline(**deadline), 1)


def fitting(
    ours: Organisation, programme: str, named: tuple[str, ...] = (), day: date = DAY, **facts: Any
) -> tuple[str, ...]:
    return fitting_partners(words_in("en"), ours, asked(programme, named, day, **facts), named, NOW)


@pytest.mark.parametrize(
    ("linked", "stated", "said"),
    [
        ("LIFE", "LIFE", "LIFE"),
        ("Made-up Values (MUV)", "MUV: Made-up Values", "MUV"),
        ("Made-up Values (MUV)", "made-up values", "MUV"),
        ("LIFE", "LIFE: Clean Energy Transition", "LIFE"),
        ("LIFE", "A life in made-up values", ""),
        ("Horizon Europe, pillar II", "Horizon Europe", ""),
        ("Horizon Europe", "", ""),
    ],
)
def test_a_programme_is_known_by_its_name_and_its_abbreviation(linked: str, stated: str, said: str) -> None:
    found = fitting(with_partners(partner("a", {"programme": linked})), stated)
    assert found == ((f"City a, through {said}",) if said else ())


@pytest.mark.parametrize(
    ("day", "fits"),
    [("2024-12-31", False), ("2025-01-01", True), ("2027-12-31", True), ("2028-01-01", False)],
)
def test_a_link_holds_between_its_dates(day: str, fits: bool) -> None:
    link = {"programme": "LIFE", "valid_from": date(2025, 1, 1), "valid_to": date(2027, 12, 31)}
    found = fitting(with_partners(partner("a", link)), "LIFE", day=date.fromisoformat(day))
    assert found == (("City a, through LIFE",) if fits else ())


def test_named_ones_come_first_and_four_are_enough() -> None:
    link = {"programme": "LIFE"}
    tiers = ("named", "priority", "encourage", "intensify", "priority", "priority")
    ours = with_partners(*(partner(key, link, tier=tier) for key, tier in zip("abcdef", tiers, strict=True)))
    assert fitting(ours, "LIFE") == ("City b, City e, City f and City d, through LIFE",)
    assert fitting(ours, "LIFE", ("City a", "City b")) == (
        "the call names City a and City b",
        "City e and City f, through LIFE",
    )
    everyone = tuple(f"City {key}" for key in "abcde")
    assert fitting(ours, "LIFE", everyone) == ("the call names City a, City b, City c and City d",)


def test_a_country_that_the_call_leaves_out_does_not_fit() -> None:
    link = {"programme": "LIFE"}
    ours = with_partners(partner("a", link), partner("b", link, country="IT"))
    assert fitting(ours, "LIFE", countries=["ES", "IT"]) == ("City b, through LIFE",)
    assert fitting(ours, "LIFE", countries=["ES"]) == ()


def test_a_country_in_which_the_call_names_regions_alone_is_left_to_the_review() -> None:
    ours = with_partners(partner("a", {"programme": "LIFE"}, region="Made-up Coast"))
    assert fitting(ours, "LIFE", regions=["FRL0"]) == ()
    named = fitting(ours, "LIFE", regions=["FRL0"], geographical_zones=["Made-up Coast"])
    assert named == ("City a, through LIFE",)


def test_abroad_no_one_is_left_out_by_a_call_that_says_nothing_of_countries_and_the_line_says_that() -> None:
    link = {"programme": "Made-up external action"}
    ours = with_partners(
        partner("a", link, country="SN", geography="africa"),
        partner("b", link, country="MX", geography="latin_america"),
    )
    assert fitting(ours, "Made-up external action") == (
        "City a and City b, through Made-up external action (the call does not say which countries can take part)",
    )
    found = fitting(ours, "Made-up external action", geographical_zones=["Africa"])
    assert found == ("City a, through Made-up external action",)


def test_of_the_organisation_s_own_partners_none_is_said_to_be_in_a_programme_that_is_not_theirs() -> None:
    ours = load_organisation(AMB)
    found = fitting(ours, "Interreg Euro-MED")
    assert len(found) == 1
    linked = {one.id for one in ours.partners for link in one.programmes if "Euro-MED" in link.programme}
    others = [one.name["en"] for one in ours.partners if one.id not in linked]
    assert not any(name in found[0] for name in others)
    assert fitting(ours, "Made-up programme") == ()


PROGRAMMES = sorted({link.programme for one in load_organisation(AMB).partners for link in one.programmes})


@pytest.mark.parametrize("programme", PROGRAMMES)
@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"countries": ["ES", "FR", "SN"]},
        {"geographical_zones": ["Africa"]},
        {"regions": ["ES51", "ITC1"], "geographical_zones": ["Piemonte"]},
    ],
)
def test_mail_and_review_find_the_same(
    monkeypatch: pytest.MonkeyPatch, programme: str, stated: dict[str, Any]
) -> None:
    monkeypatch.setattr("notifier.fitting.SHOWN", 1_000)
    ours, item = load_organisation(AMB), asked(programme, **stated)
    found = partnering.fitting(ours, sought_by(item, NOW)).fits
    sure = [fit.partner.name["en"] for fit in found if fit.links and fit.where is not partnering.Where.PART]
    line = "".join(fitting_partners(words_in("en"), ours, item, (), NOW))
    assert line.partition(", through ")[0] == words_in("en").listed(sure)
