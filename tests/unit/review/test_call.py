"""The page of a call: what it says, where its words are marked, and what became of it."""

import re
from datetime import date, timedelta
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from config.organisation import LANGUAGES
from notifier.links import page_of_call
from notifier.words import words_in
from review.call import router
from review.loading import read_item
from review.site import Role
from review.timeline import MOST, timeline
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, decide, withdraw
from store.models import Assignment, Call, CallNote, Match
from store.records import CallRecord, Document
from store.stages import CallStage, record_stage
from tests.unit.notifier.builders import NOW, matched, organisation, record, same, store
from tests.unit.notifier.builders import deadline as due
from tests.unit.review.site import client, visitor

ORGANISATION = "test"


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> TestClient:
    return client(database, tmp_path, router)


def page(browser: TestClient, key: str = "TEST-A", source: str = "test_portal") -> str:
    found = browser.get(f"/calls/{source}/{key}")
    assert found.status_code == 200
    return str(found.text)


def section(html: str, anchor: str) -> str:
    """The text of a section by the id of its heading, without tags, on one line."""
    (inner,) = re.findall(rf'<section aria-labelledby="{anchor}">(.*?)</section>', html, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", inner)).split())


def change(database: Database, one: CallRecord, days: int = 1) -> None:
    with database.writing() as session:
        save(session, [one], None, NOW + timedelta(days=days))


def stored(database: Database, key: str) -> Call:
    with database.reading() as session:
        return session.exec(select(Call).where(Call.source_key == key)).one()


SMES = {
    "conditions": {"en": "Who may apply. Only SMEs may apply to this call."},
    "titles": {"en": "Cleaner air for cities"},
}
QUOTED = {
    "verdict": "not_open",
    "rule": "smes",
    "evidence": [
        {
            "field": "conditions",
            "words": "Only SMEs may apply to this call",
            "start": 15,
            "end": 47,
            "language": "en",
            "rule": "smes",
        }
    ],
}


def test_the_words_that_decide_are_marked_at_their_place(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", **SMES), **QUOTED)
    html = page(browser)
    assert '<a href="#evidence-1">' in html
    assert re.search(
        r'<mark class="rule" id="evidence-1"><a href="#eligibility" title="Only for SMEs en">'
        r"Only SMEs may apply to this call</a></mark>",
        html,
    )
    assert "Only for SMEs en" in section(html, "eligibility")


def test_no_link_leads_to_words_that_are_no_longer_there(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", **SMES), **QUOTED)
    change(
        database, record("TEST-A", **SMES | {"conditions": {"en": "Anybody may apply, whoever they are."}})
    )
    html = page(browser)
    assert "evidence-1" not in html
    assert "Only SMEs may apply to this call" in section(html, "eligibility")


@pytest.mark.parametrize(
    ("field", "stated", "words"),
    [
        ("title", {"titles": {"fr": "Pour les PME", "en": "For SMEs"}}, "For SMEs"),
        ("applicants", {"applicants": ("Cities", "SMEs only")}, "SMEs only"),
        ("type_of_action", {"types_of_action": ("SMEs action",)}, "SMEs action"),
        ("programme", {"programme": "SMEs programme"}, "SMEs programme"),
        ("countries", {"countries": ("ES", "FR")}, "FR"),
        ("identifier", {}, "TEST-A"),
    ],
)
def test_what_a_rule_quotes_of_any_field_is_marked(
    database: Database, browser: TestClient, field: str, stated: dict[str, Any], words: str
) -> None:
    matched(database, record("TEST-A", **stated))
    text = {
        "applicants": "Cities\nSMEs only",
        "countries": "ES FR",
    }.get(field, words)
    place = text.index(words)
    found = {"field": field, "words": words, "start": place, "end": place + len(words), "rule": "smes"}
    with database.writing() as session:
        one = session.exec(select(Match)).one()
        one.evidence = [found | {"language": "en" if field == "title" else ""}]
        session.add(one)
    (marked,) = re.findall(r'<mark class="rule" id="evidence-1"><a [^>]*>([^<]*)</a></mark>', page(browser))
    assert marked == words


def test_terms_of_areas_and_roles_are_marked(database: Database, browser: TestClient) -> None:
    texts = {"en": "Urban logistics in cities.", "es": "Logística para cities y urban logistics."}
    roles = [{"id": "partner", "terms": ["cities"]}]
    matched(database, record("TEST-A", texts=texts), roles=roles)
    marked = re.findall(r"<mark>([^<]*)</mark>", page(browser))
    assert marked == ["Urban logistics", "cities", "cities", "urban logistics"]


def test_each_text_bears_its_language(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", texts={"fr": "Les villes.", "en": "The cities."}))
    html = page(browser)
    assert re.search(r'lang="fr">\s*<p dir="auto">Les villes\.', html)
    assert "Text (French)" in html


def test_a_copy_leads_to_its_face(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"))
    store(database, record("TEST-COPY", source="other"))
    same(database, "TEST-A", "TEST-COPY")
    found = browser.get("/calls/other/TEST-COPY", follow_redirects=False)
    assert found.status_code == 307
    assert found.headers["location"] == "/calls/test_portal/TEST-A"
    assert "other" in page(browser)


@pytest.mark.parametrize(
    "path",
    [
        "/calls/test_portal/TEST-NONE",
        "/calls/nowhere/TEST-A",
        "/calls/test_portal/..%2f..%2fetc%2fpasswd",
        "/calls/test_portal/%ff%fe",
        "/calls/test_portal/TEST-A%27%20OR%201=1",
        f"/calls/test_portal/{'x' * 5_000}",
    ],
)
def test_there_is_no_such_call(database: Database, browser: TestClient, path: str) -> None:
    matched(database, record("TEST-A"))
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("key", ["TEST/1?x=1#y", "TEST ñ 100%", 'TEST"<script>', "TEST/decide"])
def test_odd_keys_have_a_page(database: Database, browser: TestClient, key: str) -> None:
    matched(database, record(key, page="https://example.org/"))
    call = stored(database, key)
    found = browser.get(page_of_call("", call))
    assert found.status_code == 200
    assert "<script>" not in found.text.replace('<script src="/static', "")


def test_a_call_that_no_ranking_has_seen_has_a_page(database: Database, browser: TestClient) -> None:
    store(database, record("TEST-A"))
    assert "It has not been matched yet" in page(browser)


HOSTILE = [
    "<script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "</style><style>body{display:none}</style>",
    "x" * 199_000,
    "\u202egnp.exe\u2066",
    "{{ 7 * 7 }}{% raw %}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_stay_words(database: Database, browser: TestClient, text: str) -> None:
    short = text[:1_900]
    one = record(
        "TEST-A",
        titles={"en": short},
        texts={"en": text},
        conditions={"en": text},
        applicants=(short,),
        programme=short,
        types_of_action=(short,),
        keywords=(short,),
        documents=(Document(title=short, address="https://example.org/x", kind=short),),
        notices=(short,),
    )
    matched(database, one, areas=[{"id": "mobility", "score": 1.0, "terms": [short]}])
    change(database, record("TEST-A", titles={"en": f"{short} more"}, texts={"en": f"{text} more"}))
    with database.writing() as session:
        call = session.exec(select(Call)).one()
        decide(
            session, ORGANISATION, "mobility", call, DecisionRecord(verdict=Verdict.RELEVANT, note=short), NOW
        )
    html = page(browser)
    for tag in ("<script>", "<svg/", "<style>"):
        assert tag not in html
    assert "style=" not in html
    assert "49" not in section(html, "stated") or "7 * 7" not in text


def test_changes_are_told_in_words_and_word_by_word(database: Database, browser: TestClient) -> None:
    before = "The call funds quiet trams in cities of every size all over Europe."
    matched(database, record("TEST-A", "2026-03-04", texts={"en": before}))
    after = before.replace("quiet trams", "cargo bikes")
    change(database, record("TEST-A", "2026-03-18", texts={"en": after}))
    html = page(browser)
    history = section(html, "history")
    assert "deadline extended from 4 to 18 March" in history
    assert "Text (English): what is different" in history
    assert "[removed:] quiet trams" in history
    assert "[added:] cargo bikes" in history
    assert "<del>" in html
    assert "<ins>" in html


def test_a_call_without_changes_says_when_it_was_first_seen(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"))
    assert section(page(browser), "history").endswith(
        "First seen today. Nothing that matters has changed since."
    )


def test_who_decided_what_and_what_changed_since(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"))
    with database.writing() as session:
        call = session.exec(select(Call)).one()
        dismissed = DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=Reason.TOO_LATE, note="Next year")
        decide(session, ORGANISATION, "mobility", call, dismissed, NOW)
        decide(session, ORGANISATION, "erased-1", call, DecisionRecord(verdict=Verdict.RELEVANT), NOW)
        withdraw(session, ORGANISATION, "erased-1", call, NOW)
        stage = record_stage(session, ORGANISATION, "mobility", call, CallStage.SUBMITTED, NOW)
        stage.cents, stage.day = 2_000_000_00, date(2026, 2, 27)
        version: dict[str, Any] = {"call_id": call.id or 0, "call_version": 1}
        session.add(
            CallNote(
                organisation=ORGANISATION, officer="mobility", text="Ask the mayor", noted_at=NOW, **version
            )
        )
        session.add(
            Assignment(
                organisation=ORGANISATION,
                call_id=call.id or 0,
                officer="mobility",
                assigned_by="mobility",
                assigned_at=NOW,
            )
        )
    said = section(page(browser), "activity")
    for part in (
        "Not for us (too late) · Officer en, today",
        "Next year",
        "Interesting · erased-1, today · taken back",
        "Submitted (€2M, 27 February 2026)",
        "Ask the mayor",
        "Assigned to Officer en",
    ):
        assert part in said
    assert "the call has changed since" not in said
    change(database, record("TEST-A", "2026-07-30"))
    html = page(browser)
    assert section(html, "activity").count("the call has changed since") == 3
    assert "Looked after by Officer en" in html
    assert "<strong>Submitted</strong>" in html


def test_forms_carry_what_a_decision_needs(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", **SMES), **QUOTED)
    html = page(browser)
    forms = re.findall(
        r"<form method=\"post\" action=\"/calls/test_portal/TEST-A/decide\" id=\"([^\"]+)\">(.*?)</form>",
        html,
        re.DOTALL,
    )
    assert {"interesting", "not-for-us", "mute", "open", "stage", "assign", "note", "undo"} <= {
        key for key, _ in forms
    }
    for _, form in forms:
        assert 'name="csrf" value="test-csrf"' in form
        assert 'name="seen" value="0"' in form
        assert 'name="action"' in form
        assert "<button" in form


def test_readers_are_offered_no_form(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-A"))
    browser = client(database, tmp_path, router, who=visitor(Role.READER))
    assert "/decide" not in page(browser)


def test_who_is_open_is_not_told_to_be_wrong(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"))
    assert 'id="open"' not in page(browser)


@pytest.mark.parametrize("language", LANGUAGES)
def test_ids_are_there_once_and_links_lead_somewhere(
    database: Database, tmp_path: Path, language: str
) -> None:
    matched(database, record("TEST-A", "2026-03-20", "2026-06-20", **SMES), **QUOTED)
    html = page(client(database, tmp_path, router, who=visitor(language=language)))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    (main,) = re.findall(r"<main.*?</main>", html, re.DOTALL)
    levels = [int(level) for level in re.findall(r"<h(\d)", main)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_dates_stand_in_order_on_a_line_of_a_hundred_per_cent(database: Database) -> None:
    days = [f"2026-{month:02}-10" for month in range(1, 13)] + [
        f"2027-{month:02}-10" for month in range(1, 9)
    ]
    matched(database, record("TEST-A", *days))
    with database.reading() as session:
        call = session.exec(select(Call)).one()
        points = timeline(read_item(session, organisation(), call, NOW), words_in("en"), NOW)
    assert [point.day for point in points] == sorted(point.day for point in points)
    assert all(0 < point.place < 100 for point in points)
    assert sum(point.kind == "today" for point in points) == 1
    assert len(points) == MOST + 1
    assert any(point.past for point in points)
    assert not points[-1].past


def test_a_call_without_dates_has_no_line(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", opening=None, deadlines=(), no_deadline="open all year"))
    assert "<svg" not in page(browser)


def test_a_deadline_on_the_day_itself(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", opening=None, deadlines=(due("2026-03-02"),)))
    assert 'cx="50.0%"' in page(browser)


def test_what_became_of_a_similar_call_is_told(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"), record("TEST-PAST", "2025-03-01"))
    with database.writing() as session:
        past = session.exec(select(Call).where(Call.source_key == "TEST-PAST")).one()
        record_stage(session, ORGANISATION, "mobility", past, CallStage.AWARDED, NOW)
    said = section(page(browser), "similar")
    assert "Title of TEST-PAST" in said
    assert "Awarded" in said


def test_projects_that_it_would_continue(database: Database, browser: TestClient) -> None:
    projects = [{"id": "test_project", "score": 4.0, "terms": []}, {"id": "gone", "score": 3.6, "terms": []}]
    matched(database, record("TEST-A"), projects=projects)
    assert "TESTPROJECT" in section(page(browser), "similar")
