"""Who gets in at this machine, and through a proxy that signs people in."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from review.site import Site
from store.database import Database
from tests.unit.review.entering import OFFICERS, PROXY, browser, by_proxy, csrf_in, events, machine, site

HEADER = "X-Remote-Email"
ADDRESS = OFFICERS[0].email


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Site:
    return site(database, tmp_path)


@pytest.fixture
def behind(database: Database, tmp_path: Path) -> Site:
    return site(database, tmp_path, proxy_header=HEADER, proxy_address=PROXY)


def other_browser(client: TestClient) -> TestClient:
    return browser(client.app, str(client.base_url))


def test_without_the_token_nothing_is_shown(here: Site) -> None:
    client, _ = machine(here)
    for path in (
        "/",
        "/who",
        "/officer",
        "/static/review.css",
        "/static/nothing",
        "/nothing",
        "/accessibility",
    ):
        for answer in (client.get(path), client.get(path, params={"token": "wrong"}), client.post(path)):
            assert answer.status_code == 403
            assert "funding review" in answer.text
            assert "stylesheet" not in answer.text


def test_the_token_is_exchanged_once_for_a_cookie(here: Site) -> None:
    client, token = machine(here)
    page = client.get("/", params={"token": token})
    assert page.status_code == 200
    assert 'content="0; url=/"' in page.text
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert token not in cookie + page.text
    assert client.get("/who").status_code == 200
    late = other_browser(client)
    assert late.get("/", params={"token": token}).status_code == 403
    assert late.get("/who").status_code == 403
    # In the browser that is in already, the address that was printed goes on working.
    assert client.get("/who", params={"token": token}).status_code == 200


@pytest.mark.parametrize("cookie", ["", "x", "' OR 1=1 --", "é", "a" * 4000])
def test_a_made_up_cookie_lets_nobody_in(here: Site, cookie: str) -> None:
    client, _ = machine(here)
    answer = client.get("/who", headers={b"Cookie": f"funding_review_8642={cookie}".encode()})
    assert answer.status_code == 403


def test_who_decides_is_chosen_and_noted(here: Site, database: Database) -> None:
    client, token = machine(here)
    client.get("/", params={"token": token})
    assert client.get("/who").json()["officer"] is None
    page = client.get("/officer")
    assert OFFICERS[0].name["ca"] in page.text
    assert 'value="guest"' not in page.text  # a reader decides nothing
    answer = client.post("/officer", data={"csrf": csrf_in(page), "officer": "water"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/who").json() | {"csrf": ""} == {
        "officer": "water",
        "role": "officer",
        "language": "es",
        "csrf": "",
    }
    assert client.post("/officer", data={"csrf": csrf_in(page), "officer": "guest"}).status_code == 422
    client.post("/officer", data={"csrf": csrf_in(page), "officer": ""})
    assert client.get("/who").json()["officer"] is None
    assert events(database) == [("water", "acting", {}), ("", "acting", {})]


def test_who_decides_first_may_be_given(here: Site, database: Database) -> None:
    client, token = machine(here, OFFICERS[1])
    client.get("/", params={"token": token})
    assert client.get("/who").json()["officer"] == "water"
    assert events(database) == [("water", "acting", {})]


def test_before_somebody_decides_nothing_can_be_changed(here: Site) -> None:
    client, token = machine(here)
    client.get("/", params={"token": token})
    csrf = csrf_in(client.get("/officer"))
    answer = client.post("/change", data={"csrf": csrf})
    assert answer.status_code == 403
    assert "Decideix" not in answer.text
    client.post("/officer", data={"csrf": csrf, "officer": "water"})
    assert client.post("/change", data={"csrf": csrf}).json() == {"changed_by": "water"}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8642", "127.0.0.1.evil.example", "", "[::1", "10.0.0.1"]
)
def test_a_foreign_name_for_this_machine_is_refused(here: Site, host: str) -> None:
    client, token = machine(here)
    client.get("/", params={"token": token})
    assert client.get("/who", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8642", "127.0.0.1", "[::1]:9000", "LOCALHOST"])
def test_this_machine_has_several_names(here: Site, host: str) -> None:
    client, token = machine(here)
    client.get("/", params={"token": token})
    assert client.get("/who", headers={"Host": host}).status_code == 200


def test_programs_are_left_to_their_own_proof(here: Site) -> None:
    client, _ = machine(here)
    assert client.get("/api/nothing").status_code == 404
    assert client.get("/feeds/nothing").status_code == 404


@pytest.fixture
def through(behind: Site) -> TestClient:
    return by_proxy(behind)


def test_the_proxy_names_who_is_there(through: TestClient, database: Database) -> None:
    for _ in range(2):
        found = through.get("/who", headers={HEADER: ADDRESS.upper()})
        assert found.json()["officer"] == "mobility"
    assert events(database) == [("mobility", "signed_in", {"by": "proxy"})]
    csrf = found.json()["csrf"]
    changed = through.post("/change", data={"csrf": csrf}, headers={HEADER: ADDRESS})
    assert changed.json() == {"changed_by": "mobility"}


def test_a_forged_header_from_elsewhere_is_refused_and_noted(behind: Site, database: Database) -> None:
    for peer in ("10.0.0.8", "127.0.0.1", "::1", "testclient"):
        client = by_proxy(behind, peer)
        for headers in ({HEADER: ADDRESS}, {HEADER: ADDRESS, "X-Forwarded-For": PROXY}, {}):
            assert client.get("/who", headers=headers).status_code == 403
    assert set(map(str, events(database))) == {str(("", "refused", {"why": "proxy"}))}


def test_the_proxy_is_known_in_either_notation(behind: Site) -> None:
    assert by_proxy(behind, f"::ffff:{PROXY}").get("/who", headers={HEADER: ADDRESS}).status_code == 200


@pytest.mark.parametrize(
    "named", ["", "nobody@example.org", f"{ADDRESS}, {ADDRESS}", "mobility", f"{ADDRESS}\x00"]
)
def test_whoever_the_proxy_names_must_be_listed(through: TestClient, named: str) -> None:
    assert through.get("/who", headers={HEADER: named}).status_code == 403


def test_two_names_are_none(through: TestClient) -> None:
    answer = through.get("/who", headers=[(HEADER, ADDRESS), (HEADER, OFFICERS[1].email)])
    assert answer.status_code == 403
    assert through.get("/who").status_code == 403


def test_without_the_mode_the_header_is_nothing(database: Database, tmp_path: Path) -> None:
    client, _ = machine(site(database, tmp_path))
    assert client.get("/who", headers={HEADER: ADDRESS}).status_code == 403


def test_readers_change_nothing(through: TestClient) -> None:
    headers = {HEADER: OFFICERS[2].email}
    found = through.get("/who", headers=headers).json()
    assert found["role"] == "reader"
    answer = through.post("/change", data={"csrf": found["csrf"]}, headers=headers)
    assert answer.status_code == 403
