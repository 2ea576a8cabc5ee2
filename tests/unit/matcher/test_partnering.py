"""Which partners fit a call: by the organisation's own lists, and never by what a call leaves unsaid."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.organisation import Organisation
from config.schema import Link
from matcher.partnering import Fit, Fitting, Sought, Where, fitting

DAY = date(2026, 9, 15)
MED = "Interreg NEXT MED"


def found(organisation: Organisation, *programmes: str, **said: Any) -> Fitting:
    facts: dict[str, Any] = {"programmes": programmes, "day": DAY} | said
    return fitting(organisation, Sought(**facts))


def ids(fits: tuple[Fit, ...]) -> list[str]:
    return [fit.partner.id for fit in fits]


def fit_of(fits: tuple[Fit, ...], key: str) -> Fit:
    return next(fit for fit in fits if fit.partner.id == key)


def test_a_programme_links_its_partners(organisation: Organisation) -> None:
    fits = found(organisation, MED).fits
    assert {"tunis", "sfax", "aix_marseille_provence", "roma", "napoli", "algiers", "thessaloniki"} <= set(
        ids(fits)
    )
    assert "tanger_tetouan" not in ids(fits)  # Morocco is not in it
    assert [link.programme for link in fit_of(fits, "tunis").links] == [MED]
    assert fit_of(fits, "medcities").suits


def test_a_call_that_says_nothing_shuts_nobody_out(organisation: Organisation) -> None:
    all_of_it = found(organisation, MED)
    assert {fit.where for fit in all_of_it.fits} == {Where.UNSAID}
    assert all_of_it.left_out == ()
    assert found(organisation) == Fitting((), ())


def test_countries_that_are_stated_count(organisation: Organisation) -> None:
    some = found(organisation, MED, countries=frozenset({"IT", "ES"}))
    assert {fit.partner.country for fit in some.fits} == {"IT", "ES"}
    assert {fit.where for fit in some.fits} == {Where.STATED}
    assert {"tunis", "sfax", "thessaloniki"} <= set(ids(some.left_out))
    assert {fit.where for fit in some.left_out} == {Where.ELSEWHERE}


def test_whom_the_call_names_is_never_left_out(organisation: Organisation) -> None:
    some = found(organisation, MED, countries=frozenset({"IT"}), named={"sfax": "Sfax"})
    first = some.fits[0]
    assert (first.partner.id, first.named, first.where) == ("sfax", "Sfax", Where.ELSEWHERE)


def test_regions_alone_are_to_be_checked_unless_they_are_named(organisation: Organisation) -> None:
    said: dict[str, Any] = {"countries": frozenset({"FR", "IT"}), "regions": {"IT": ["ITI4"], "FR": ["FR"]}}
    fits = found(organisation, MED, **said).fits
    assert fit_of(fits, "roma").where is Where.PART
    assert fit_of(fits, "aix_marseille_provence").where is Where.STATED
    named = found(organisation, MED, **said, zones=("ITI4 - LAZIO",)).fits
    assert fit_of(named, "roma").where is Where.STATED
    assert fit_of(named, "napoli").where is Where.PART


@pytest.mark.parametrize(
    ("day", "fits"),
    [
        (date(2024, 12, 31), False),
        (date(2025, 1, 1), True),
        (date(2027, 12, 31), True),
        (date(2028, 1, 1), False),
    ],
)
def test_links_hold_from_day_to_day(organisation: Organisation, day: date, fits: bool) -> None:
    programme = "International Urban and Regional Cooperation (IURC)"
    some = found(organisation, programme, day=day)
    assert ("bogota" in ids(some.fits)) is fits
    assert ("bogota" in ids(some.left_out)) is not fits
    assert "seoul" in ids(some.fits)  # its link has no dates
    if not fits:
        assert fit_of(some.left_out, "bogota").ended


def test_a_link_to_a_part_of_a_programme_is_told_apart(organisation: Organisation) -> None:
    fits = found(organisation, "Horizon Europe").fits
    seoul, porto = fit_of(fits, "seoul"), fit_of(fits, "porto")
    assert (len(seoul.links), len(seoul.partial)) == (0, 1)
    assert (len(porto.links), len(porto.partial)) == (1, 0)
    assert ids(fits).index("porto") < ids(fits).index("seoul")


@pytest.mark.parametrize(
    ("stated", "key", "fits"),
    [
        ("CERV: Citizens, Equality, Rights and Values", "milano", True),
        ("Citizens, Equality, Rights and Values Programme (CERV)", "milano", True),
        ("Programme for the Environment and Climate Action (LIFE)", "milano", True),
        ("Quality of life in cities", "milano", False),
        ("Horizon Europe (HORIZON)", "porto", True),
        ("EU External Action", "maputo", True),
        ("NDICI-Global Europe", "maputo", True),
        ("Interreg Sudoe", "porto", True),
        ("Interreg Europe", "porto", True),
        ("Interreg Euro MED, Interreg Sudoe", "thessaloniki", True),
        ("European Defence Fund", "porto", False),
        ("", "porto", False),
    ],
)
def test_programmes_as_portals_write_them(
    organisation: Organisation, stated: str, key: str, fits: bool
) -> None:
    assert (key in ids(found(organisation, stated).fits)) is fits


def test_what_was_done_together_counts_in_the_same_areas(organisation: Organisation) -> None:
    done = [one for one in organisation.projects if "Rome" in one.partners]
    areas = frozenset(done[0].areas)
    assert done[0].id in [one.id for one in fit_of(found(organisation, areas=areas).fits, "roma").projects]
    assert found(organisation, areas=frozenset({"tourism"}) - areas).fits == ()
    everything = frozenset(area.id for area in organisation.areas)
    torino = [one for one in found(organisation, areas=everything).fits if one.partner.id == "torino"]
    assert torino == []  # a university that bears its name is another partner


def test_the_closest_stand_first(organisation: Organisation) -> None:
    fits = found(organisation, "Horizon Europe", named={"uitp": "UITP", "rotterdam": "Rotterdam"}).fits
    assert ids(fits)[:2] == ["rotterdam", "uitp"]
    tiers = [fit.partner.tier for fit in fits if not fit.named and fit.links and not fit.projects]  # type: ignore[union-attr]
    assert tiers == sorted(tiers, key=("priority", "intensify", "encourage", "named").index)


def test_a_link_that_was_renewed_holds(organisation: Organisation) -> None:
    porto = next(one for one in organisation.partners if one.id == "porto")
    links = (
        Link(programme=MED, valid_to=date(2020, 12, 31)),
        Link(programme=MED, valid_from=date(2021, 1, 1)),
    )
    ours = replace(organisation, partners=(porto.model_copy(update={"programmes": links}),))
    (fit,) = found(ours, MED).fits[:1]
    assert (len(fit.links), len(fit.ended)) == (1, 1)


@given(
    programme=st.text(max_size=40) | st.sampled_from([MED, "Horizon Europe", "LIFE"]),
    countries=st.none() | st.frozensets(st.sampled_from(["ES", "FR", "IT", "TN", "XX"])),
    zones=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    day=st.dates(),
)
def test_each_is_told_once_and_with_a_reason(
    organisation: Organisation,
    programme: str,
    countries: frozenset[str] | None,
    zones: tuple[str, ...],
    day: date,
) -> None:
    some = found(organisation, programme, countries=countries, zones=zones, day=day)
    all_of_them = ids(some.fits) + ids(some.left_out)
    assert len(all_of_them) == len(set(all_of_them))
    assert all(fit.has_reason for fit in some.fits)
    if countries is not None:
        assert all(fit.partner.country in countries for fit in some.fits)
