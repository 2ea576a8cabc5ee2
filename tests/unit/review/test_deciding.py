"""Decisions sent from the review: kept once, refused when somebody else was faster, taken back, never half done."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from config.organisation import LANGUAGES
from review.deciding import MOST_AT_ONCE, router
from review.site import Role
from store.acts import AssignmentRecord, perform, take_back
from store.audit import revision_of
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Verdict
from store.models import Assignment, AuditEvent, Call, CallNote, Decision, Stage
from tests.unit.notifier.builders import NOW, matched, record, same
from tests.unit.review.site import CSRF, client, visitor
from tests.unit.store.conftest import postgresql, url  # noqa: F401 - fixtures

Response = Any
"""As the test client answers."""
ORGANISATION = "test"
HOSTILE = """"><script>alert(1)</script><svg onload=alert(2)><a href="javascript:alert(3)">{{ 7*7 }}</a>"""
TABLES = (Decision, Stage, Assignment, CallNote, AuditEvent)


def fill(database: Database) -> Database:
    odd = record("TEST/C d?e#f", page="https://example.org/c")
    matched(database, record("TEST-A"), record("TEST-B", titles={"en": HOSTILE}), odd)
    return database


@pytest.fixture
def database(database: Database) -> Database:
    return fill(database)


@pytest.fixture
def either(url: str) -> Iterator[Database]:  # noqa: F811 - the fixture that is imported
    """SQLite, and PostgreSQL."""
    database = Database(url)
    yield fill(database)
    database.close()


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> TestClient:
    return client(database, tmp_path, router)


def send(browser: TestClient, action: str, key: str = "TEST-A", part: Any = False, **fields: Any) -> Response:
    form = {"csrf": CSRF, "seen": "0", "action": action} | {
        name: str(value) for name, value in fields.items()
    }
    headers = {"HX-Request": "true"} if part else {}
    address = f"/calls/test_portal/{key}/decide"
    return browser.post(address, data=form, headers=headers, follow_redirects=False)


def send_many(
    browser: TestClient, action: str, *names: str, seen: list[str] | None = None, **fields: Any
) -> Any:
    form = {"csrf": CSRF, "action": action, "call": list(names), "seen": seen or []} | fields
    return browser.post("/decide-many", data=form)


def kept(database: Database) -> dict[str, int]:
    """How many rows there are by table; those without any are left out."""
    with database.reading() as session:
        counted = {table.__name__: len(session.exec(select(table)).all()) for table in TABLES}
    return {name: n for name, n in counted.items() if n}


def revision(database: Database, key: str = "TEST-A") -> int:
    with database.reading() as session:
        call = session.exec(select(Call).where(Call.source_key == key)).one()
        return revision_of(session, ORGANISATION, call)


def by_another(database: Database, key: str = "TEST-A", who: str = "water") -> None:
    with database.writing() as session:
        call = session.exec(select(Call).where(Call.source_key == key)).one()
        perform(session, ORGANISATION, who, call, DecisionRecord(verdict=Verdict.MUTED), NOW)


