"""The page of partners: who fits and why, who does not, and a message that nobody but a person sends."""

import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

import config
from config.organisation import LANGUAGES, load_organisation
from config.settings import Settings
from review.app import create_app
from review.partners_page import router
from review.site import Role, Site, Visitor
from store.database import Database
from tests.unit.notifier.builders import NOW, match, record, same, store
from tests.unit.review.site import Anybody, visitor

AMB = load_organisation(Path(config.__file__).parent / "amb")
ADDRESS = "/partners/test_portal/TEST-A"
HOSTILE = """"><script>alert(1)</script>&body=x\r\nBcc: a@example.org <svg onload=alert(2)>"""

Open = Callable[..., TestClient]


@pytest.fixture
def opened(database: Database, tmp_path: Path) -> Open:
    """Stores a call with what it states, and opens the review of AMB."""

    def open_it(
        who: Visitor | None = None, matching: dict[str, Any] | None = None, **fields: Any
    ) -> TestClient:
        facts = {"programme": "Interreg NEXT MED"} | fields
        store(database, record("TEST-A", "2026-06-30", **facts))
        match(database, ("TEST-A", 1.0), organisation="amb", **matching or {})
        site = Site(Settings(home=tmp_path), database, AMB, lambda: NOW)
        return TestClient(create_app(site, Anybody(who or visitor()), [router]))

    return open_it


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def entry(html: str, key: str) -> str:
    """What is said of one that fits."""
    return text(re.split(r'<li id="partner-', html.partition(f'id="partner-{key}"')[2])[0])


def draft(html: str) -> str:
    (found,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)
    return unescape(found)


def test_each_stands_with_reasons_and_doubts(opened: Open) -> None:
    html = opened().get(ADDRESS).text
    said = entry(html, "algiers")
    assert "Way to take part: Interreg NEXT MED (from 1 January 2021 to 31 December 2027)." in said
    assert "The call does not state countries; check that this one may take part: Algeria." in said
    assert "partner to encourage, by the plan" in said
    assert 'lang="en">Best vehicle for Interreg NEXT MED' in html
    assert "tanger_tetouan" not in html


def test_countries_and_regions_of_the_call_decide(opened: Open) -> None:
    html = opened(countries=("ES", "IT"), regions=("ES51", "ITI4")).get(ADDRESS).text
    assert "Italy: the call states regions alone (ITI4)" in entry(html, "roma")
    assert 'id="partner-tunis"' not in html
    assert "Tunis Tunisia · priority partner of the plan : Tunisia: not among the countries" in text(html)


def test_parts_of_the_world_stand_for_their_countries(opened: Open) -> None:
    html = opened(geographical_zones=("Southern Mediterranean",)).get(ADDRESS).text
    assert "To check" not in entry(html, "tunis")


def test_the_words_of_the_call_that_name_one(opened: Open) -> None:
    named = [{"id": "sfax", "words": HOSTILE, "place": "text"}]
    html = opened(matching={"named": named}, countries=("IT",)).get(ADDRESS).text
    assert re.search(r'<ol class="fits">\s*<li id="partner-sfax">', html)
    assert "<script>alert" not in html


def test_a_call_that_fits_nobody_says_so(opened: Open) -> None:
    html = opened(programme="TEST programme", matching={"areas": []}).get(ADDRESS).text
    assert "None: the call names none of them" in text(html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_draft_in_every_language(opened: Open, language: str) -> None:
    browser = opened(titles={"en": "Cleaner ports", "ca": "Ports més nets"})
    html = browser.get(ADDRESS, params={"to": "tunis", "language": language}).text
    words = draft(html)
    assert "https://example.org/TEST-A" in words
    assert "Interreg NEXT MED" in words
    assert AMB.profile.name[language] in words  # type: ignore[index]
    assert ("Ports més nets" if language == "ca" else "Cleaner ports") in words
    assert "@" not in words
    assert max(map(len, re.findall(r"\n\n+", words))) <= 3
    assert f'lang="{language}"' in html


def test_a_draft_opens_in_a_mail_program_without_an_address(opened: Open) -> None:
    html = opened(titles={"en": HOSTILE}).get(ADDRESS, params={"to": "sfax"}).text
    assert "<script>alert" not in html
    (address,) = re.findall(r'href="(mailto:[^"]*)"', html)
    parts = urlsplit(unescape(address))
    fields = parse_qs(parts.query, strict_parsing=True)
    assert (parts.path, set(fields)) == ("", {"subject", "body"})
    assert "\n" not in fields["subject"][0]
    assert fields["body"][0].replace("\r\n", "\n") == draft(html)


def test_a_draft_claims_nothing_that_is_not_known(opened: Open) -> None:
    browser = opened(matching={"areas": []})
    words = draft(browser.get(ADDRESS, params={"to": "tunis"}).text)
    assert "worked together" not in words
    assert "names you" not in words


@pytest.mark.parametrize(
    "query",
    [{"to": "nobody"}, {"to": HOSTILE}, {"to": "tunis", "language": "xx"}, {"language": "ca"}, {"to": ""}],
)
def test_wild_questions(opened: Open, query: dict[str, str]) -> None:
    answer = opened().get(ADDRESS, params=query)
    assert answer.status_code == 200
    assert ("<textarea" in answer.text) is (query.get("to") == "tunis")
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("key", ["TEST-NONE", "../TEST-A", "x" * 3000])
def test_calls_that_are_not_there(opened: Open, key: str) -> None:
    assert opened().get(f"/partners/test_portal/{key}").status_code == 404


def test_a_copy_leads_to_its_face(opened: Open, database: Database) -> None:
    browser = opened()
    store(database, record("TEST-COPY"))
    same(database, "TEST-A", "TEST-COPY")
    answer = browser.get("/partners/test_portal/TEST-COPY", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, ADDRESS)


def test_readers_may_look_and_sign_nothing(opened: Open) -> None:
    who = replace(visitor(Role.READER), officer=None)
    words = draft(opened(who).get(ADDRESS, params={"to": "tunis"}).text)
    assert words.rstrip().endswith("https://www.amb.cat/")
    assert "Officer" not in words
