"""The replica of the EU portal keeps the portal's rules."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from crawler.replicas.eu_portal import Faults
from tests.sources.eu_portal.asking import (
    CALLS,
    FACET,
    OPEN,
    RECORDS_OF_TEST,
    SEARCH,
    Portal,
    portal_with,
    topic,
)


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    with portal_with(Faults()) as portal:
        yield portal


@pytest.fixture(scope="module")
def big() -> Iterator[Portal]:
    with portal_with(Faults(), [topic(number) for number in range(10_050)]) as portal:
        yield portal


# Asking


def test_envelope_names_what_was_asked(portal: Portal) -> None:
    answer = portal.search(params={"pageSize": 2, "pageNumber": 2})
    assert {"apiVersion", "terms", "responseTime", "sort", "warnings"} <= answer.keys()
    assert (answer["totalResults"], answer["pageNumber"], answer["pageSize"]) == (4, 2, 2)
    assert [row["reference"] for row in answer["results"]] == ["5TOPICSen", "13201COMPETITIVE_CALLen"]


def test_page_after_the_last_is_empty(portal: Portal) -> None:
    answer = portal.search(params={"pageNumber": 2})
    assert (answer["totalResults"], answer["results"]) == (4, [])


@pytest.mark.parametrize("key", ["", "WRONG"])
@pytest.mark.parametrize("path", [SEARCH, FACET])
def test_wrong_key_is_refused(portal: Portal, path: str, key: str) -> None:
    assert portal.ask(path=path, params={"apiKey": key}).status_code == 401


@pytest.mark.parametrize("path", [SEARCH, FACET])
def test_get_is_not_allowed(portal: Portal, path: str) -> None:
    assert portal.get(path, params={"apiKey": "SEDIA", "text": "***"}).status_code == 405


def test_page_is_capped_at_100_rows(big: Portal) -> None:
    answer = big.search(params={"pageSize": 500})
    assert (answer["pageSize"], len(answer["results"])) == (100, 100)


def test_window_ends_at_10_000_rows(big: Portal) -> None:
    assert len(big.search(params={"pageNumber": 100})["results"]) == 100
    response = big.ask(params={"pageNumber": 101})
    assert response.status_code == 400
    assert "10000" in response.json()["message"]


@pytest.mark.parametrize("page", ["0", "-1", "x"])
def test_page_number_is_checked(portal: Portal, page: str) -> None:
    assert portal.ask(params={"pageNumber": page}).status_code == 400


# Parts of the form


@pytest.mark.parametrize(
    "part",
    [
        ("blob", json.dumps(CALLS), "text/plain"),
        ("blob", json.dumps(CALLS), ""),
        (None, json.dumps(CALLS), "application/json"),
    ],
    ids=["other type", "no type", "no file name"],
)
def test_query_that_is_not_said_to_be_json(portal: Portal, part: tuple[str | None, str, str]) -> None:
    params = {"apiKey": "SEDIA", "text": "***"}
    files = {**portal.parts(languages=["en"]), "query": part}
    ignored = portal.post(SEARCH, params=params, files=files)
    assert ignored.json()["totalResults"] == len(RECORDS_OF_TEST)
    assert {row.get("metadata", row)["type"][0] for row in ignored.json()["results"]} == {"0", "1", "8"}
    with portal_with(Faults(untyped_part="error")) as strict:
        assert strict.post(SEARCH, params=params, files=files).status_code == 500


@pytest.mark.parametrize("name", ["query", "languages", "sort"])
def test_malformed_json_answers_500(portal: Portal, name: str) -> None:
    files = portal.parts(query=CALLS, languages=["en"]) | {name: ("blob", '{"bool":', "application/json")}
    assert portal.post(SEARCH, params={"apiKey": "SEDIA"}, files=files).status_code == 500


@pytest.mark.parametrize("parts", [{"query": []}, {"languages": "en"}, {"sort": {"order": "ASC"}}])
def test_part_of_another_form_answers_500(portal: Portal, parts: dict[str, Any]) -> None:
    files = portal.parts(**parts)
    assert portal.post(SEARCH, params={"apiKey": "SEDIA"}, files=files).status_code == 500


def test_without_languages_a_row_for_each_translation(portal: Portal) -> None:
    query = {"term": {"identifier": "CALL-001"}}
    response = portal.post(SEARCH, params={"apiKey": "SEDIA"}, files=portal.parts(query=query))
    rows = response.json()["results"]
    assert [row["reference"] for row in rows] == ["1TOPICSen", "1TOPICSes", "1TOPICSfr"]
    assert [row["metadata"]["language"] for row in rows] == [["en"], ["es"], ["fr"]]
    assert rows[1]["metadata"]["REFERENCE"] == ["1TOPICSes"]


def test_languages_select_the_rows(portal: Portal) -> None:
    rows = portal.search({"terms": {"type": ["1", "8"]}}, languages=["es"])["results"]
    assert len(rows) == 5
    assert {row["language"] for row in rows} == {"es"}


def test_capitals_of_a_language_suffix_stay() -> None:
    record = topic(1) | {"reference": "186571PROSPECTSEN"}
    with portal_with(Faults(), [record]) as portal:
        assert portal.found(languages=["fr"]) == ["186571PROSPECTSFR"]


# Query clauses


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1", "2", "3", "4", "5", "13201"]),
        (CALLS, ["1", "2", "5", "13201"]),
        ({"term": {"type": "8"}}, ["13201"]),
        ({"term": {"type": {"value": "0"}}}, ["4"]),
        ({"bool": {"must_not": [{"terms": {"type": ["1"]}}]}}, ["4", "13201"]),
        ({"bool": {"must": CALLS, "must_not": {"term": {"status": OPEN}}}}, ["2"]),
        ({"range": {"deadlineDate": {"gte": "2026-09-21T00:00:00.000+0000"}}}, ["2", "5", "13201"]),
        ({"range": {"deadlineDate": {"gt": "2026-09-21T00:00:00.000+0000"}}}, ["5", "13201"]),
        ({"range": {"deadlineDate": {"lt": "2026-09-15T00:00:00.000+0000"}}}, ["5"]),
        ({"range": {"deadlineDate": {"lte": "2026-09-15T02:00:00.000+0200"}}}, ["1", "3", "4", "5"]),
        ({"range": {"deadlineDate": {"gte": "2030-01-01"}}}, ["1", "2", "3", "4", "5", "13201"]),
        ({"range": {"callTitle": {"gte": "2030-01-01"}}}, ["13201"]),
    ],
)
def test_query(portal: Portal, query: dict[str, Any], found: list[str]) -> None:
    references = portal.found(query)
    assert [reference.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") for reference in references] == found


@pytest.mark.parametrize(
    "query",
    [
        {"wildcard": {"title": "*"}},
        {"match": {"title": "topic"}},
        {"bool": {"must": [{"match": {"title": "topic"}}]}},
        {"bool": {"should": []}},
        {"terms": {"type": "1"}},
        {"terms": ["1"]},
        {"range": {"deadlineDate": {"from": "2026"}}},
        {"term": {"type": "1"}, "terms": {"status": [OPEN]}},
    ],
)
def test_clause_that_is_not_known_answers_400(portal: Portal, query: dict[str, Any]) -> None:
    response = portal.ask(query)
    assert response.status_code == 400
    assert response.json()["message"]


def test_sort_drops_rows_without_the_field_but_counts_them(portal: Portal) -> None:
    answer = portal.search(sort={"field": "title", "order": "DESC"})
    assert answer["totalResults"] == 4
    assert [row["reference"] for row in answer["results"]] == ["5TOPICSen", "2TOPICSen", "1TOPICSen"]


def test_sort_is_ascending_unless_said(portal: Portal) -> None:
    assert portal.found(sort={"field": "identifier"})[-1] == "13201COMPETITIVE_CALL"


# Facets and robots.txt


def test_facets_count_what_the_query_selects(portal: Portal) -> None:
    facets = {facet["name"]: facet["values"] for facet in portal.search(path=FACET)["facets"]}
    counts = {value["rawValue"]: (value["value"], value["count"]) for value in facets["frameworkProgramme"]}
    assert counts == {
        "43108390": ("Horizon Europe (HORIZON)", 3),
        "43637601": ("Pilot Projects %26 Preparation Actions (PPPA)", 1),
    }
    assert [(value["rawValue"], value["count"]) for value in facets["type"]] == [("1", 3), ("8", 1)]


def test_facets_can_fail_alone() -> None:
    with portal_with(Faults(facets_unavailable=True)) as portal:
        assert portal.ask(path=FACET).status_code == 500
        assert portal.ask().status_code == 200


def test_robots_allow_all(portal: Portal) -> None:
    response = portal.get("/robots.txt")
    assert (response.status_code, response.text) == (200, "User-agent: *\nAllow: /\n")
    assert response.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(("status", "body"), [(503, ""), (404, ""), (200, "User-agent: *\nDisallow: /\n")])
def test_robots_can_be_other(status: int, body: str) -> None:
    with portal_with(Faults(robots=body, robots_status=status)) as portal:
        response = portal.get("/robots.txt")
        assert (response.status_code, response.text) == (status, body)
