"""Hidden by rule: every call that a rule hides is counted, can be seen, and can be brought back."""

import re
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from review.hidden import PAGE, router
from review.site import Role
from store.audit import note_event
from store.database import Database
from store.decisions import DecisionRecord, Verdict, decide
from store.models import Call
from tests.unit.notifier.builders import NOW, match, matched, record, same, store
from tests.unit.review.site import client, visitor

HIDDEN = {
    "verdict": "not_open",
    "rule": "smes",
    "evidence": [{"field": "conditions", "words": "Only SMEs", "rule": "smes"}],
}


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> TestClient:
    return client(database, tmp_path, router)


def page(browser: TestClient, query: str = "") -> str:
    found = browser.get(f"/hidden{query}")
    assert found.status_code == 200
    return str(found.text)


def keys(html: str) -> list[str]:
    return re.findall(r'<p class="id">([^<]*)</p>', html)


def counts(html: str) -> list[tuple[str, str]]:
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td class="number">(\d+)</td></tr>', html)
    return [(unescape(re.sub(r"<[^>]*>", "", reason)), number) for reason, number in rows]


def test_calls_are_counted_by_rule_and_name_the_words_that_decide(
    database: Database, browser: TestClient
) -> None:
    matched(database, record("TEST-A"), record("TEST-B"), **HIDDEN)
    store(database, record("TEST-C"), record("TEST-OPEN"))
    match(database, ("TEST-C", 5.0), **HIDDEN | {"rule": "gone"})
    match(database, ("TEST-OPEN", 6.0))
    html = page(browser)
    assert counts(html) == [
        ("Only for SMEs en", "2"),
        ("By what the call states, a body like ours cannot apply.", "1"),
        ("All rules", "3"),
    ]
    assert keys(html) == ["TEST-A", "TEST-B", "TEST-C"]
    assert "The conditions say “Only SMEs”." in html
    assert '<a href="/calls/test_portal/TEST-A"' in html


def test_one_rule_alone(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"), **HIDDEN)
    matched(database, record("TEST-B"), **HIDDEN | {"rule": "gone"})
    assert keys(page(browser, "?rule=gone")) == ["TEST-B"]


def test_closed_calls_and_copies_are_not_counted(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"), record("TEST-COPY"), record("TEST-PAST", "2025-01-01"), **HIDDEN)
    same(database, "TEST-A", "TEST-COPY")
    assert keys(page(browser)) == ["TEST-A"]


def test_a_call_that_another_source_knows_to_be_open_is_counted(
    database: Database, browser: TestClient
) -> None:
    matched(database, record("TEST-A", "2025-01-01"), **HIDDEN)
    store(database, record("TEST-COPY", "2026-09-01"))
    same(database, "TEST-A", "TEST-COPY")
    assert keys(page(browser)) == ["TEST-A"]


def test_there_are_pages(database: Database, browser: TestClient) -> None:
    matched(database, *(record(f"TEST-{number}") for number in range(PAGE + 3)), **HIDDEN)
    first, second = page(browser), page(browser, "?page=2")
    assert len(keys(first)) == PAGE
    assert len(keys(second)) == 3
    assert not set(keys(first)) & set(keys(second))
    assert 'rel="next"' in first
    assert 'rel="prev"' in second


@pytest.mark.parametrize(
    "query",
    [
        "?page=0",
        "?page=-1",
        "?page=99999999999999999999",
        "?page=١",
        "?page=x",
        "?page=",
        "?rule=<script>",
        "?rule=smes'--",
        "?rule=a&rule=b&page=1&page=2",
        "?" + "&".join(f"x{number}=1" for number in range(200)),
    ],
)
def test_whatever_stands_in_the_address_there_is_a_page(
    database: Database, browser: TestClient, query: str
) -> None:
    matched(database, record("TEST-A"), **HIDDEN)
    assert keys(page(browser, query)) == ["TEST-A"]


def test_wrong_it_is_open_carries_what_the_decision_needs(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"), **HIDDEN)
    with database.writing() as session:
        call = session.exec(select(Call)).one()
        event = note_event(session, "test", "mobility", "note", NOW, call)
        seen = event.id
    (form,) = re.findall(
        r'<form method="post" action="/calls/test_portal/TEST-A/decide">(.*?)</form>',
        page(browser),
        re.DOTALL,
    )
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    back = unescape(fields.pop("back"))
    assert fields == {"csrf": "test-csrf", "seen": str(seen), "action": "open"}
    assert back == "/hidden?rule=&page=1"


def decided(database: Database, officer: str) -> None:
    with database.writing() as session:
        call = session.exec(select(Call)).one()
        said = DecisionRecord(verdict=Verdict.OPEN, note="I asked the portal")
        decide(session, "test", officer, call, said, NOW)


def test_what_an_officer_said_is_open_is_hidden_no_more_and_can_be_undone(
    database: Database, browser: TestClient
) -> None:
    matched(database, record("TEST-A"), **HIDDEN)
    decided(database, "mobility")
    html = page(browser)
    assert "No rule hides any call now." in html
    assert "Said to be open after all" in html
    assert "I asked the portal" in html
    assert 'name="action" value="undo"' in html


def test_what_another_officer_said_is_theirs_to_undo(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"), **HIDDEN)
    decided(database, "water")
    html = page(browser)
    assert "Said to be open after all" in html
    assert 'value="undo"' not in html


def test_readers_are_offered_no_form(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-A"), **HIDDEN)
    assert "/decide" not in page(client(database, tmp_path, router, who=visitor(Role.READER)))


def test_hostile_titles_stay_words(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", titles={"en": '"><script>alert(1)</script>'}), **HIDDEN)
    assert "<script>" not in page(browser)
