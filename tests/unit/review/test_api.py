"""The API: who is let in, the same calls as the export, pages and filters, and what is refused."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import APIRouter, HTTPException
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from notifier.common_grants import write_json
from notifier.scope import all_calls
from notifier.words import words_in
from review.api import router
from review.api_models import Invalid, Problem
from review.app import create_app
from review.site import Role, Site, Visitor
from store.access import Access, issue, revoke_all
from store.clients import clients_of
from store.database import Database
from store.errors import StoreError
from store.models import Call, Match
from tests.unit.notifier.builders import NOW, match, matched, record, same, store
from tests.unit.review.entering import PAGE, PROXY, Clock, by_proxy, site
from tests.unit.review.rows_read import read
from tests.unit.review.site import Anybody, visitor

NOBODY = Visitor(Role.NOBODY, "en", csrf="")
ABSENT = UUID(int=1)
JSON = "application/json"
TRAPS = APIRouter()


@TRAPS.get("/api/status/{status}")
def refused(status: int) -> None:
    raise HTTPException(status, "TEST detail of the inside")


@TRAPS.get("/api/bug")
def bug() -> None:
    raise ZeroDivisionError("TEST secret of the inside")


@TRAPS.get("/api/store")
def unread() -> None:
    raise StoreError("sqlite:////TEST/inside.db: another program holds it")


PATHS = ("/api/calls", f"/api/calls/{ABSENT}", "/api/matches", f"/api/matches/{ABSENT}")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(database: Database, tmp_path: Path, clock: Clock) -> Site:
    """Three made-up live calls, the last hidden by a rule, and one that is closed."""
    store(
        database,
        record("TEST-1", published="2026-01-02", grant_max_cents=5_00, applicants=("Made-up cities",)),
        record("TEST-2", status="forthcoming"),
        record("TEST-3"),
        record("TEST-OLD", "2026-02-01"),
    )
    match(database, ("TEST-1", 3.0), areas=[{"id": "water", "score": 1.0, "terms": []}])
    match(database, ("TEST-2", 2.0), ("TEST-OLD", 1.5))
    match(database, ("TEST-3", 1.0), verdict="not_open", rule="smes")
    return site(database, tmp_path, clock)


@pytest.fixture
def program(here: Site) -> TestClient:
    with here.database.writing() as session:
        token = issue(session, here.organisation.key, Access.PROGRAM, "test-program", NOW, timedelta(days=30))
    found = browser(here)
    found.headers["Authorization"] = f"Bearer {token}"
    return found


def browser(here: Site, who: Visitor = NOBODY, routers: Sequence[APIRouter] = (router,)) -> TestClient:
    return TestClient(create_app(here, Anybody(who), list(routers)), PAGE, raise_server_exceptions=False)


def keys(found: Response) -> list[str]:
    assert found.status_code == 200
    return [one["title"].removeprefix("Title of ") for one in found.json()["items"]]


def problem(found: Response, status: int) -> dict[str, Any]:
    """What is told of a request that was not served: RFC 9457, and as the description of the API says."""
    assert found.status_code == status
    assert found.headers["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = found.json()
    model = Invalid if status == 422 else Problem
    model.model_validate(told)
    assert told["status"] == status
    assert (told["type"] == "about:blank") == (status != 422)
    return told


def exported(here: Site) -> list[dict[str, Any]]:
    with here.database.reading() as session:
        scope = all_calls(session, here.organisation, NOW)
        written = write_json(scope, words_in("en"), here.organisation, NOW)
    items: list[dict[str, Any]] = json.loads(written)["items"]
    return items


def test_it_answers_with_the_calls_of_the_export(here: Site, program: TestClient) -> None:
    found = program.get("/api/calls").json()
    assert found["items"] == exported(here)
    assert found["paginationInfo"] == {"page": 1, "pageSize": 20, "totalItems": 3, "totalPages": 1}
    for one in found["items"]:
        assert program.get(f"/api/calls/{one['id']}").json()["data"] == one


def test_matches_say_how_calls_stand_to_us(program: TestClient) -> None:
    first, second, hidden = program.get("/api/matches").json()["items"]
    assert (first["title"], first["rank"], first["areas"]) == ("Title of TEST-1", 1, ["water"])
    assert (second["rank"], second["percentile"], second["verdict"]) == (2, 97.2, "open")
    assert hidden["verdict"] == "not_open"
    assert "rank" not in hidden
    assert program.get(f"/api/matches/{first['id']}").json()["data"] == first


def test_a_closed_call_is_not_listed_but_keeps_its_address(
    here: Site, program: TestClient, clock: Clock
) -> None:
    known = exported(here)[0]["id"]
    clock.now = NOW + timedelta(days=29)
    assert program.get(f"/api/calls/{known}").json()["data"]["status"]["value"] == "open"
    with here.database.writing() as session:
        token = issue(session, here.organisation.key, Access.PROGRAM, "other", NOW)
    program.headers["Authorization"] = f"Bearer {token}"
    clock.now = NOW + timedelta(days=300)
    assert keys(program.get("/api/calls")) == []
    assert program.get(f"/api/calls/{known}").json()["data"]["status"]["value"] == "closed"
    assert "rank" not in program.get(f"/api/matches/{known}").json()["data"]


def test_another_source_of_a_call_keeps_its_address(
    here: Site, program: TestClient, database: Database
) -> None:
    ids = {one["title"]: one["id"] for one in exported(here)}
    same(database, "TEST-1", "TEST-2")
    assert keys(program.get("/api/calls")) == ["TEST-1", "TEST-3"]
    copy = program.get(f"/api/calls/{ids['Title of TEST-2']}").json()["data"]
    assert copy["id"] == ids["Title of TEST-2"]


def test_answers_have_the_envelopes_of_the_protocol(here: Site, program: TestClient) -> None:
    """Those of CommonGrants for a page of results and for a single one."""
    known = exported(here)[0]["id"]
    for path in ("/api/calls", "/api/matches"):
        page = program.get(f"{path}?page=2&pageSize=2").json()
        assert set(page) == {"status", "message", "items", "paginationInfo"}
        assert (page["status"], page["message"], len(page["items"])) == (200, "Success", 1)
        assert page["paginationInfo"] == {"page": 2, "pageSize": 2, "totalItems": 3, "totalPages": 2}
        beyond = program.get(f"{path}?page=9").json()
        assert beyond["items"] == []
        assert beyond["paginationInfo"] == {"page": 9, "pageSize": 20, "totalItems": 3, "totalPages": 1}
        none = program.get(f"{path}?area=nowhere").json()
        assert none["paginationInfo"] == {"page": 1, "pageSize": 20, "totalItems": 0, "totalPages": 0}
        one = program.get(f"{path}/{known}").json()
        assert (set(one), one["status"], one["message"]) == ({"status", "message", "data"}, 200, "Success")


def test_a_page_reads_the_calls_that_stand_there_and_no_others(program: TestClient) -> None:
    for path in ("/api/calls", "/api/matches"):
        with read(Call, Match) as rows:
            assert program.get(f"{path}?pageSize=2").json()["paginationInfo"]["totalItems"] == 3
        assert rows == {"Call": 2, "Match": 2}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("status=forecasted", ["TEST-2"]),
        ("status=open", ["TEST-1", "TEST-3"]),
        ("status=custom", []),
        ("area=water", ["TEST-1"]),
        ("area=nowhere", []),
        ("source=test_portal", ["TEST-1", "TEST-2", "TEST-3"]),
        ("source=other", []),
        ("area=mobility&status=open", ["TEST-3"]),
        ("verdict=open", ["TEST-1", "TEST-2"]),
        ("verdict=not_open", ["TEST-3"]),
        ("verdict=unknown", []),
        ("updatedSince=2026-03-02T06:00:00Z", ["TEST-1", "TEST-2", "TEST-3"]),
        ("updatedSince=2026-03-02T07:00:00%2B01:00", ["TEST-1", "TEST-2", "TEST-3"]),
        ("updatedSince=2026-03-02T06:00:01Z", []),
        ("pageSize=2", ["TEST-1", "TEST-2"]),
        ("pageSize=2&page=2", ["TEST-3"]),
        ("pageSize=100&page=1000000", []),
    ],
)
def test_filters_and_pages(program: TestClient, query: str, wanted: list[str]) -> None:
    for path in ("/api/calls", "/api/matches"):
        assert keys(program.get(f"{path}?{query}")) == wanted


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "pageSize=101",
        "pageSize=0",
        "page=" + "9" * 5000,
        "status=closed",
        "pagesize=2",
        "verdict=closed",
        "updatedSince=2026-03-02",
        "updatedSince=2026-03-02T06:00:00",
        "updatedSince=0.5",
        "updatedSince=2026-02-30T06:00:00Z",
        "updatedSince=0001-01-01T00:00:00%2B14:00",
        "updatedSince=9999-12-31T23:59:59-14:00",
    ],
)
def test_what_does_not_fit_is_refused(program: TestClient, query: str) -> None:
    found = program.get(f"/api/calls?{query}")
    told = problem(found, 422)
    (misfit,) = told["errors"]
    assert (misfit["in"], misfit["name"]) == ("query", query.partition("=")[0])
    assert misfit["detail"]
    document, _, place = told["type"].partition("#/")
    assert place.split("/")[-1] in program.get(document).json()["components"]["schemas"]


def test_all_that_does_not_fit_is_named(program: TestClient) -> None:
    errors = problem(program.get("/api/calls?page=0&pageSize=x&colour=red"), 422)["errors"]
    assert sorted(one["name"] for one in errors) == ["colour", "page", "pageSize"]
    (misfit,) = problem(program.get("/api/calls/x"), 422)["errors"]
    assert (misfit["in"], misfit["name"]) == ("path", "id")


@pytest.mark.parametrize("path", PATHS)
def test_no_token_or_a_wrong_one_is_refused_in_json(here: Site, path: str) -> None:
    with here.database.writing() as session:
        key = here.organisation.key
        session_token = issue(session, key, Access.SESSION, "mobility", NOW)
        expired = issue(session, key, Access.PROGRAM, "expired", NOW, timedelta(days=-1))
        revoked = issue(session, key, Access.PROGRAM, "revoked", NOW)
        elsewhere = issue(session, "other", Access.PROGRAM, "elsewhere", NOW)
        revoke_all(session, key, Access.PROGRAM, "revoked", NOW)
    given = (f"Bearer {token}" for token in ("x", "é", session_token, expired, revoked, elsewhere))
    for header in ("", "Bearer", "Basic eDp5", *given):
        found = browser(here).get(path, headers={b"Authorization": header.encode()})
        assert problem(found, 401)["title"] == "Unauthorized"
        assert found.headers["WWW-Authenticate"] == "Bearer"


def test_every_refusal_is_a_problem_whoever_refuses(here: Site) -> None:
    """The page, the guard before it, the router where there is no page, the store, a fault of the program."""
    page = browser(here, routers=(router, TRAPS))
    problem(page.get("/api/nothing"), 404)
    problem(page.get("/api"), 404)
    problem(page.get("/api/calls?area=%00"), 400)
    for status in (403, 408, 418, 429, 500, 503):
        problem(page.get(f"/api/status/{status}"), status)
    assert "TEST" not in page.get("/api/bug").text
    problem(page.get("/api/bug"), 500)
    unread = page.get("/api/store")
    assert "TEST" not in unread.text
    problem(unread, 503)
    assert unread.headers["Retry-After"] == "30"
    behind = replace(here, settings=here.settings.model_copy(update={"proxy_address": PROXY}))
    problem(by_proxy(behind, peer="192.0.2.1").get("/api/calls"), 403)
    elsewhere = TestClient(create_app(here, Anybody(NOBODY), [router], frozenset({"localhost"})), PAGE)
    problem(elsewhere.get("/api/calls"), 400)


def test_the_description_tells_of_problems(program: TestClient) -> None:
    found = program.get("/api/openapi.json").json()
    operations = [one for path in found["paths"].values() for one in path.values()]
    answers = [pair for one in operations for pair in one["responses"].items()]
    assert {status for status, _ in answers} >= {
        "400",
        "401",
        "403",
        "404",
        "405",
        "413",
        "414",
        "422",
        "503",
    }
    for status, answer in answers:
        if status >= "4":
            (media_type,) = answer["content"]
            assert media_type == "application/problem+json"
            assert answer["description"]


def test_a_session_is_no_token(here: Site) -> None:
    assert browser(here, visitor()).get("/api/calls").status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_it_is_read_only(program: TestClient, method: str) -> None:
    found = program.request(method, "/api/calls")
    assert problem(found, 405)["title"] == "Method Not Allowed"
    assert found.headers["Allow"] == "GET"


def test_what_is_known_is_not_sent_again(here: Site, program: TestClient, database: Database) -> None:
    paths = ("/api/calls", "/api/matches", f"/api/calls/{exported(here)[0]['id']}", "/api/openapi.json")
    for path in paths:
        first = program.get(path)
        again = program.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    tag = program.get("/api/calls").headers["ETag"]
    matched(database, record("TEST-4"))
    assert program.get("/api/calls", headers={"If-None-Match": tag}).status_code == 200


def test_words_are_in_the_visitors_language(here: Site, program: TestClient) -> None:
    french = browser(here, Visitor(Role.NOBODY, "fr", csrf=""))
    found = french.get("/api/calls", headers={"Authorization": program.headers["Authorization"]})
    assert found.headers["Content-Language"] == "fr"
    assert found.headers["Vary"] == "Accept-Language"
    assert found.json()["items"][0]["status"] != program.get("/api/calls").json()["items"][0]["status"]


def test_hostile_words_stay_json(here: Site, program: TestClient, database: Database) -> None:
    title = "</script><script>alert(1)</script>" + "x" * 1_900 + "\u2028"
    matched(database, record("TEST-HOSTILE", titles={"en": title}))
    found = program.get("/api/calls")
    assert found.headers["Content-Type"] == JSON
    assert title.strip() in [one["title"].strip() for one in found.json()["items"]]
    assert found.json()["items"] == exported(here)


@pytest.mark.parametrize("id", ["x", "1", "..%2f..%2fetc", "%ff", str(UUID(int=0))])
def test_odd_ids(program: TestClient, id: str) -> None:  # noqa: A002  what it is
    assert program.get(f"/api/calls/{id}").status_code in (404, 422)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("&".join(["x"] * 10_000), 414),
        ("&".join(f"x{number}" for number in range(1_000)), 422),
        ("&".join(f"area={number}" for number in range(500)), 200),
        ("area=%00", 400),
        ("area=%ff%fe&source=%c3%28", 200),
        ("area=" + "x" * 8_000, 200),
        ("source=../../etc/passwd&area=' OR 1=1 --", 200),
        ("updatedSince=%ff", 422),
    ],
)
def test_hostile_queries(program: TestClient, query: str, status: int) -> None:
    for path in ("/api/calls", "/api/matches"):
        found = program.get(f"{path}?{query}")
        assert found.status_code == status
        assert len(found.content) < 500_000
        if status == 200:
            assert found.headers["Content-Type"] == JSON
        else:
            problem(found, status)


def test_a_body_is_not_read_beyond_its_limit(program: TestClient) -> None:
    problem(program.request("GET", "/api/calls", content=b"x" * 100_000), 413)
    assert program.request("GET", "/api/calls", content=b"\xff").status_code == 200


def test_the_day_of_use_is_kept(here: Site, program: TestClient, clock: Clock) -> None:
    def used() -> list[datetime | None]:
        with here.database.reading() as session:
            return [one.used_at for one in clients_of(session, here.organisation.key)]

    assert used() == [None]
    browser(here).get("/api/calls", headers={"Authorization": "Bearer wrong"})
    assert used() == [None]
    for days in (0, 1):
        clock.now = NOW + timedelta(days=days)
        assert [program.get("/api/calls").status_code for _ in range(2)] == [200, 200]
        assert used() == [datetime(2026, 3, 2 + days, tzinfo=UTC)]


@given(query=st.text(max_size=60))
def test_no_query_gives_a_fault(wild: TestClient, query: str) -> None:
    assert wild.get("/api/calls", params={"area": query, "source": query}).status_code in (200, 400)
    assert wild.get("/api/calls", params={query: query}).status_code in (200, 400, 422)


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    home = tmp_path_factory.mktemp("wild")
    here = site(Database(f"sqlite:///{home / 'funding.db'}"), home)
    with here.database.writing() as session:
        token = issue(session, here.organisation.key, Access.PROGRAM, "test-program", NOW)
    found = browser(here)
    found.headers["Authorization"] = f"Bearer {token}"
    return found
