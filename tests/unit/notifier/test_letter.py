"""What the mail says of its parts, and of a time in which nothing happened."""

from datetime import timedelta

import pytest

from config.organisation import LANGUAGES, Language
from notifier.letter import write_letter
from notifier.mail import Letter
from store.database import Database
from store.runs import begin_run, end_run
from tests.unit.notifier.builders import NOW, matched, officer, organisation, record
from tests.unit.notifier.telling import selected, stage

DAY = timedelta(days=1)
PROJECT = [{"id": "test_project", "score": 4.0, "terms": []}]


def letter(database: Database, language: Language = "en", cadence: str = "weekly") -> Letter:
    who = officer(language=language, cadence=cadence)
    return write_letter(selected(database, who), organisation(), who, NOW)


def plain(written: Letter) -> str:
    return " ".join(written.text.replace("\u00a0", " ").split())


def read(database: Database, outcome: str = "ok", days_ago: int = 1) -> None:
    with database.writing() as session:
        run = begin_run(session, "test_portal", NOW - days_ago * DAY)
        end_run(session, run, outcome, "", "", NOW - days_ago * DAY)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cadence", ["weekly", "daily"])
def test_a_quiet_time_is_said_to_be_one(database: Database, language: Language, cadence: str) -> None:
    read(database)
    written = letter(database, language, cadence)
    when = {
        "ca": ("aquesta setmana", "avui"),
        "es": ("esta semana", "hoy"),
        "en": ("this week", "today"),
        "fr": ("cette semaine", "aujourd’hui"),
    }[language][cadence == "daily"]
    whole = {
        "ca": "S’ha llegit sencera 1 font.",
        "es": "Se ha leído entera 1 fuente.",
        "en": "1 source was read whole.",
        "fr": "1 source a été lue en entier.",
    }[language]
    assert when in written.subject
    assert when in plain(written)
    assert whole in plain(written)
    assert whole in written.html


@pytest.mark.parametrize(("outcome", "days_ago"), [("failed", 1), ("partial", 1), ("ok", 9)])
def test_a_quiet_that_is_of_our_making_is_said_to_be_none(
    database: Database, outcome: str, days_ago: int
) -> None:
    read(database, outcome, days_ago)
    assert "0 of 1 source was read whole; what is missing is told below." in plain(letter(database))


def test_where_nothing_was_ever_read_that_is_said(database: Database) -> None:
    assert "0 of 1 source was read whole" in plain(letter(database))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_part_has_its_name_and_its_count(database: Database, language: Language) -> None:
    matched(
        database, record("TEST-NEW"), record("TEST-MINE", "2026-03-09"), record("TEST-SOON", "2026-03-20")
    )
    matched(database, record("TEST-PROJECT"), record("TEST-PROJECT-2"), projects=PROJECT)
    stage(database, "TEST-MINE", "shortlisted")
    text = plain(letter(database, language))
    names = {
        "ca": ("PER DECIDIR ARA (1)", "RECORDATORIS (1)", "CONTINUÏTAT DE PROJECTES (2)"),
        "es": ("PARA DECIDIR AHORA (1)", "RECORDATORIOS (1)", "CONTINUIDAD DE PROYECTOS (2)"),
        "en": ("DECIDE NOW (1)", "REMINDERS (1)", "FROM THE PORTFOLIO (2)"),
        "fr": ("À DÉCIDER MAINTENANT (1)", "RAPPELS (1)", "DANS LA SUITE DE NOS PROJETS (2)"),
    }[language]
    counted = {
        "ca": ("1 de preseleccionada s’acosta", "2 continuen projectes"),
        "es": ("1 preseleccionada se acerca", "2 continúan proyectos"),
        "en": ("1 that was shortlisted comes closer", "2 continue projects"),
        "fr": ("1 présélectionné approche", "2 prolongent des projets"),
    }[language]
    places = [text.index(name) for name in names]
    assert places == sorted(places)
    for said in counted:
        assert said in text


def test_what_does_not_fit_is_counted(database: Database) -> None:
    matched(database, *(record(f"TEST-{n}") for n in range(5)))
    who = officer(language="en", limit=2)
    text = plain(write_letter(selected(database, who), organisation(), who, NOW))
    assert "3 more calls fit your areas: they stand in the summary." in text