def text(answer: Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_decision_is_kept_for_the_version_of_the_call(
    database: Database, browser: TestClient, verdict: str
) -> None:
    answer = send(browser, verdict, note="TEST: why")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/calls/test_portal/TEST-A")
    with database.reading() as session:
        one = session.exec(select(Decision)).one()
        assert (one.organisation, one.officer, one.verdict) == (ORGANISATION, "mobility", verdict)
        assert (one.note, one.call_version, one.decided_at) == ("TEST: why", 1, NOW)
    assert kept(database) == {"Decision": 1, "AuditEvent": 1}


def test_stages_have_euros_and_a_day(database: Database, browser: TestClient) -> None:
    answer = send(browser, "submitted", amount="1,234,567.50", day="2026-03-01")
    assert answer.status_code == 303
    with database.reading() as session:
        one = session.exec(select(Stage)).one()
        assert (one.stage, one.cents, one.currency) == ("submitted", 123456750, "EUR")
        assert str(one.day) == "2026-03-01"


@pytest.mark.parametrize(
    ("language", "written", "cents"),
    [
        ("ca", "1.200", 120000),
        ("ca", "1.234,5 €", 123450),
        ("ca", "1200.50", 120050),
        ("es", "600.000", 60000000),
        ("fr", "600\u202f000,25", 60000025),
        ("fr", "600 000", 60000000),
        ("en", "600,000", 60000000),
        ("en", "0", 0),
    ],
)
def test_amounts_are_read_as_the_language_writes_them(
    database: Database, tmp_path: Path, language: str, written: str, cents: int
) -> None:
    browser = client(database, tmp_path, router, who=visitor(language=language))
    assert send(browser, "awarded", amount=written).status_code == 303
    with database.reading() as session:
        assert session.exec(select(Stage)).one().cents == cents


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("", {}),
        ("sign", {}),
        ("Decision", {}),
        (HOSTILE, {}),
        ("relevant", {"reason": "theme"}),
        ("relevant", {"seen": ""}),
        ("relevant", {"seen": "-1"}),
        ("relevant", {"seen": "9" * 400}),
        ("relevant", {"seen": "٣"}),
        ("relevant", {"note": "n" * 10_000}),
        ("relevant", {"amount": "1"}),
        ("relevant", {"day": "2026-03-01"}),
        ("not_relevant", {"reason": "mood"}),
        ("seen", {"amount": "1"}),
        ("seen", {"note": "TEST"}),
        ("note", {}),
        ("note", {"note": " \n"}),
        ("note", {"note": "n" * 10_000}),
        ("assign", {"officer": "nobody_here"}),
        ("assign", {"officer": HOSTILE}),
        *(
            ("awarded", {"amount": amount})
            for amount in ("-5", "1e400", "NaN", "Infinity", "9" * 40, "1.200", "x", "1.2.3", "٣", "1" * 14)
        ),
        *(
            ("awarded", {"day": day})
            for day in ("2026-03-03", "1969-12-31", "2026-02-30", "tomorrow", "9999-99-99", "0")
        ),
        ("awarded", {"amount": "1", "currency": "euros"}),
        ("awarded", {"amount": "1", "currency": "QQQ"}),
        ("undo", {}),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_kept(
    database: Database, browser: TestClient, action: str, fields: dict[str, Any]
) -> None:
    answer = send(browser, action, **fields)
    assert answer.status_code == 422
    (sentence,) = re.findall(r'<p role="alert">(.*?)</p>', answer.text)
    assert 10 < len(unescape(sentence)) < 200
    assert "<script>alert" not in answer.text
    assert 'href="/calls/test_portal/TEST-A"' in answer.text
    assert kept(database) == {}


def test_the_second_of_two_is_shown_what_the_first_did_and_may_insist(
    database: Database, browser: TestClient
) -> None:
    send(browser, "not_relevant", reason="theme", note="TEST: about fish")
    answer = send(browser, "shortlisted", back="/?area=water", day="2026-03-01")
    assert answer.status_code == 409
    assert "Officer en, today: Not for us (another theme)" in text(answer)
    assert "TEST: about fish" in text(answer)
    assert kept(database) == {"Decision": 1, "AuditEvent": 1}
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text))
    assert again == {
        "csrf": CSRF,
        "seen": str(revision(database)),
        "back": "/?area=water",
        "action": "shortlisted",
        "day": "2026-03-01",
    }
    done = browser.post("/calls/test_portal/TEST-A/decide", data=again, follow_redirects=False)
    assert (done.status_code, done.headers["Location"]) == (303, "/?area=water")
    assert kept(database) == {"Decision": 1, "Stage": 1, "AuditEvent": 2}


