"""The call sheet: everything in the order officers know, and whose words are whose."""

import re
from typing import Any

import pytest

from config.organisation import LANGUAGES, Language
from notifier.sheet import Sheet, write_sheet
from notifier.words import words_in
from store.database import Database
from store.records import CallRecord, DeadlineRecord
from tests.unit.notifier.builders import NOW, matched, officer, organisation, record
from tests.unit.notifier.full_sheets import FACTS, REVIEW, full, full_letter
from tests.unit.notifier.telling import overview


def sheet(
    database: Database, call: CallRecord, language: Language = "en", review_url: str = "", **facts: Any
) -> Sheet:
    matched(database, call, **facts)
    item = overview(database).items[0]
    return write_sheet(item, words_in(language), organisation(), NOW, review_url)


def test_the_order_is_the_one_of_the_sheets_that_officers_know(database: Database) -> None:
    letter = full_letter(database, officer(language="en"), review_url=REVIEW)
    order = (
        "days left",
        "Made-up demonstration",
        "Opening",
        "Deadline",
        "Programme",
        "Type",
        "Budget",
        "3 grants expected",
        "70%",
        "Aims:",
        "Eligibility:",
        "Possible partners:",
        "Why it is here:",
        "Source",
        "Interesting",
        "Not for us",
        "Mute",
    )
    for part in (letter.text, letter.html.replace("\u00a0", " ")):
        first = part.casefold().index("decide now")
        places = [part.index(words, first) for words in order]
        assert places == sorted(places)


@pytest.mark.parametrize(
    ("language", "day", "left"),
    [
        ("ca", "20 de març", "queden 18 dies"),
        ("es", "20 de marzo", "quedan 18 días"),
        ("en", "20 March", "18 days left"),
        ("fr", "20 mars", "reste 18 jours"),
    ],
)
def test_the_deadline_stands_beside_the_time_left(
    database: Database, language: Language, day: str, left: str
) -> None:
    found = sheet(database, record("TEST-1", "2026-03-20"), language)
    assert (found.day, found.time.text) == (day, left)


def test_what_is_to_come_counts_to_its_opening(database: Database) -> None:
    call = record("TEST-1", "2026-06-20", status="forthcoming", opening="2026-03-10")
    found = sheet(database, call)
    assert (found.day, found.time.text) == ("10 March", "opens in 8 days")


def test_without_a_date_only_the_words_stand(database: Database) -> None:
    found = sheet(database, record("TEST-1", deadlines=(), no_deadline="not stated"))
    assert (found.day, found.time.text) == ("", "no fixed deadline")


def test_a_deadline_in_the_words_of_the_source_is_quoted(database: Database) -> None:
    call = record("TEST-1", deadlines=(DeadlineRecord(day=None, prose="ten made-up days"),))
    assert sheet(database, call, "ca").deadlines == ("«ten made-up days»",)


def test_words_of_the_call_bear_its_language(database: Database) -> None:
    found = sheet(database, full(1), "ca", **FACTS)
    marked = found.marked("Diu «a city», «a town» i «x < y».", words_in("ca"))
    assert marked == ('Diu «<span lang="en">a city», «a town</span>» i «<span lang="en">x &lt; y</span>».')
    assert found.facts(words_in("ca"))[3].language == "en"
    assert found.marked("Says “a city”.", words_in("en")) == "Says “a city”."


def test_a_kind_of_ours_is_not_said_to_be_foreign(database: Database) -> None:
    found = sheet(database, full(1, kind="prize"), "ca")
    assert found.facts(words_in("ca"))[3].lines == ("Premi · HORIZON Test Actions",)
    assert found.facts(words_in("ca"))[3].language == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_a_mail_every_foreign_sentence_is_marked(database: Database, language: Language) -> None:
    html = full_letter(database, officer(language=language)).html
    for words in ("Made-up cities plan", "Made-up demonstration", "at least two cities", "local authorities"):
        inside = re.findall(rf'lang="en"[^<]*>[^<]*{words}', html)
        assert bool(inside) or language == "en", words


def test_links_into_the_review_name_the_call_and_what_is_decided(database: Database) -> None:
    call = record("TEST/1 é", identifiers=("TEST-ID",), page="https://example.org/")
    found = sheet(database, call, review_url=f"{REVIEW}/")
    page = f"{REVIEW}/calls/test_portal/TEST%2F1%20%C3%A9"
    assert [(link.name, link.address) for link in found.decisions] == [
        ("Interesting", f"{page}#interesting"),
        ("Not for us", f"{page}#not-for-us"),
        ("Mute", f"{page}#mute"),
    ]


def test_without_a_review_nothing_leads_there(database: Database) -> None:
    assert sheet(database, record("TEST-1")).decisions == ()
    letter = full_letter(database, officer("water", "en"))
    for part in (letter.text, letter.html):
        assert "Mute" not in part
        assert "The summary of all calls" not in part


def test_the_mail_leads_to_the_summary(database: Database) -> None:
    letter = full_letter(database, officer(language="en"), review_url=REVIEW)
    assert f'<a href="{REVIEW}/"' in letter.html
    assert f"The summary of all calls:\n{REVIEW}/\n" in letter.text
