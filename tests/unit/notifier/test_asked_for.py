"""What an officer asks for: areas, lines, geography, languages, kinds, the least rank, how far ahead."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from config.schema import Officer, Partner
from notifier.selection import select_digest
from store.database import Database
from tests.unit.notifier.builders import NOW, keys, match, matched, officer, organisation, record, same, store
from tests.unit.notifier.telling import at_once, sections, selected, tell, why


def told(database: Database, **asked: Any) -> set[str]:
    return set(keys(selected(database, **asked).items))


def in_areas(*names: str) -> list[dict[str, Any]]:
    return [{"id": name, "score": 2.0, "terms": []} for name in names]


def test_an_officer_who_asks_for_nothing_hears_of_everything(database: Database) -> None:
    matched(database, record("TEST-1", kind="prize", titles={"de": "Titel"}, countries=("AU",)))
    matched(database, record("TEST-NONE"), areas=[])
    assert told(database) == {"TEST-1", "TEST-NONE"}


def test_lines_stand_for_the_areas_that_serve_them_and_join_the_areas(database: Database) -> None:
    matched(database, record("TEST-MOBILITY"), areas=in_areas("mobility"))
    matched(database, record("TEST-WATER"), areas=in_areas("water"))
    matched(database, record("TEST-NONE"), areas=[])
    assert told(database, lines=["line"]) == {"TEST-WATER"}
    assert told(database, lines=["line"], areas=["mobility"]) == {"TEST-WATER", "TEST-MOBILITY"}
    assert [item.own_rank for item in selected(database, lines=["line"]).items] == [1]


def test_a_line_that_no_area_serves_is_not_all_areas(database: Database) -> None:
    matched(database, record("TEST-WATER"), areas=in_areas("water"))
    whose = replace(organisation(), areas=organisation().areas[:1])
    with database.reading() as session:
        assert select_digest(session, whose, officer(lines=["line"]), NOW).items == ()
    assert "Areas asked for: Water en; those of the call: none." in why(
        _with_no_area(database), "TEST-NONE", lines=["line"]
    )


def _with_no_area(database: Database) -> Database:
    matched(database, record("TEST-NONE"), areas=[])
    return database


@pytest.mark.parametrize(
    ("facts", "told_of"),
    [
        ({}, True),
        ({"countries": ("ES", "BR")}, True),
        ({"countries": ("AU",)}, False),
        ({"countries": ("ES", "FR")}, False),
        ({"regions": ("ES51",)}, False),
        ({"geographical_zones": ("Chile",)}, True),
        ({"geographical_zones": ("Latin America And Caribbean",)}, True),
        ({"geographical_zones": ("Everywhere but there",)}, True),
        ({"geographical_zones": ("Morocco", "Middle East And North Africa")}, False),
        ({"programme": "Test LA Programme"}, True),
        ({"programme": "Test EU Programme"}, False),
    ],
)
def test_geography_is_what_the_call_states_and_silence_excludes_nothing(
    database: Database, facts: dict[str, Any], told_of: bool
) -> None:
    matched(database, record("TEST-1", **facts))
    whose = replace(organisation(), partners=_partners())
    who = officer(geography=["latin_america"])
    assert bool(selected(database, who, whose=whose).items) is told_of


def _partners() -> tuple[Partner, ...]:
    """One that can take part in each of two programmes."""
    given = {"id": "test_city", "name": "Test City", "country": "XX", "tier": "named"}
    return tuple(
        Partner.model_validate(given | {"geography": geography, "programmes": [{"programme": programme}]})
        for geography, programme in (
            ("latin_america", "Test LA Programme, second part (TLP)"),
            ("europe", "Test EU Programme"),
        )
    )


def test_a_partner_that_is_named_brings_its_geography(database: Database) -> None:
    named = [{"id": "test_city", "words": "Test City", "place": "text"}]
    matched(database, record("TEST-1", countries=("BR",)), named=named)
    matched(database, record("TEST-2", countries=("BR",)))
    assert told(database, geography=["europe"]) == {"TEST-1"}


def test_what_another_source_states_of_the_call_counts_too(database: Database) -> None:
    matched(database, record("TEST-1"))
    store(database, record("TEST-COPY", source="other", countries=("BR",), titles={"ca": "Títol"}))
    same(database, "TEST-1", "TEST-COPY")
    assert told(database, geography=["europe"]) == set()
    assert told(database, geography=["latin_america"], languages=["ca"]) == {"TEST-1"}


def test_languages_are_those_of_title_and_text(database: Database) -> None:
    matched(
        database,
        record("TEST-EN"),
        record("TEST-ES", titles={"es": "Título"}, texts={}),
        record("TEST-DE", titles={"de": "Titel"}, texts={"de": "Text", "fr": "Texte"}),
    )
    assert told(database, languages=["ca", "es"]) == {"TEST-ES"}
    assert told(database, languages=["fr", "en"]) == {"TEST-EN", "TEST-DE"}


def test_kinds(database: Database) -> None:
    matched(database, record("TEST-CALL"), record("TEST-PRIZE", kind="prize"))
    assert told(database, kinds=["prize", "scheme"]) == {"TEST-PRIZE"}


def test_the_least_rank_is_the_officers_own(database: Database) -> None:
    matched(database, record("TEST-1"), percentile=50.0)
    assert told(database) == set()
    assert told(database, minimum=50) == {"TEST-1"}
    assert told(database, minimum=50.1) == set()


def test_how_far_ahead_is_the_officers_own(database: Database) -> None:
    coming: dict[str, Any] = {"status": "forthcoming", "opening": date(2026, 4, 1)}
    matched(database, record("TEST-1", "2026-09-01", **coming))
    assert sections(selected(database, horizon=30)) == {"forthcoming": ["TEST-1"]}
    assert sections(selected(database, horizon=29)) == {}


def test_a_call_of_an_unknown_opening_waits_until_it_has_one(database: Database) -> None:
    matched(database, record("TEST-1", status="forthcoming", opening=None))
    assert sections(selected(database)) == {}
    assert "when it opens is not stated" in why(database, "TEST-1")


def test_filters_hide_no_rule_from_the_count_that_they_do_not_stop_themselves(database: Database) -> None:
    matched(database, record("TEST-SMES"), verdict="not_open", rule="smes", percentile=1)
    assert selected(database).hidden == 1
    assert selected(database, kinds=["call"], languages=["en"]).hidden == 1
    assert selected(database, kinds=["prize"]).hidden == 0


def test_at_once_comes_the_best_alone_and_once(database: Database) -> None:
    store(database, record("TEST-BEST"), record("TEST-GOOD"), record("TEST-OLD", "2026-03-20"))
    match(database, ("TEST-BEST", 3.0), percentile=97.0)
    match(database, ("TEST-GOOD", 2.0), percentile=96.9)
    assert sections(at_once(database)) == {"new": ["TEST-BEST"]}
    assert sections(at_once(database, instant_from=96)) == {"new": ["TEST-BEST", "TEST-GOOD"]}
    tell(database)
    assert at_once(database).items == ()
    store(database, record("TEST-BEST", "2026-09-01"))
    assert at_once(database).items == ()
    assert sections(selected(database)) == {"changed": ["TEST-BEST"]}


def test_what_is_asked_for_can_leave_nothing(database: Database) -> None:
    matched(database, record("TEST-1"))
    who: Officer = officer(areas=["water"])
    assert selected(database, who).items == ()
