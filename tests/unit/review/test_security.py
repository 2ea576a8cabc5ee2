"""What every request must stand and every answer bears: attacks on the frame, whatever the page."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, HTTPException
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from review import security
from review.auditing import MOST_REFUSALS
from review.headers import HEADERS
from review.paths import local_path
from review.site import TheSite
from store.audit import StaleError
from store.database import Database
from store.errors import StoreError
from tests.unit.review.entering import (
    HOST,
    OFFICERS,
    PAGE,
    Clock,
    browser,
    by_link,
    csrf_in,
    events,
    machine,
    signed_in,
    site,
)
from tests.unit.review.site import CSRF, client, visitor

TRAPS = APIRouter()


@TRAPS.get("/bug")
def bug() -> None:
    raise ZeroDivisionError("TEST secret of the inside")


@TRAPS.get("/store")
def store() -> None:
    raise StoreError("sqlite:////TEST/inside.db: another program holds it")


@TRAPS.get("/stale")
def stale() -> None:
    raise StaleError([])


@TRAPS.get("/status/{status}")
def status(status: int) -> None:
    raise HTTPException(status, "TEST detail of the inside")


@TRAPS.get("/number")
def number(number: int) -> int:
    return number


@TRAPS.get("/upgraded")
def upgraded(site: TheSite) -> None:
    with site.database.reading() as session:
        session.connection().exec_driver_sql("SELECT column_of_tomorrow FROM call")


@TRAPS.post("/note")
def note() -> dict[str, str]:
    return {"note": "kept"}


@pytest.fixture
def page(database: Database, tmp_path: Path) -> TestClient:
    found = client(database, tmp_path, TRAPS)
    return browser(found.app, "http://testserver")


@pytest.mark.parametrize(
    "path",
    [
        "/accessibility",
        "/static/review.css",
        "/static/nothing",
        "/nothing",
        "/bug",
        "/store",
        "/number",
        "/status/405",
    ],
)
def test_every_answer_bears_the_headers(page: TestClient, path: str) -> None:
    answer = page.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    kept = "no-cache" if path == "/static/review.css" else "no-store"
    if "nothing" not in path:
        assert answer.headers["Cache-Control"] == kept
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("language", ["ca", "es", "en", "fr"])
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/bug", 500),
        ("/store", 503),
        ("/upgraded", 503),
        ("/stale", 409),
        ("/number?number=x", 422),
        *((f"/status/{code}", code) for code in (400, 403, 404, 405, 409, 413, 414, 418, 422, 429, 500, 503)),
    ],
)
def test_errors_are_pages_without_details(
    database: Database, tmp_path: Path, path: str, code: int, language: str
) -> None:
    found = browser(
        client(database, tmp_path, TRAPS, who=visitor(language=language)).app, "http://testserver"
    )
    answer = found.get(path)
    assert answer.status_code == code
    assert f'<html lang="{language}">' in answer.text
    assert answer.text.count("<h1>") == 1
    assert answer.headers["content-type"].startswith("text/html")
    for word in ("TEST", "inside", "Traceback", "ZeroDivision", "sqlite", "column_of_tomorrow"):
        assert word not in answer.text
    assert ("Retry-After" in answer.headers) == (path in ("/store", "/upgraded"))


def test_an_error_in_a_part_takes_the_place_of_the_page(page: TestClient) -> None:
    answer = page.get("/status/404", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == "#main"
    assert "<html" not in answer.text
    assert "<h1>" in answer.text


def test_programs_get_errors_they_can_read(page: TestClient) -> None:
    answer = page.get("/api/nothing")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/%2e%2e/config/settings.py",
        "/static/..%5capp.py",
        "/static//etc/passwd",
        "/static/pages/../../app.py",
        "/static/%2fetc%2fpasswd",
        "/static/.",
        "/static/" + "a/" * 300,
        "/static/" + "a" * 300,
    ],
)
def test_static_files_are_those_of_the_folder(page: TestClient, path: str) -> None:
    answer = raw(page, "GET", path)
    assert answer[0] in (404, 405)
    assert b"import" not in answer[1]


def raw(client: TestClient, method: str, path: str, **headers: str) -> tuple[int, bytes]:
    """Ask for `path` as it stands: clients clean it up."""
    got: list[Any] = []
    sent = [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}]
    where, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": where.replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\").replace("%00", "\0"),
        "raw_path": where.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [
            (name.lower().encode(), value.encode())
            for name, value in {"Host": "testserver", **headers}.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }

    async def receive() -> Any:
        return sent.pop(0)

    async def send(message: Any) -> None:
        got.append(message)

    asyncio.run(client.app(scope, receive, send))  # type: ignore[arg-type]
    return got[0]["status"], b"".join(one.get("body", b"") for one in got[1:])


@pytest.mark.parametrize("path", ["/%00", "/number?number=%00", "/static/%00", "/status/4%004"])
def test_nul_reaches_no_database(page: TestClient, path: str) -> None:
    assert raw(page, "GET", path)[0] == 400
    assert page.post("/note", data={"csrf": CSRF, "text": "a\0b"}).status_code == 400


def test_addresses_have_an_end(page: TestClient) -> None:
    many = "&".join(f"area=area{number}" for number in range(10_000))
    assert raw(page, "GET", f"/number?{many}")[0] == 414
    assert page.get("/" + "a" * 8192).status_code == 414
    assert page.get("/number?number=1&" + "a" * 8000).status_code == 200


def test_bodies_have_an_end(page: TestClient) -> None:
    assert page.post("/note", data={"csrf": CSRF, "text": "a" * 60_000}).status_code == 200
    assert page.post("/note", data={"csrf": CSRF, "text": "a" * 66_000}).status_code == 413

    in_parts = (b"a" * 10_000 for _ in range(7))  # without a length that is told beforehand
    assert page.post("/note", content=in_parts).status_code == 413
    assert page.post("/note", data={"csrf": CSRF, **{f"f{n}": "1" for n in range(1001)}}).status_code == 413
    for length in ("-1", "1e9", "x", "99999999999999999999"):
        assert raw(page, "POST", "/note", **{"Content-Length": length})[0] == 413


def test_a_body_that_trickles_in_is_not_waited_for(page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "SLOWEST_BODY", 0.05)
    got: list[Any] = []

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        got.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/note",
        "raw_path": b"/note",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    asyncio.run(page.app(scope, receive, send))  # type: ignore[arg-type]
    assert got[0]["status"] == 408


def test_a_form_needs_the_token_of_its_visitor(page: TestClient) -> None:
    assert page.post("/note", data={"csrf": CSRF}).json() == {"note": "kept"}
    assert page.post("/note", headers={"X-CSRF-Token": CSRF}).status_code == 200
    assert page.post("/note", data={"csrf": CSRF, "text": "Ciutat i àrea €"}).status_code == 200
    for wrong in ("", "x", CSRF.upper(), CSRF + "x", "é", "\ud800".encode("utf-8", "replace").decode()):
        assert page.post("/note", data={"csrf": wrong}).status_code == 403
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert page.request(method, "/note").status_code == 403
    assert page.post(f"/note?csrf={CSRF}").status_code == 403
    assert page.post("/note", json={"csrf": CSRF}).status_code == 403
    assert page.post("/note", data={"csrf": CSRF}, files={"file": b"x"}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, 200),
        ({"Origin": "http://testserver"}, 200),
        ({}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "http://testserver:8080"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_another_site_asks_in_vain_even_with_the_token(
    page: TestClient, headers: dict[str, str], code: int
) -> None:
    assert page.post("/note", data={"csrf": CSRF}, headers=headers).status_code == code


def test_the_token_of_one_browser_is_nothing_in_another(database: Database, tmp_path: Path) -> None:
    here = site(database, tmp_path)
    one, other = signed_in(here), signed_in(here, OFFICERS[1])
    csrf = one.get("/who").json()["csrf"]
    assert other.post("/change", data={"csrf": csrf}).status_code == 403
    assert one.post("/change", data={"csrf": csrf}).json() == {"changed_by": "mobility"}
    again = signed_in(here)
    assert again.post("/change", data={"csrf": csrf}).status_code == 403


def test_a_replayed_form_is_refused_after_signing_out(database: Database, tmp_path: Path) -> None:
    found = signed_in(site(database, tmp_path))
    csrf = found.get("/who").json()["csrf"]
    found.post("/sign-out", data={"csrf": csrf})
    answer = found.post("/change", data={"csrf": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize("host", ["evil.example", f"{HOST}.evil.example", "x@" + HOST, "", "10.0.0.1"])
def test_other_hosts_are_refused(database: Database, tmp_path: Path, host: str) -> None:
    found = by_link(site(database, tmp_path))
    answer = found.get("/sign-in", headers={"Host": host})
    assert answer.status_code == (200 if host.endswith("@" + HOST) else 400)
    assert "evil" not in answer.text


def test_refusals_do_not_fill_the_disk(database: Database, tmp_path: Path) -> None:
    clock = Clock()
    found, _ = machine(site(database, tmp_path, clock))
    for _ in range(MOST_REFUSALS + 5):
        found.get("/who?token=wrong")
    assert len(events(database)) == MOST_REFUSALS
    clock.pass_by(hours=1)
    found.get("/who?token=wrong")
    assert events(database)[-1] == ("", "refused", {"why": "token"})
    assert len(events(database)) == MOST_REFUSALS + 1


def test_the_language_is_kept_in_the_browser(database: Database, tmp_path: Path) -> None:
    found = by_link(site(database, tmp_path))
    for accepted, language in (
        ("fr-CH,fr;q=0.9,en;q=0.8", "fr"),
        ("de", "ca"),
        ("x;q=y,en", "en"),
        ("en;q=0.1,es", "es"),
    ):
        text = found.get("/sign-in", headers={"Accept-Language": accepted}).text
        assert f'<html lang="{language}">' in text
    csrf = csrf_in(found.get("/sign-in"))
    answer = found.post("/language", data={"csrf": csrf, "language": "fr", "back": "/sign-in?next=/a"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/a")
    assert '<html lang="fr">' in found.get("/sign-in", headers={"Accept-Language": "en"}).text
    assert found.post("/language", data={"csrf": csrf, "language": "xx"}).status_code == 422
    assert (
        found.post("/language", data={"csrf": csrf, "language": "ca", "back": "//evil.example"}).headers[
            "location"
        ]
        == "/"
    )


def test_a_made_up_language_is_no_language(database: Database, tmp_path: Path) -> None:
    found = browser(by_link(site(database, tmp_path)).app, PAGE)
    found.cookies.set("funding_language", "../../etc")
    assert '<html lang="ca">' in found.get("/sign-in").text


@given(st.text(alphabet=st.sampled_from("/\\:@.a?#% \t\n\r\0"), max_size=12) | st.text(max_size=20))
def test_a_way_back_never_leaves_the_site(given_path: str) -> None:
    found = local_path(given_path)
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert not any(char in found for char in "\\\t\r\n\0 ")


@pytest.mark.parametrize("host", ["<script>", '"><svg onload=alert(1)>'])
def test_what_is_asked_for_is_escaped(page: TestClient, host: str) -> None:
    for answer in (page.get(f"/accessibility?x={host}"), page.get(f"/{host}")):
        assert host not in answer.text


def test_every_attack_of_the_documentation_has_its_test() -> None:
    root = Path(__file__).parents[3]
    tests = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("unit/review", "journeys")
        for path in (root / "tests" / folder).glob("test_*.py")
    )
    named = set(re.findall(r"`(test_\w+)`", (root / "docs" / "review.md").read_text(encoding="utf-8")))
    assert len(named) > 30
    assert {name for name in named if f"def {name}(" not in tests} == set()
