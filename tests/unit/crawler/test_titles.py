"""Titles as they are compared: what tells siblings apart, and what says nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.titles import THRESHOLD, likeness, read_title


def alike(one: str, other: str) -> bool:
    return likeness(read_title(one), read_title(other)) >= THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Urban Mobility Explained – open call", "URBAN MOBILITY EXPLAINED"),
        ("Call for proposals: Cleaner air for cities", "Cleaner air for cities"),
        ("TEST-2026-CITY-01: Cleaner air for cities", "Cleaner air for cities (EuropeAid/185996/DD/ACT/BA)"),
        ("Ajuts per a l'eficiència energètica d'edificis", "AJUTS PER A L’EFICIENCIA ENERGETICA D’EDIFICIS"),
        ("3rd call for capitalisation projects", "3 Call for capitalisation projects"),
        ("Living labs & soil health of the cities", "Living labs and soil health of cities"),
        ("Decarbonisation of public transport fleets", "Decarbonization of public transport fleets"),
        ("living-labs-to-enhance-soil-health", "Living labs to enhance soil health"),
    ],
)
def test_one_title_in_other_letters(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Innovation in cities: Call 3", "Innovation in cities: Call 4"),
        ("Innovation in cities 2026", "Innovation in cities 2027"),
        ("Innovation in cities 2026", "Innovation in cities"),
        ("2nd call for innovation in cities", "3rd call for innovation in cities"),
        (
            "Specific objective 2.1 of the cross-border programme",
            "Specific objective 2.2 of the cross-border programme",
        ),
        ("Innovation investments of regions, strand 2a", "Innovation investments of regions, strand 2b"),
        ("Innovation investments of regions, strand I", "Innovation investments of regions, strand II"),
        ("Innovation investments of regions, strand A", "Innovation investments of regions, strand B"),
        ("Lot A: renovation of public buildings", "Lot D: renovation of public buildings"),
        ("Renovation of public buildings (lot A)", "Renovation of public buildings (lot E)"),
        (
            "Backbone connectivity for digital gateways - Studies",
            "Backbone connectivity for digital gateways - Works",
        ),
        ("Global call according to the agenda: IA", "Global call according to the agenda: RIA"),
        ("General decarbonisation - small-scale projects", "General decarbonisation - large-scale projects"),
        (
            "Subvencions culturals del municipi inventat del nord",
            "Subvencions culturals del municipi inventat del sud",
        ),
        ("Climate adaptation of coastal cities in Europe", "Climate adaptation"),
    ],
)
def test_siblings_have_other_titles(one: str, other: str) -> None:
    assert not alike(one, other)
    assert not alike(other, one)


@pytest.mark.parametrize("title", ["", "Open call", "TEST-2026-CITY-01", "Call for proposals", "…", "de la"])
def test_a_title_that_names_nothing_is_like_none(title: str) -> None:
    assert read_title(title).words == ()
    assert not alike(title, title)


def test_the_years_of_a_programme_are_no_identifier() -> None:
    assert read_title("INTERREG-POCTEFA-2021-2027").marks == ("2021", "2027")


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_the_same_both_ways(one: str, other: str) -> None:
    first, second = read_title(one), read_title(other)
    assert likeness(first, second) == likeness(second, first)
    if first.words:
        assert likeness(first, first) == 100


@given(st.text(max_size=5_000))
def test_any_text_is_read(title: str) -> None:
    found = read_title(title)
    assert all(word and word == word.casefold() for word in found.words)


def test_hostile_text_is_read_in_time() -> None:
    assert read_title("A-A" * 30_000 + "-20") is not None
