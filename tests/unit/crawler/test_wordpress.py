"""A site on WordPress: driven here without a network, one request after the other."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import Request, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.test import get_crawler
from twisted.python.failure import Failure

from crawler.bases.rows import Row
from crawler.bases.wordpress import WordPressSpider
from store.records import CallRecord, Kind, Rejected, Status

Answer = tuple[int, Any, str | None]
"""Status, body and the header X-WP-Total."""
TERMS: Answer = (200, [{"id": 1, "name": "Open"}, {"id": 2, "name": "Closed"}], "2")
PAST: Answer = (400, {"code": "rest_post_invalid_page_number", "data": {"status": 400}}, None)


class Site(WordPressSpider):
    """A made-up site whose calls have a state."""

    name = "site"
    home = "https://example.org"
    page_size = 2
    post_type = "calls"
    taxonomy = "state"

    def to_record(self, row: Row) -> CallRecord:
        return CallRecord(
            source=self.name,
            source_key=self.key_of(row),
            kind=Kind.CALL,
            titles={"en": f"Call {row['id']}"},
            status=Status.OPEN if row["state"] == ["Open"] else Status.UNKNOWN,
            no_deadline="not stated",
            keywords=tuple(map(str, row["state"])),
            page="https://example.org/",
        )


class Drive:
    """A spider led through a site: what it yielded, and the requests it made."""

    def __init__(self, pages: Mapping[int, Answer], terms: Answer = TERMS, **settings: Any) -> None:
        self.spider = Site.from_crawler(get_crawler(Site))
        for name, value in settings.items():
            setattr(self.spider, name, value)
        self.pages, self.terms = pages, terms
        self.records: list[CallRecord] = []
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        waiting: list[Any] = asyncio.run(self._begin())
        while waiting:
            item = waiting.pop(0)
            if isinstance(item, Request):
                waiting += list(self._answer(item))
            else:
                assert not isinstance(item, Rejected)
                self.records.append(item)

    async def _begin(self) -> list[Any]:
        return [item async for item in self.spider.start()]

    def _answer(self, request: Request) -> Any:
        path, query = urlsplit(request.url).path, parse_qs(urlsplit(request.url).query)
        self.asked.append((path, query))
        answer = self.terms if path.endswith("/state") else self.pages[int(query["page"][0])]
        status, body, total = answer
        assert request.callback is not None
        assert request.errback is not None
        response = TextResponse(
            request.url,
            status=status,
            body=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"X-WP-Total": total} if total is not None else {},
            request=request,
        )
        if status == 200:
            return request.callback(response, **request.cb_kwargs)
        failure = Failure(HttpError(response))  # type: ignore[no-untyped-call]  # no types there
        failure.request = request  # type: ignore[attr-defined]  # as Scrapy does
        return request.errback(failure)

    @property
    def keys(self) -> list[str]:
        return [record.source_key for record in self.records]

    @property
    def result(self) -> tuple[str, str, int, int | None]:
        reading = self.spider.reading
        return reading.outcome, reading.error, reading.seen, reading.declared


def posts(*numbers: int, state: Any = 1) -> list[Row]:
    return [{"id": number, "state": [state]} for number in numbers]


def test_terms_are_asked_first_then_pages_from_one() -> None:
    drive = Drive({1: (200, posts(1, 2), "3"), 2: (200, posts(3), "3")})
    paths, queries = zip(*drive.asked, strict=True)
    assert paths == ("/wp-json/wp/v2/state", "/wp-json/wp/v2/calls", "/wp-json/wp/v2/calls")
    assert [query.get("page") for query in queries] == [None, ["1"], ["2"]]
    assert [query["per_page"] for query in queries] == [["100"], ["2"], ["2"]]
    assert (queries[1]["orderby"], queries[1]["order"]) == (["id"], ["asc"])
    assert queries[1]["_fields"] == ["id,date,link,title,content,excerpt,state"]
    assert (drive.keys, drive.result) == (["1", "2", "3"], ("ok", "", 3, 3))


def test_without_a_taxonomy_only_posts_are_asked() -> None:
    drive = Drive({1: (200, posts(1), "1")}, taxonomy="")
    assert [path for path, _ in drive.asked] == ["/wp-json/wp/v2/calls"]
    assert drive.asked[0][1]["_fields"] == ["id,date,link,title,content,excerpt"]
    assert drive.records[0].keywords == ("1",)


@pytest.mark.parametrize(("stated", "name"), [(1, "Open"), (2, "Closed"), (9, "9"), ("1", "1")])
def test_numbers_of_terms_become_names_where_they_have_one(stated: Any, name: str) -> None:
    (record,) = Drive({1: (200, posts(1, state=stated), "1")}).records
    assert record.keywords == (name,)


@pytest.mark.parametrize("total", [None, "", "many", "-1", "3.0"])
def test_without_a_readable_total_pages_are_read_until_one_is_not_full(total: str | None) -> None:
    drive = Drive({1: (200, posts(1, 2), total), 2: (200, posts(3), total)})
    assert (drive.keys, drive.result) == (["1", "2", "3"], ("ok", "", 3, None))


def test_without_a_total_the_page_behind_the_last_one_is_the_end() -> None:
    drive = Drive({1: (200, posts(1, 2), None), 2: PAST})
    assert (drive.keys, drive.result) == (["1", "2"], ("ok", "", 2, None))


def test_total_of_an_earlier_page_counts_on() -> None:
    drive = Drive({1: (200, posts(1, 2), "4"), 2: (200, posts(3), None), 3: (200, posts(4), None)})
    assert (drive.keys, drive.result) == (["1", "2", "3", "4"], ("ok", "", 4, 4))


def test_fewer_posts_than_the_total_are_a_fault() -> None:
    drive = Drive({1: (200, posts(1, 2), "5"), 2: (200, posts(3), "5"), 3: PAST})
    assert drive.result == ("partial", "incomplete", 3, 5)
    assert drive.spider.reading.detail == "3 of 5 rows were readable"


def test_site_that_caps_its_pages_lower_is_read_to_its_end() -> None:
    drive = Drive({page: (200, posts(page), "3") for page in (1, 2, 3)})
    assert (drive.keys, drive.result) == (["1", "2", "3"], ("ok", "", 3, 3))


def test_no_posts_by_the_sites_own_word_is_an_outcome_of_its_own() -> None:
    assert Drive({1: (200, [], "0")}).result == ("empty", "", 0, 0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, [], None), "unreadable"),
        ((200, {"code": "rest_no_route"}, None), "unreadable"),
        ((200, b"<h1>Sign in</h1>", "3"), "unreadable"),
        ((200, None, "3"), "unreadable"),
        (PAST, "unreadable"),
        ((400, {"code": "rest_invalid_param"}, None), "unreadable"),
        ((401, {"code": "rest_forbidden"}, None), "blocked"),
        ((404, {"code": "rest_no_route"}, None), "unreadable"),
        ((503, b"", None), "unavailable"),
    ],
)
def test_first_page_that_is_none_fails_the_run(answer: Answer, error: str) -> None:
    assert Drive({1: answer}).result[:3] == ("failed", error, 0)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, [], "0"), "unreadable"),
        ((200, TERMS[1], "300"), "unreadable"),
        ((200, {"code": "rest_no_route"}, None), "unreadable"),
        ((200, [{"id": "x", "name": "Open"}], "1"), "unreadable"),
        ((200, [{"id": 1}], "1"), "unreadable"),
        ((200, b"<h1>Sign in</h1>", None), "unreadable"),
        ((404, {"code": "rest_no_route"}, None), "unreadable"),
        ((403, b"", None), "blocked"),
    ],
)
def test_without_the_names_of_the_terms_no_call_is_touched(answer: Answer, error: str) -> None:
    drive = Drive({1: (200, posts(1), "1")}, terms=answer)
    assert (len(drive.asked), drive.records) == (1, [])
    assert drive.result == ("failed", error, 0, None)


def test_posts_that_are_no_objects_are_a_fault() -> None:
    drive = Drive({1: (200, [*posts(1), "x"], "2")})
    assert (drive.keys, drive.result) == (["1"], ("partial", "unreadable", 1, 2))


def test_page_that_fails_on_the_way_makes_the_run_partial() -> None:
    drive = Drive({1: (200, posts(1, 2), "4"), 2: (500, b"", None)})
    assert (drive.keys, drive.result) == (["1", "2"], ("partial", "unavailable", 2, 4))
