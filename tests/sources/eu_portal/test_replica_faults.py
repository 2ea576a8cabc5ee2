"""The replica of the EU portal fails when it is told to."""

import json

import pytest

from crawler.replicas.eu_portal import ALWAYS, Faults, create_app
from crawler.replicas.serving import Replica
from tests.sources.eu_portal.asking import CLOSED, OPEN, RECORDS_OF_TEST, SEARCH, Portal, portal_with


def test_limited_rate_says_when_to_come_again() -> None:
    with portal_with(Faults(rate_limited={2}, retry_after=7)) as portal:
        answers = [portal.ask() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 429, 200]
    assert answers[1].headers["retry-after"] == "7"


def test_unavailable_for_some_requests() -> None:
    with portal_with(Faults(unavailable=range(1, 3))) as portal:
        assert [portal.ask().status_code for _ in range(3)] == [500, 500, 200]


def test_empty_once() -> None:
    with portal_with(Faults(empty={1})) as portal:
        answers = [portal.search() for _ in range(2)]
    assert [(answer["totalResults"], len(answer["results"])) for answer in answers] == [(0, 0), (4, 4)]


def test_empty_always() -> None:
    with portal_with(Faults(empty=ALWAYS)) as portal:
        assert [portal.search()["results"] for _ in range(3)] == [[], [], []]


def test_first_page_repeats() -> None:
    with portal_with(Faults(repeats_first_page=True)) as portal:
        first, second = (portal.search(params={"pageSize": 2, "pageNumber": page}) for page in (1, 2))
    assert second["pageNumber"] == 2
    assert second["results"] == first["results"]


def test_fewer_rows_than_declared() -> None:
    with portal_with(Faults(withheld=1)) as portal:
        answer = portal.search()
    assert (answer["totalResults"], len(answer["results"])) == (4, 3)


def test_truncated_body() -> None:
    with portal_with(Faults(truncated={1})) as portal:
        response = portal.ask()
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_login_page() -> None:
    with portal_with(Faults(login_page=ALWAYS)) as portal:
        response = portal.ask()
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")


def test_stale_copies_are_still_open() -> None:
    with portal_with(Faults(stale=2)) as portal:
        rows = portal.search()["results"]
    copies = [row for row in rows if row.get("metadata", row).get("DATASOURCE") == ["SEDIA_PRD_CENTRICITY"]]
    assert [row["reference"] for row in copies] == [
        "1HORIZONInnovationActions1777939200000",
        "2HORIZONInnovationActions1777939200000",
    ]
    assert [row["metadata"]["identifier"] for row in copies] == [["CALL-001"], ["CALL-002"]]
    assert {row["metadata"]["status"][0] for row in copies} == {OPEN}


def test_rows_that_were_not_asked_for() -> None:
    with portal_with(Faults(foreign=1)) as portal:
        row = portal.search()["results"][-1]
    assert (row["metadata"]["type"], row["metadata"]["status"]) == (["0"], [CLOSED])


def test_requests_are_counted_and_shown() -> None:
    app = create_app(RECORDS_OF_TEST)
    with Replica(app) as replica, Portal(base_url=replica.address, headers={"User-Agent": "test"}) as portal:
        portal.get("/robots.txt")
        portal.ask(params={"pageNumber": 3})
        portal.get(SEARCH)
    seen = app.state.requests
    assert [(request.method, request.path, request.query.get("pageNumber")) for request in seen] == [
        ("GET", "/robots.txt", None),
        ("POST", SEARCH, "3"),
        ("GET", SEARCH, None),
    ]
    assert {request.user_agent for request in seen} == {"test"}
    assert seen[0].at <= seen[1].at <= seen[2].at
