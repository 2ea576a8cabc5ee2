"""Sources: on or off and why, how their last readings went, and what looks at the portals found."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from config.organisation import LANGUAGES, load_organisation
from config.settings import Settings
from review.app import create_app
from review.site import Site, Visitor
from review.sources_page import RUNS, router
from store.database import Database
from store.models import CrawlRun, SourceCheck
from tests.conftest import AMB
from tests.unit.notifier.builders import NOW
from tests.unit.review.site import client, visitor


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> TestClient:
    return client(database, tmp_path, router)


def said(browser: TestClient) -> str:
    found = browser.get("/sources")
    assert found.status_code == 200
    main = re.findall(r"<main.*?</main>", found.text, re.DOTALL)[0]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def run(database: Database, **facts: Any) -> None:
    known: dict[str, Any] = {
        "source": "test_portal",
        "started_at": NOW,
        "ended_at": NOW,
        "outcome": "ok",
        "seen": 1_200,
    }
    with database.writing() as session:
        session.add(CrawlRun(**(known | facts)))


def test_nothing_is_known_yet(browser: TestClient) -> None:
    text = said(browser)
    assert "Test portal On not read yet" in text
    assert "No source has been read yet." in text
    assert "not looked at yet" in text


def test_readings_are_told_newest_first(database: Database, browser: TestClient) -> None:
    run(database, new=3, changed=2)
    run(
        database,
        outcome="partial",
        error="rate_limited",
        seen=700,
        declared=900,
        quarantined=4,
        started_at=NOW + timedelta(hours=1),
    )
    text = said(browser)
    assert (
        "Test portal 2 March, 08:00 partial the portal limits how much can be read 700 of 900 0 0 4" in text
    )
    assert text.index("partial the portal") < text.index("complete 1,200 3 2 0")
    assert "read in part today, 700 of 900 calls" in text


def test_lost_fields_are_named(database: Database, browser: TestClient) -> None:
    for _ in range(4):
        run(database, records=100, coverage={"deadlines": 100, "texts": 100})
    run(database, records=100, coverage={"texts": 100})
    assert "the portal no longer states: deadlines" in said(browser)


def test_a_reading_under_way_and_one_of_a_source_that_is_gone(
    database: Database, browser: TestClient
) -> None:
    run(database, outcome="running", ended_at=None)
    run(database, source="gone", outcome="failed", error="a kind of error to come")
    text = said(browser)
    assert "under way" in text
    assert "gone 2 March, 07:00 failed cause unknown" in text


def test_no_more_than_the_last_readings_are_shown(database: Database, browser: TestClient) -> None:
    for _ in range(RUNS + 5):
        run(database)
    assert said(browser).count("complete 1,200") == RUNS


def check(database: Database, outcome: str, *findings: dict[str, Any], live: bool = True) -> None:
    with database.writing() as session:
        session.add(
            SourceCheck(
                source="test_portal",
                checked_at=NOW - timedelta(days=1),
                live=live,
                outcome=outcome,
                findings=list(findings),
            )
        )


def test_what_a_look_at_the_portal_found(database: Database, browser: TestClient) -> None:
    finding = {
        "part": "fields",
        "kind": "gone",
        "field": "<b>deadline</b>",
        "before": "x" * 5_000,
        "after": None,
    }
    check(database, "drift", finding)
    text = said(browser)
    assert "The portal was looked at yesterday: it answers otherwise than expected." in text
    assert "fields · <b>deadline</b> · gone · xxx" in text
    assert "x" * 400 not in text


def test_a_look_at_a_replica_says_that_it_is_no_more(database: Database, browser: TestClient) -> None:
    check(database, "ok", live=False)
    assert "Only its replica was looked at yesterday: as expected." in said(browser)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sources_that_are_configured_are_all_there(
    database: Database, tmp_path: Path, language: str
) -> None:
    organisation = load_organisation(AMB)

    class Everybody:
        def let_in(self, _: Request) -> Visitor:
            return visitor(language=language)

    site = Site(Settings(home=tmp_path), database, organisation, lambda: NOW)
    text = said(TestClient(create_app(site, Everybody(), [router])))
    for source in organisation.sources:
        assert source.name in text
        assert " ".join(source.reason.split()) in text
