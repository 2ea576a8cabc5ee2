"""Strategic lines, SDGs, partners named and territory, on the sheet and in the summary."""

from pathlib import Path
from typing import Any

from lxml import html  # type: ignore[import-untyped]
from sqlmodel import select

from notifier.letter import write_letter
from notifier.selection import select_digest
from notifier.summary import write_summary
from notifier.tags import Tag, Tags, tags_of
from notifier.words import words_in
from store.database import Database
from store.models import Call, Match
from tests.unit.notifier.builders import NOW, matched, officer, organisation, record

WATER = [{"id": "water", "score": 1.0, "terms": []}]
NAMED = [
    {"id": "test_city", "words": "Test City", "place": "title"},
    {"id": "gone", "words": "Gone City", "place": "text"},
]


def tags(database: Database, regions: tuple[str, ...] = (), **fields: Any) -> Tags:
    matched(database, record("TEST-1", regions=regions), **fields)
    with database.reading() as session:
        match, call = session.exec(select(Match, Call).join(Call)).one()
        return tags_of(words_in("ca"), organisation(), call, match)


def test_lines_and_goals_are_those_of_the_areas(database: Database) -> None:
    found = tags(database, areas=[*WATER, {"id": "mobility", "score": 1.0, "terms": []}])
    assert (found.lines, found.sdgs) == ((Tag("line", "Line ca"),), "6, 11")


def test_an_area_without_them_has_none(database: Database) -> None:
    assert tags(database, areas=[]) == Tags((), "", (), "")


def test_partners_by_name_with_the_words_of_the_call_where_they_differ(database: Database) -> None:
    assert tags(database, named=NAMED).partners == ("Test City (TC)", "gone («Gone City»)")


def test_a_region_that_holds_ours_is_told(database: Database) -> None:
    assert (
        tags(database, regions=("ES", "ES5", "FR1", "ES511", "ES52")).territory
        == "inclou el nostre (ES, ES5)"
    )


def test_regions_of_others_are_not(database: Database) -> None:
    assert tags(database, regions=("FR1", "ES52", "ES512")).territory == ""


def test_the_summary_shows_them_and_filters_by_line(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1", regions=("ES51",)), areas=WATER, named=NAMED)
    matched(database, record("TEST-2"), score=1.0)
    path = tmp_path / "summary.html"
    with database.reading() as session:
        write_summary(session, organisation(), NOW, path, "fr")
    page = html.fromstring(path.read_text(encoding="utf-8"))
    first, second = page.cssselect("#calls > li")
    told = " ".join(part.text_content() for part in first.cssselect("dt, dd"))
    for words in (
        "Axe stratégique Line fr",
        "ODD 6, 11",
        "Partenaires cités Test City (TC)",
        "le nôtre (ES51)",
    ):
        assert words in told
    assert (first.get("data-line"), second.get("data-line")) == ("line", "")
    assert "Axe stratégique" not in second.text_content()
    assert [option.get("value") for option in page.cssselect("#line option")] == ["", "line"]


def test_without_lines_there_is_no_such_filter(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"))
    path = tmp_path / "summary.html"
    with database.reading() as session:
        write_summary(session, organisation(), NOW, path, "ca")
    assert 'id="line"' not in path.read_text(encoding="utf-8")


def test_the_mail_names_partners(database: Database) -> None:
    matched(database, record("TEST-1"), named=NAMED)
    who = officer(language="es")
    with database.reading() as session:
        letter = write_letter(select_digest(session, organisation(), who, NOW), organisation(), who, NOW)
    for part in (letter.html, letter.text):
        assert "la convocatoria menciona Test City (TC) y gone («" in part
