"""Signing in by a mailed link: once, in time, and without telling who is listed."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

import config
from config.organisation import load_organisation
from review.app import create_app
from review.roster import Roster
from review.sign_in import LinkAccess
from review.site import Site
from store.database import Database
from store.models import AccessToken
from store.personal import begin_erasure
from tests.unit.notifier.builders import officer
from tests.unit.notifier.mail_server import MailServer, served
from tests.unit.review.entering import (
    HOST,
    OFFICERS,
    PAGE,
    Clock,
    ask_for_link,
    browser,
    by_link,
    csrf_in,
    events,
    follow,
    links,
    router,
    signed_in,
    site,
)

ADDRESS = OFFICERS[0].email


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(database: Database, tmp_path: Path, clock: Clock) -> Site:
    return site(database, tmp_path, clock)


@pytest.fixture
def client(here: Site) -> TestClient:
    return by_link(here)


def test_whoever_is_not_signed_in_is_led_there(client: TestClient) -> None:
    answer = client.get("/who?area=water&q=a%20b")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/who%3Farea%3Dwater%26q%3Da%2520b"
    assert client.get("/").headers["location"] == "/sign-in"
    assert client.post("/change").headers["location"] == "/sign-in"
    part = client.get("/who", headers={"HX-Request": "true"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/sign-in")
    for path in ("/sign-in", "/accessibility", "/static/review.css", "/static/tokens.css"):
        assert client.get(path).status_code == 200


def test_a_link_signs_in(client: TestClient, tmp_path: Path, database: Database) -> None:
    assert ask_for_link(client, f"  {ADDRESS.upper()} ", "/who?area=water").status_code == 200
    (link,) = links(tmp_path)
    answer = follow(client, link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/who?area=water")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-funding_review=")
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=604800"):
        assert word in cookie
    assert client.get("/who").json() | {"csrf": ""} == {
        "officer": "mobility",
        "role": "officer",
        "language": "en",
        "csrf": "",
    }
    assert client.get("/sign-in").headers["location"] == "/"
    assert events(database) == [("mobility", "signed_in", {"by": "link"})]


def test_the_store_knows_hashes_alone(here: Site, tmp_path: Path, database: Database) -> None:
    client = signed_in(here)
    (link,) = links(tmp_path)
    with database.reading() as session:
        kept = str([one.model_dump() for one in session.exec(select(AccessToken))])
    assert link.rpartition("/")[2] not in kept
    assert client.cookies["__Host-funding_review"] not in kept


def test_a_link_works_once(client: TestClient, here: Site, tmp_path: Path, database: Database) -> None:
    ask_for_link(client, ADDRESS)
    (link,) = links(tmp_path)
    assert follow(client, link).status_code == 303
    late = by_link(here)
    assert follow(late, link).status_code == 403
    assert late.get("/who").status_code == 303
    assert [action for _, action, _ in events(database)] == ["signed_in"]


def test_of_two_at_once_one_gets_in(here: Site, tmp_path: Path) -> None:
    clients = [by_link(here) for _ in range(4)]
    ask_for_link(clients[0], ADDRESS)
    (link,) = links(tmp_path)
    forms = [csrf_in(client.get(link)) for client in clients]
    with ThreadPoolExecutor() as pool:
        answers = list(
            pool.map(
                lambda one: one[0].post(link, data={"csrf": one[1]}).status_code,
                zip(clients, forms, strict=True),
            )
        )
    assert sorted(answers) == [303, 403, 403, 403]


def test_looking_at_a_link_uses_nothing_up(client: TestClient, tmp_path: Path) -> None:
    ask_for_link(client, ADDRESS)
    (link,) = links(tmp_path)
    for _ in range(3):  # a program that scans mails, without cookies
        assert browser(client.app, PAGE).get(link).status_code == 200
        assert browser(client.app, PAGE).head(link).status_code == 405
    assert follow(client, link).status_code == 303


def test_a_link_ages(client: TestClient, tmp_path: Path, clock: Clock) -> None:
    ask_for_link(client, ADDRESS)
    clock.pass_by(minutes=15)
    (link,) = links(tmp_path)
    assert follow(client, link).status_code == 403
    assert client.get("/who").status_code == 303


@pytest.mark.parametrize("token", ["x", "' OR '1'='1", "..%2f..%2fetc", "é" * 50, "a" * 3000])
def test_a_forged_link_is_refused(client: TestClient, token: str) -> None:
    assert client.get(f"/sign-in/{token}").status_code in (200, 404)
    csrf = csrf_in(client.get("/sign-in"))
    assert client.post(f"/sign-in/{token}", data={"csrf": csrf}).status_code in (403, 404)
    assert client.get("/who").status_code == 303


def test_the_answer_does_not_tell_who_is_listed(here: Site, tmp_path: Path) -> None:
    answers = []
    for address in (ADDRESS, "nobody@example.org", "no address"):
        client = by_link(here)
        csrf = csrf_in(client.get("/sign-in"))
        answer = client.post("/sign-in", data={"csrf": csrf, "address": address})
        answers.append((answer.status_code, answer.text.replace(csrf, ""), set(answer.headers)))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 200
    assert len(list(links(tmp_path))) == 1


def test_the_mail_goes_out_after_the_answer(here: Site, database: Database) -> None:
    """The answer is made before the store and the mail server are asked: its time cannot depend on either."""
    client = by_link(here)
    csrf = csrf_in(client.get("/sign-in"))
    sent: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                with database.reading() as session:
                    sent.extend(one.kind for one in session.exec(select(AccessToken)))
            await send(message)

        await client.app(scope, receive, sending)

    outer = browser(app, PAGE)
    outer.cookies = client.cookies
    assert outer.post("/sign-in", data={"csrf": csrf, "address": ADDRESS}).status_code == 200
    assert sent == []
    with database.reading() as session:
        assert [one.kind for one in session.exec(select(AccessToken))] == ["link"]


def test_links_are_asked_for_no_more_than_so_often(here: Site, clock: Clock) -> None:
    for address in (ADDRESS, "nobody@example.org"):
        answers = [ask_for_link(by_link(here), address).status_code for _ in range(2)]
        assert answers == [200, 200]
    client = by_link(here)
    for address in (ADDRESS, "nobody@example.org"):
        answers = [ask_for_link(client, address).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
    for number in range(4):
        last = ask_for_link(client, f"another{number}@example.org").status_code
    assert last == 429  # the same client, whoever it asks for
    clock.pass_by(minutes=15)
    assert ask_for_link(client, ADDRESS).status_code == 200


def test_a_session_ends_when_it_is_not_used(here: Site, clock: Clock) -> None:
    client = signed_in(here)
    for _ in range(3):
        clock.pass_by(hours=11, minutes=59)
        assert client.get("/who").status_code == 200
    clock.pass_by(hours=12)
    assert client.get("/who").status_code == 303


def test_a_session_ends_after_a_week(here: Site, clock: Clock) -> None:
    client = signed_in(here)
    for _ in range(14):
        assert client.get("/who").status_code == 200
        clock.pass_by(hours=11.9)
    clock.pass_by(hours=1.5)
    assert client.get("/who").status_code == 303


def test_signing_out_ends_the_session_everywhere(here: Site, database: Database) -> None:
    client = signed_in(here)
    kept = dict(client.cookies)
    csrf = client.get("/who").json()["csrf"]
    assert client.post("/sign-out", data={"csrf": csrf}).headers["location"] == "/sign-in"
    assert client.get("/who").status_code == 303
    thief = browser(client.app, PAGE)
    thief.cookies.update(kept)
    assert thief.get("/who").status_code == 303
    assert events(database)[-1] == ("mobility", "signed_out", {})


def test_a_session_is_another_one_than_before_signing_in(client: TestClient, tmp_path: Path) -> None:
    ask_for_link(client, ADDRESS)
    before = client.cookies["__Host-funding_review"]
    (link,) = links(tmp_path)
    follow(client, link)
    assert client.cookies["__Host-funding_review"] != before
    fixed = browser(client.app, PAGE)
    fixed.cookies.set("__Host-funding_review", before)
    assert fixed.get("/who").status_code == 303


def test_a_link_is_no_session_and_a_session_no_link(here: Site, tmp_path: Path) -> None:
    client = signed_in(here)
    ask_for_link(by_link(here), ADDRESS)
    token = list(links(tmp_path))[-1].rpartition("/")[2]
    thief = by_link(here)
    thief.cookies.set("__Host-funding_review", token)
    assert thief.get("/who").status_code == 303
    assert follow(by_link(here), f"/sign-in/{client.cookies['__Host-funding_review']}").status_code == 403


def test_whoever_is_erased_is_out(here: Site, database: Database, clock: Clock) -> None:
    client = signed_in(here)
    with database.writing() as session:
        begin_erasure(session, "test", "mobility", clock())
    assert client.get("/who").status_code == 303


def test_whoever_is_taken_out_of_the_file_is_out(database: Database, tmp_path: Path, clock: Clock) -> None:
    folder = tmp_path / "config" / "amb"
    shutil.copytree(Path(config.__file__).parent / "amb", folder)
    listed = load_organisation(folder)
    here = site(database, tmp_path, clock)
    here = Site(here.settings, database, listed, clock)
    access = LinkAccess(here.settings)
    client = browser(
        create_app(here, Roster(access, folder), [router, access.router], frozenset({HOST})), PAGE
    )
    gone = listed.officers[0]
    ask_for_link(client, gone.email)
    follow(client, next(links(tmp_path)))
    assert client.get("/who").json()["officer"] == gone.id
    file = folder / "officers.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "[[officer", encoding="utf-8")  # saved half-way
    assert client.get("/who").json()["officer"] == gone.id
    file.write_text(text.replace(f'"{gone.id}"', '"test_successor"'), encoding="utf-8")
    assert client.get("/who").status_code == 303
    file.write_text(text + " ", encoding="utf-8")  # the session ended; listed again, a new one is needed
    assert client.get("/who").status_code == 303


@pytest.mark.parametrize(
    "onward",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/a\r\nb",
    ],
)
def test_a_link_leads_nowhere_else(client: TestClient, tmp_path: Path, onward: str) -> None:
    ask_for_link(client, ADDRESS, onward)
    (link,) = links(tmp_path)
    assert "next" not in link
    csrf = csrf_in(client.get(link))
    answer = client.post(link, data={"csrf": csrf, "next": onward})
    assert answer.headers["location"] == "/"


def test_the_letter_comes_in_the_officers_language(database: Database, tmp_path: Path) -> None:
    with served(MailServer()) as server:
        here = site(database, tmp_path, smtp_url=server.url)
        ask_for_link(by_link(here), OFFICERS[1].email)
    assert server.recipients == [OFFICERS[1].email]
    (mail,) = [message_from_bytes(one, policy=default) for one in server.arrived]
    assert mail["To"] == OFFICERS[1].email
    assert mail["Subject"] == "TM: iniciar sesión"
    assert "List-Unsubscribe" not in mail
    assert mail["Auto-Submitted"] == "auto-generated"
    assert f"{PAGE}/sign-in/" in mail.get_content()


def test_a_server_that_is_away_is_told_to_nobody_outside(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    here = site(database, tmp_path, smtp_url="smtp://127.0.0.1:9")
    answer = ask_for_link(by_link(here), ADDRESS)
    assert answer.status_code == 200
    assert "no link went out to mobility" in caplog.text
    assert ADDRESS not in caplog.text


def test_a_proxy_on_the_way_does_not_count_as_one_client(database: Database, tmp_path: Path) -> None:
    here = site(database, tmp_path, proxy_address="192.0.2.1")
    client = by_link(here)
    answers = []
    for number in range(12):
        csrf = csrf_in(client.get("/sign-in"))
        data = {"csrf": csrf, "address": f"another{number}@example.org"}
        forwarded = {"X-Forwarded-For": f"6.6.6.6, 198.51.100.{number}"}
        answers.append(client.post("/sign-in", data=data, headers=forwarded).status_code)
    assert set(answers) == {200}


def test_readers_sign_in_too(here: Site) -> None:
    client = signed_in(here, OFFICERS[2])
    found = client.get("/who").json()
    assert (found["role"], found["language"]) == ("reader", "fr")
    assert client.post("/change", data={"csrf": found["csrf"]}).status_code == 403
    assert client.post("/sign-out", data={"csrf": found["csrf"]}).status_code == 303


def test_two_officers_are_two(here: Site) -> None:
    assert [signed_in(here, one).get("/who").json()["officer"] for one in OFFICERS[:2]] == [
        "mobility",
        "water",
    ]


@pytest.mark.parametrize("written", ["test@EXÄMPLE.org", "test@xn--exmple-cua.org"])  # as browsers send it
def test_a_domain_may_have_letters_of_its_own(database: Database, tmp_path: Path, written: str) -> None:
    here = site(database, tmp_path, None, officer("test", email="test@exämple.org"))
    assert ask_for_link(by_link(here), written).status_code == 200
    assert len(list(links(tmp_path))) == 1
