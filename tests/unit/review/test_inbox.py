"""The inbox: live calls by rank, what each filter leaves, and forms that decide on many."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, select

from review import finding, inbox
from review.deciding import router as deciding
from review.inbox import PAGE, router
from review.site import Role
from store.assignments import assign
from store.audit import note_event
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, decide
from store.models import Call, SavedFilter
from store.stages import CallStage, record_stage
from tests.unit.notifier.builders import NOW, match, matched, record, same, store
from tests.unit.review.site import CSRF, client, visitor


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> TestClient:
    return client(database, tmp_path, router, deciding)


def page(browser: TestClient, **fields: object) -> str:
    found = browser.get(f"/?{urlencode(fields)}")
    assert found.status_code == 200
    return str(found.text)


def keys(html: str) -> list[str]:
    return re.findall(r'<span class="id">([^<]*)</span>', html)


def found(browser: TestClient, **fields: object) -> list[str]:
    return keys(page(browser, **fields))


def on_call(database: Database, key: str, act: Callable[[Session, Call], object]) -> None:
    with database.writing() as session:
        act(session, session.exec(select(Call).where(Call.source_key == key)).one())


def test_live_calls_come_best_first_without_copies_hidden_and_closed_ones(
    database: Database, browser: TestClient
) -> None:
    store(
        database,
        record("TEST-LOW"),
        record("TEST-BEST"),
        record("TEST-COPY"),
        record("TEST-HIDDEN"),
        record("TEST-CLOSED", "2026-01-10"),
        record("TEST-LATER", "2026-08-01"),
    )
    match(database, ("TEST-LOW", 1.0), ("TEST-BEST", 9.0), ("TEST-COPY", 8.0), ("TEST-CLOSED", 7.0))
    match(database, ("TEST-LATER", 1.0))
    match(database, ("TEST-HIDDEN", 10.0), verdict="not_open", rule="smes")
    same(database, "TEST-BEST", "TEST-COPY")
    assert found(browser) == ["TEST-BEST", "TEST-LOW", "TEST-LATER"]
    html = page(browser)
    assert 'href="/calls/test_portal/TEST-BEST"' in html
    assert "3 calls" in html


def test_a_call_is_live_by_the_deadline_that_another_source_knows(
    database: Database, browser: TestClient
) -> None:
    store(database, record("TEST-FACE", "2026-02-01"), record("TEST-COPY", "2026-03-20"))
    match(database, ("TEST-FACE", 1.0))
    assert found(browser) == []
    same(database, "TEST-FACE", "TEST-COPY")
    assert found(browser) == ["TEST-FACE"]
    assert found(browser, days=20) == ["TEST-FACE"]
    assert found(browser, days=10) == []


def test_a_source_that_says_closed_before_its_deadline_is_believed(
    database: Database, browser: TestClient
) -> None:
    store(database, record("TEST-FACE", "2026-03-20", status="closed"), record("TEST-COPY", "2026-03-20"))
    match(database, ("TEST-FACE", 1.0))
    same(database, "TEST-FACE", "TEST-COPY")
    assert found(browser) == []


def test_filters_leave_what_fits_all_of_them(database: Database, browser: TestClient) -> None:
    store(
        database,
        record("TEST-A", "2026-03-10", budget_cents=5_000_00, programme="Other"),
        record("TEST-B", "2026-06-01", titles={"fr": "Titre"}, texts={"fr": "Texte"}),
    )
    match(database, ("TEST-A", 2.0), verdict="unknown")
    match(database, ("TEST-B", 1.0), areas=[{"id": "water", "score": 1.0, "terms": ["x"]}])
    assert found(browser, area="mobility") == ["TEST-A"]
    assert found(browser, area="water") == found(browser, line="line") == ["TEST-B"]
    assert found(browser, days=30) == ["TEST-A"]
    assert found(browser, budget=5_000) == ["TEST-B", "TEST-A"][::-1]
    assert found(browser, budget=5_001) == ["TEST-B"]
    assert found(browser, programme="Other") == found(browser, verdict="unknown") == ["TEST-A"]
    assert found(browser, language="fr") == ["TEST-B"]
    assert found(browser, source="test_portal", area="mobility", language="fr") == []
    assert found(browser, sort="budget") == ["TEST-B", "TEST-A"]
    assert found(browser, sort="deadline") == ["TEST-A", "TEST-B"]


def test_words_are_found_in_any_source_of_a_call(database: Database, browser: TestClient) -> None:
    store(
        database,
        record("TEST-FACE", texts={"ca": "Estudis d’intel·ligència i mobilitat"}),
        record("TEST-COPY", texts={"es": "Tranvía"}),
        record("TEST-ELSE"),
    )
    match(database, ("TEST-FACE", 2.0), ("TEST-ELSE", 1.0))
    same(database, "TEST-FACE", "TEST-COPY")
    assert found(browser, q="intelligencia") == found(browser, q="tranvi") == ["TEST-FACE"]
    assert found(browser, q="test-else") == ["TEST-ELSE"]
    assert "No call fits" in page(browser, q="zeppelin")
    for hostile in ('" OR *', "NEAR(a b)", "'; DROP TABLE call; --", "names:x", "a & | ! <->", "%"):
        page(browser, q=hostile)


def test_the_last_word_of_officers_counts(database: Database, browser: TestClient) -> None:
    store(database, *(record(f"TEST-{key}") for key in "ABCD"))
    match(database, ("TEST-A", 4.0), ("TEST-B", 3.0), ("TEST-C", 1.0))
    same(database, "TEST-B", "TEST-D")
    seen, preparing = CallStage.SEEN, CallStage.PREPARING
    on_call(database, "TEST-A", lambda s, c: record_stage(s, "test", "mobility", c, seen, NOW))
    on_call(database, "TEST-A", lambda s, c: record_stage(s, "test", "mobility", c, preparing, NOW))
    on_call(database, "TEST-D", lambda s, c: assign(s, "test", "mobility", c, "mobility", NOW))
    on_call(database, "TEST-C", lambda s, c: assign(s, "test", "mobility", c, "mobility", NOW))
    on_call(database, "TEST-C", lambda s, c: assign(s, "test", "mobility", c, "", NOW))
    no = DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=Reason.THEME)
    yes = DecisionRecord(verdict=Verdict.RELEVANT)
    on_call(database, "TEST-B", lambda s, c: decide(s, "test", "mobility", c, yes, NOW))
    on_call(database, "TEST-D", lambda s, c: decide(s, "test", "mobility", c, no, NOW))
    on_call(database, "TEST-A", lambda s, c: decide(s, "test", "mobility", c, no, NOW))
    on_call(database, "TEST-A", lambda s, c: decide(s, "test", "ecology", c, yes, NOW))
    assert found(browser, stage="preparing") == ["TEST-A"]
    assert found(browser, stage="seen") == []
    assert found(browser, stage="-") == ["TEST-B", "TEST-C"]
    assert found(browser, officer="mobility") == ["TEST-B"]
    assert found(browser, officer="-") == ["TEST-A", "TEST-C"]
    assert found(browser, decided="relevant") == ["TEST-A"]
    assert found(browser, decided="not_relevant") == ["TEST-B"]
    assert found(browser, decided="-") == ["TEST-C"]
    html = page(browser)
    for chip in ("In preparation", "Looked after by Officer en", "Not for us (another theme)"):
        assert chip in html


def test_pages_follow_one_another_and_beyond_the_last_is_the_last(
    database: Database, browser: TestClient
) -> None:
    matched(database, *(record(f"TEST-{number:02}") for number in range(PAGE + 2)))
    assert len(found(browser)) == PAGE
    assert found(browser, page=2) == found(browser, page=99) == ["TEST-25", "TEST-26"]
    assert 'href="/?days=200&amp;page=2"' in page(browser, days=200)


def test_calls_are_counted_up_to_a_number_and_pages_end_there(
    database: Database, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST_COUNTED", PAGE + 1)
    monkeypatch.setattr(inbox, "MOST_COUNTED", PAGE + 1)
    matched(database, *(record(f"TEST-{number:02}") for number in range(PAGE + 1)))
    assert f"{PAGE + 1} calls" in page(browser)
    matched(database, *(record(f"TEST-MORE-{number:02}") for number in range(PAGE)))
    assert f"More than {PAGE + 1} calls" in page(browser)
    assert found(browser, page=99) == found(browser, page=2) != found(browser, page=1)


def test_programmes_are_offered_once_each_in_order(database: Database) -> None:
    names = ("TEST B", "", "TEST A", "TEST B", "TEST C")
    matched(database, *(record(f"TEST-{n}", programme=name) for n, name in enumerate(names)))
    with database.reading() as session:
        assert finding.programmes(session, 2) == ["TEST A", "TEST B"]
        assert finding.programmes(session, 9) == ["TEST A", "TEST B", "TEST C"]


def test_what_is_wrong_in_the_address_is_told_and_hostile_titles_stay_text(
    database: Database, browser: TestClient
) -> None:
    title = '<script>alert(1)</script><svg onload="x">' + "w" * 1_900
    matched(database, record("TEST-A", titles={"en": title}))
    html = page(browser, area='"><script>x', days="soon")
    assert keys(html) == ["TEST-A"]
    assert html.count('class="notice"') == 2
    assert "<script>alert" not in html
    assert "<svg onload" not in html
    assert "<script>x" not in html
    assert browser.get("/?" + "&".join(["a=x"] * 1_500)).status_code == 200
    assert browser.get("/?" + "&".join(["a=x"] * 10_000)).status_code == 414


def test_an_answer_for_htmx_is_a_part_with_its_canonical_address(
    database: Database, browser: TestClient
) -> None:
    matched(database, record("TEST-A"))
    answer = browser.get("/?q=&area=mobility&days=", headers={"HX-Request": "true"})
    assert answer.headers["HX-Push-Url"] == "/?area=mobility"
    assert "<html" not in answer.text
    assert 'id="results"' in answer.text


def test_the_form_of_many_decides_on_what_was_seen(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A"), record("TEST-B"))
    on_call(database, "TEST-B", lambda s, c: note_event(s, "test", "ecology", "seen", NOW, c))
    html = page(browser)
    seen = [unescape(one) for one in re.findall(r'name="seen" value="([^"]*)"', html)]
    assert seen[0] == "test_portal:TEST-A=0"
    form = {
        "csrf": CSRF,
        "action": "relevant",
        "call": ["test_portal:TEST-A", "test_portal:TEST-B"],
        "seen": seen,
    }
    assert browser.post("/decide-many", data=form).status_code == 200
    assert found(browser, decided="relevant") == ["TEST-A", "TEST-B"]


def test_filters_are_saved_and_deleted(database: Database, browser: TestClient) -> None:
    form = {"csrf": CSRF, "action": "save", "name": " Water  soon ", "query": "days=30&area=water&page=2&x=1"}
    answer = browser.post("/filters", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?area=water&days=30")
    assert '<a href="/?area=water&amp;days=30">Water soon</a>' in page(browser)
    with database.reading() as session:
        key = session.exec(select(SavedFilter.id)).one()
    browser.post("/filters", data={"csrf": CSRF, "action": "delete", "key": key})
    assert "You have saved none yet." in page(browser)


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\u200eb"])
def test_a_name_that_is_none_is_told(browser: TestClient, name: str) -> None:
    answer = browser.post("/filters", data={"csrf": CSRF, "action": "save", "name": name})
    assert answer.status_code == 422
    assert "has a name of 1 to 80 characters" in answer.text


def test_wild_keys_delete_nothing(browser: TestClient) -> None:
    for key in ("", "x", "-1", "9" * 30, "٣"):
        answer = browser.post("/filters", data={"csrf": CSRF, "action": "delete", "key": key})
        assert answer.status_code == 200


def test_readers_look_and_change_nothing(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-A"))
    browser = client(database, tmp_path, router, who=visitor(Role.READER))
    html = page(browser)
    assert keys(html) == ["TEST-A"]
    assert 'name="call"' not in html
    answer = browser.post("/filters", data={"csrf": CSRF, "action": "save", "name": "Mine"})
    assert answer.status_code == 403
