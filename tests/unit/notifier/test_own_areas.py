"""An officer who follows certain areas has a list of their own."""

from typing import Any

import pytest

from config.organisation import LANGUAGES, Language
from config.schema import Officer
from notifier.letter import write_letter
from notifier.selection import Selection, select_digest
from store.database import Database
from tests.unit.notifier.builders import NOW, keys, match, officer, organisation, record, store


def area(key: str, strength: float) -> dict[str, Any]:
    return {"id": key, "score": strength, "terms": []}


@pytest.fixture
def calls(database: Database) -> Database:
    """Of 30 calls, one that only touches water stands generally higher than one that is about it."""
    fillers = [record(f"TEST-{n:02}") for n in range(28)]
    store(database, record("TEST-TOUCHES"), record("TEST-WATER"), *fillers)
    for place, filler in enumerate(fillers):
        match(database, (filler.source_key, 20.0 - place))
    match(database, ("TEST-TOUCHES", 12.5), areas=[area("mobility", 6.0), area("water", 1.5)])
    match(database, ("TEST-WATER", 10.5), areas=[area("water", 4.5)])
    return database


def selected(database: Database, who: Officer) -> Selection:
    with database.reading() as session:
        return select_digest(session, organisation(), who, NOW)


def test_what_is_strong_in_the_area_comes_before_what_is_higher_and_touches_it(calls: Database) -> None:
    found = selected(calls, officer(areas=["water"]))
    assert keys(found.items) == ["TEST-WATER", "TEST-TOUCHES"]
    assert [(item.own_rank, item.rank) for item in found.items] == [(1, 12), (2, 9)]
    assert (found.own_ranked, found.ranked) == (2, 30)


def test_without_areas_the_general_order_counts(calls: Database) -> None:
    found = selected(calls, officer(limit=40))
    assert [item.rank for item in found.items] == list(range(1, 31))
    assert {item.own_rank for item in found.items} == {0}
    assert found.own_ranked == 0


def test_what_is_far_better_comes_first_all_the_same(calls: Database) -> None:
    store(calls, record("TEST-BEST"))
    match(calls, ("TEST-BEST", 40.0), areas=[area("mobility", 6.0), area("water", 1.5)])
    assert keys(selected(calls, officer(areas=["water"])).items)[0] == "TEST-BEST"


def test_one_of_several_areas_counts_for_less(calls: Database) -> None:
    found = keys(selected(calls, officer(areas=["water", "mobility"], limit=40)).items)
    assert found.index("TEST-TOUCHES") < found.index("TEST-WATER")


def test_what_a_rule_excludes_has_no_place(calls: Database) -> None:
    store(calls, record("TEST-SMES"))
    match(calls, ("TEST-SMES", 50.0), areas=[area("water", 9.0)], verdict="not_open", rule="smes")
    found = selected(calls, officer(areas=["water"]))
    assert ([item.own_rank for item in found.items], found.hidden) == ([1, 2], 1)


def test_equal_scores_are_no_trouble(database: Database) -> None:
    store(database, record("TEST-1"), record("TEST-2"))
    match(database, ("TEST-1", 1.0), areas=[area("water", 2.0)])
    match(database, ("TEST-2", 1.0), areas=[area("water", 3.0)])
    assert keys(selected(database, officer(areas=["water"])).items) == ["TEST-2", "TEST-1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_says_which_rank_is_which(calls: Database, language: Language) -> None:
    who = officer(language=language, areas=["water"])
    letter = write_letter(selected(calls, who), organisation(), who, NOW)
    text = " ".join(letter.text.split())
    said = {
        "ca": ("Núm. 1 dels vostres àmbits; núm. 12 en el conjunt, entre el 3", "les que hi tenen a veure"),
        "es": ("N.º 1 de sus ámbitos; n.º 12 en el conjunto, entre el 3", "las que tienen que ver con ellos"),
        "en": ("No. 1 in your areas; no. 12 overall, in the top 3%", "the 2 of them that touch these"),
        "fr": ("N° 1 dans vos domaines ; n° 12 tous domaines confondus, dans les 3", "ceux qui en relèvent"),
    }[language]
    assert said[1] in text.replace("\u00a0", " ")
    assert said[0].split(",")[0] in text.replace("\u00a0", " ")
    assert "No. 1 in your areas" in letter.html or language != "en"
