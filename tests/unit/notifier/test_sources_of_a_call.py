"""Every source of a call is shown, in every language, in the mail and in the summary."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html  # type: ignore[import-untyped]

from config.organisation import LANGUAGES, Language, Organisation
from notifier.letter import write_letter
from notifier.mail import Letter
from notifier.selection import select_digest
from notifier.summary import write_summary
from notifier.words import words_in
from store.database import Database
from tests.unit.notifier.builders import NOW, matched, officer, organisation, record, same

NAMES = {"test_portal": "Test portal", "register": "Made-up register", "site": "Made-up site"}


def with_sources() -> Organisation:
    known = organisation()
    (first,) = known.sources
    return replace(
        known,
        sources=tuple(first.model_copy(update={"key": key, "name": name}) for key, name in NAMES.items()),
    )


@pytest.fixture
def calls(database: Database) -> Database:
    matched(database, record("TEST-1"), record("TEST-ALONE"))
    matched(
        database,
        record("TEST-SITE", source="site"),
        record("TEST-REGISTER", "2026-07-15", source="register"),
        record("TEST-GONE", source="no longer listed"),
    )
    same(database, "TEST-1", "TEST-SITE", "TEST-REGISTER", "TEST-GONE")
    return database


def letter(database: Database, language: Language) -> Letter:
    who = officer(language=language)
    with database.reading() as session:
        selection = select_digest(session, with_sources(), who, NOW)
        return write_letter(selection, with_sources(), who, NOW)


def summary(database: Database, folder: Path, language: Language) -> str:
    path = folder / "summary.html"
    with database.reading() as session:
        assert write_summary(session, with_sources(), NOW, path, language) == 2
    return path.read_text(encoding="utf-8")


def links(page: str, name: str) -> list[str]:
    return [link.get("href") for link in html.fromstring(page).cssselect("a") if link.text_content() == name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_source_is_named_and_linked(calls: Database, tmp_path: Path, language: Language) -> None:
    also = words_in(language).gettext("Also at")
    for page in (letter(calls, language).html, summary(calls, tmp_path, language)):
        assert page.count(f">{also}<") == 1
        assert links(page, "Test portal") == ["https://example.org/TEST-1", "https://example.org/TEST-ALONE"]
        assert links(page, "Made-up register") == ["https://example.org/TEST-REGISTER"]
        assert links(page, "Made-up site") == ["https://example.org/TEST-SITE"]
        assert links(page, "no longer listed") == ["https://example.org/TEST-GONE"]
        assert page.index("Made-up register") < page.index("Made-up site") < page.index("no longer listed")


def test_plain_text_has_the_addresses(calls: Database) -> None:
    lines = letter(calls, "en").text.splitlines()
    place = lines.index("Source: Test portal")
    assert lines[place + 1 : place + 8] == [
        "Also at: Made-up register, deadline there: 15 July 2026, 17:00",
        "  (Brussels)",
        "https://example.org/TEST-REGISTER",
        "Also at: Made-up site",
        "https://example.org/TEST-SITE",
        "Also at: no longer listed",
        "https://example.org/TEST-GONE",
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ca", "termini segons aquesta font: 15 de juliol del 2026, 17:00 (Brussel·les)"),
        ("es", "plazo según esta fuente: 15 de julio de 2026, 17:00 (Bruselas)"),
        ("en", "deadline there: 15 July 2026, 17:00 (Brussels)"),
        ("fr", "échéance selon cette source\u00a0: 15 juillet 2026, 17:00 (Bruxelles)"),
    ],
)
def test_another_deadline_is_said(calls: Database, tmp_path: Path, language: Language, words: str) -> None:
    for page in (letter(calls, language).html, summary(calls, tmp_path, language)):
        assert html.fromstring(page).text_content().count(words) == 1