def test_of_several_at_the_same_moment_one_is_kept(either: Database, tmp_path: Path) -> None:
    officers = ("mobility", "water", "energy", "food")
    browsers = {who: client(either, tmp_path, router, who=visitor(who=who)) for who in officers}
    start = Barrier(len(officers))
    answers: dict[str, int] = {}

    def work(who: str) -> None:
        start.wait()
        answers[who] = send(browsers[who], "shortlisted").status_code

    threads = [Thread(target=work, args=(who,)) for who in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [303, 409, 409, 409]
    with either.reading() as session:
        assert answers[session.exec(select(Stage)).one().officer] == 303


def test_the_last_act_is_taken_back_whatever_it_was(database: Database, browser: TestClient) -> None:
    for action, fields in (
        ("relevant", {}),
        ("shortlisted", {}),
        ("note", {"note": "TEST: a note"}),
        ("assign", {"officer": "mobility"}),
    ):
        assert send(browser, action, seen=revision(database), **fields).status_code == 303
    taken = []
    while send(browser, "undo", seen=revision(database)).status_code == 303:
        with database.reading() as session:
            taken.append(session.exec(select(AuditEvent).order_by("id")).all()[-1].facts["action"])
    assert taken == ["assign", "note", "shortlisted", "relevant"]
    with database.reading() as session:
        assert session.exec(select(CallNote)).one().text == ""
        assert session.exec(select(Decision)).one().withdrawn_at == NOW


def test_nobody_takes_back_what_another_did(database: Database, browser: TestClient) -> None:
    by_another(database)
    answer = send(browser, "undo", seen=revision(database))
    assert answer.status_code == 422
    assert kept(database) == {"Decision": 1, "AuditEvent": 1}


def test_a_part_shows_the_new_state_and_how_to_take_it_back(database: Database, browser: TestClient) -> None:
    answer = send(browser, "open", part=True, note=HOSTILE)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "<script>alert" not in answer.text
    assert "<svg" not in answer.text
    said = text(answer)
    for words in (
        "Kept.",
        "Wrong, it is open",
        "Officer en, today",
        "The ranking follows with the next match.",
        "Take back: Wrong, it is open",
    ):
        assert words in said
    undone = send(browser, "undo", part=True, seen=revision(database))
    assert "Taken back." in text(undone)
    assert "Nobody has decided anything yet." in text(undone)
    assert 'name="action" value="undo"' not in undone.text


def test_a_decision_against_a_rule_shows_at_once(tmp_path: Path, database: Database) -> None:
    matched(database, record("TEST-RULED"), verdict="not_open", rule="smes")
    browser = client(database, tmp_path, router)
    answer = send(browser, "open", "TEST-RULED", part=True)
    assert "By decision it is open to us. The ranking follows with the next match." in text(answer)


def test_it_says_that_the_call_has_changed_since(database: Database, browser: TestClient) -> None:
    send(browser, "relevant")
    with database.writing() as session:
        save(session, [record("TEST-A", budget_cents=1)], None, NOW)
    answer = send(browser, "muted", seen=revision(database), part=True)
    assert text(answer).count("the call has changed since") == 1


def test_a_copy_is_decided_on_as_its_face(database: Database, browser: TestClient) -> None:
    same(database, "TEST-A", "TEST-B")
    by_another(database)
    assert send(browser, "relevant", "TEST-B").status_code == 409
    assert send(browser, "relevant", "TEST-B", seen=revision(database)).status_code == 303
    with database.reading() as session:
        assert {one.call_id for one in session.exec(select(Decision))} == {1}


def test_keys_with_signs_of_an_address(database: Database, browser: TestClient) -> None:
    answer = send(browser, "relevant", "TEST%2FC%20d%3Fe%23f")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/calls/test_portal/TEST%2FC%20d%3Fe%23f"
    assert kept(database) == {"Decision": 1, "AuditEvent": 1}


@pytest.mark.parametrize("key", ["TEST-NONE", "../TEST-A", "..%2f..%2fetc%2fpasswd", "%20", "x" * 3000])
def test_calls_that_are_not_there(database: Database, browser: TestClient, key: str) -> None:
    assert send(browser, "relevant", key).status_code in (404, 405)
    assert kept(database) == {}


@pytest.mark.parametrize(
    ("back", "leads_to"),
    [
        ("/?area=water&stage=seen", "/?area=water&stage=seen"),
        ("//evil.example.org/", "/calls/test_portal/TEST-A"),
        ("https://evil.example.org/", "/calls/test_portal/TEST-A"),
        ("javascript:alert(1)", "/calls/test_portal/TEST-A"),
        ("/\\evil.example.org", "/calls/test_portal/TEST-A"),
        ("/x\r\nSet-Cookie: a=b", "/calls/test_portal/TEST-A"),
    ],
)
def test_one_is_only_sent_back_within_the_site(browser: TestClient, back: str, leads_to: str) -> None:
    assert send(browser, "relevant", back=back).headers["Location"] == leads_to


@pytest.mark.parametrize(
    ("referrer", "leads_to"),
    [
        ("http://testserver/hidden?page=2", "/hidden?page=2"),
        ("http://evil.example.org/hidden", "/calls/test_portal/TEST-A"),
        ("http://testserver/calls/test_portal/TEST-A/decide", "/calls/test_portal/TEST-A"),
        ("http://testserver//evil.example.org", "/calls/test_portal/TEST-A"),
        ("http://[", "/calls/test_portal/TEST-A"),
    ],
)
def test_one_goes_on_where_one_came_from(browser: TestClient, referrer: str, leads_to: str) -> None:
    form = {"csrf": CSRF, "seen": "0", "action": "relevant"}
    answer = browser.post(
        "/calls/test_portal/TEST-A/decide", data=form, headers={"Referer": referrer}, follow_redirects=False
    )
    assert answer.headers["Location"] == leads_to


@pytest.mark.parametrize("action", ["relevant", "undo", "note"])
@pytest.mark.parametrize("nameless", [True, False])
def test_readers_and_visitors_without_a_name_change_nothing(
    database: Database, tmp_path: Path, action: str, nameless: bool
) -> None:
    who = replace(visitor(), officer=None) if nameless else visitor(Role.READER)
    browser = client(database, tmp_path, router, who=who)
    by_another(database)
    before = revision(database)
    assert send(browser, action, note="TEST").status_code == 403
    assert send_many(browser, action, "test_portal:TEST-A").status_code == 403
    assert (revision(database), kept(database)["Decision"]) == (before, 1)


def test_a_form_of_another_site_changes_nothing(database: Database, browser: TestClient) -> None:
    assert send(browser, "relevant", csrf="another").status_code == 403
    assert "Decision" not in kept(database)


def test_several_at_once_each_by_itself(either: Database, tmp_path: Path) -> None:
    browser = client(either, tmp_path, router)
    by_another(either, "TEST-B")
    names = [
        "test_portal:TEST-A",
        "test_portal:TEST-B",
        "test_portal:TEST-NONE",
        HOSTILE,
        "test_portal:TEST-A",
    ]
    answer = send_many(browser, "not_relevant", *names, reason="theme", back="/?page=2")
    assert answer.status_code == 200
    assert "Not for us: 1 call done; 1 left, since something was done to it." in text(answer)
    assert "water, today: Muted" in text(answer)
    assert "<script>alert" not in answer.text
    assert 'href="/?page=2"' in answer.text
    assert kept(either) == {"Decision": 2, "AuditEvent": 2}


def test_those_that_were_left_can_be_done_all_the_same(database: Database, browser: TestClient) -> None:
    by_another(database, "TEST-B")
    left = send_many(browser, "shortlisted", "test_portal:TEST-B")
    seen = f"test_portal:TEST-B={revision(database, 'TEST-B')}"
    assert seen in left.text
    done = send_many(browser, "shortlisted", "test_portal:TEST-B", seen=[seen])
    assert "1 call done" in text(done)


def test_all_of_it_is_taken_back_together(database: Database, browser: TestClient) -> None:
    names = ["test_portal:TEST-A", "test_portal:TEST-B"]
    done = send_many(browser, "relevant", *names)
    seen = re.findall(r'name="seen" value="([^"]*)"', done.text)
    assert "Undo: 2 calls done." in text(send_many(browser, "undo", *names, seen=seen))
    with database.reading() as session:
        assert [one.withdrawn_at for one in session.exec(select(Decision))] == [NOW, NOW]
    again = send_many(browser, "undo", *names, seen=[f"{one}=99" for one in names])
    assert "Undo: 0 calls done." in text(again)
    assert "Nothing of yours to take back" in text(again)


def test_copies_of_one_call_are_done_once(database: Database, browser: TestClient) -> None:
    same(database, "TEST-A", "TEST-B")
    answer = send_many(browser, "relevant", "test_portal:TEST-A", "test_portal:TEST-B")
    assert "1 call done." in text(answer)
    assert kept(database)["Decision"] == 1


@pytest.mark.parametrize(
    ("action", "names", "fields"),
    [
        ("relevant", [], {}),
        ("relevant", [f"test_portal:TEST-{n}" for n in range(MOST_AT_ONCE + 1)], {}),
        ("relevant", ["test_portal:TEST-A"], {"reason": "theme"}),
        ("sign", ["test_portal:TEST-A"], {}),
        ("awarded", ["test_portal:TEST-A"], {"amount": "1e400"}),
    ],
)
def test_several_that_do_not_fit_change_nothing(
    database: Database, browser: TestClient, action: str, names: list[str], fields: dict[str, Any]
) -> None:
    assert send_many(browser, action, *names, **fields).status_code == 422
    assert kept(database) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_pages_in_every_language(database: Database, tmp_path: Path, language: str) -> None:
    browser = client(database, tmp_path, router, who=visitor(language=language))
    with database.writing() as session:
        call = session.exec(select(Call).where(Call.source_key == "TEST-A")).one()
        perform(session, ORGANISATION, "water", call, AssignmentRecord(officer="mobility"), NOW)
        take_back(session, ORGANISATION, "water", call, NOW)
    answers = [
        send(browser, "relevant"),
        send(browser, "relevant", seen=revision(database), part=True),
        send(browser, "rejected", seen=revision(database), amount="1"),
        send_many(browser, "muted", "test_portal:TEST-A", "test_portal:TEST-B"),
    ]
    assert [answer.status_code for answer in answers] == [409, 200, 422, 200]
