"""Pages written for people: which cards become calls, and which pages are faults."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from parsel import Selector
from scrapy.http import HtmlResponse, Request, Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.bases.listing import MOST_PAGES, ListingSpider
from crawler.bases.rows import Row
from store.records import CallRecord, Kind, Rejected, Status, digest

PAGE = "https://example.org/calls"


class Made(ListingSpider):
    """A made-up listing: cards `li`, the text is the title, `a` the page of details."""

    name = "made"
    home = "https://example.org"
    paths = ("/calls", "/more")
    card = "li"
    next_page = "a.next::attr(href)"
    quiet = ".none"

    def to_row(self, card: Selector) -> Row:
        return {"title": card.css("::text").get("").strip(), "href": card.css("a::attr(href)").get("")}

    def total_of(self, page: HtmlResponse) -> int | None:
        total = page.css(".total::text").get()
        return int(total) if total else None

    def detail_of(self, row: Row) -> str:
        return str(row["href"])

    def add_detail(self, row: Row, page: HtmlResponse) -> Row:
        text = page.css("p::text").get()
        if text is None:
            raise ValueError("no paragraph")
        return row | {"text": text}

    def key_of(self, row: Row) -> str:
        return str(row["title"])

    def is_call(self, row: Row) -> bool:
        return bool(row["title"] != "News")

    def to_record(self, row: Row) -> CallRecord:
        return CallRecord(
            source=self.name,
            source_key=row["title"],
            kind=Kind.CALL,
            titles={"en": row["title"]},
            texts={"en": row["text"]} if "text" in row else {},
            status=Status.UNKNOWN,
            no_deadline="not stated",
            page=PAGE,
        )


def listing(*titles: str, more: str = "") -> HtmlResponse:
    body = "".join(f"<li>{title}</li>" for title in titles) + more
    return HtmlResponse(PAGE, body=f"<html>{body}</html>".encode(), encoding="utf-8", request=Request(PAGE))


def read(spider: Made, response: Response, page: int = 1, before: int = 0) -> list[Any]:
    return list(spider.parse_listing(response, page, before))


def titles(items: Iterable[Any]) -> list[str]:
    return [item.titles["en"] for item in items if isinstance(item, CallRecord)]


def faults(spider: Made) -> list[str]:
    return [fault for fault, _ in spider.reading.faults]


def test_each_path_is_asked() -> None:
    async def asked() -> list[str]:
        return [request.url async for request in Made().start()]

    assert asyncio.run(asked()) == [PAGE, "https://example.org/more"]


def test_cards_become_calls_and_each_is_counted_once() -> None:
    spider = Made()
    assert titles(read(spider, listing("A", "B", "A", "News"))) == ["A", "B"]
    assert (spider.reading.seen, spider.reading.declared, faults(spider)) == (3, None, [])


def test_card_that_is_no_record_is_set_aside_with_its_reason() -> None:
    (rejected,) = read(Made(), listing("x" * 3_000))
    assert isinstance(rejected, Rejected)
    assert "titles.en" in rejected.reason


def test_cards_without_a_key_are_each_set_aside() -> None:
    spider = Made()
    items = read(spider, listing("", "A", ""))
    assert [type(item) for item in items] == [Rejected, CallRecord, Rejected]
    assert (spider.reading.seen, spider.reading.faults) == (3, [])


@pytest.mark.parametrize(
    "response",
    [
        listing(),
        HtmlResponse(PAGE, body=b"<html><form>Log in</form></html>", request=Request(PAGE)),
        TextResponse(PAGE, body=b"[]", headers={"Content-Type": "application/json"}),
        Response(PAGE, body=b"%PDF"),
    ],
)
def test_page_without_cards_is_a_fault(response: Response) -> None:
    spider = Made()
    assert read(spider, response) == []
    assert faults(spider) == ["unreadable"]


def test_page_that_says_that_there_is_none_is_no_fault() -> None:
    spider = Made()
    assert read(spider, listing(more="<p class=none>No calls</p>")) == []
    assert (faults(spider), spider.reading.outcome) == ([], "empty")


def test_following_page_is_asked_with_the_count_so_far() -> None:
    *_, request = read(Made(), listing("A", "B", more="<a class=next href='?page=1'></a>"))
    assert request.url == f"{PAGE}?page=1"
    assert request.cb_kwargs == {"page": 2, "before": 2}


def test_page_that_repeats_the_one_before_ends_the_reading_as_incomplete() -> None:
    spider = Made()
    read(spider, listing("A", "B"))
    assert read(spider, listing("A", "B", more="<a class=next href='?page=2'></a>"), page=2, before=2) == []
    assert faults(spider) == ["incomplete"]


def test_listing_without_end_is_incomplete() -> None:
    spider = Made()
    (item,) = read(spider, listing("A", more="<a class=next href='?page=99'></a>"), page=MOST_PAGES)
    assert titles([item]) == ["A"]
    assert faults(spider) == ["incomplete"]


def test_news_are_read_as_far_back_as_is_told() -> None:
    spider = Made()
    spider.latest_pages = 2
    following = "<a class=next href='?page=9'></a>"
    assert [type(item) for item in read(spider, listing("A", more=following))] == [CallRecord, Request]
    assert titles(read(spider, listing("B", more=following), page=2)) == ["B"]
    assert (len(spider.keys), faults(spider)) == (2, [])


def test_fewer_cards_than_the_page_declares_is_incomplete() -> None:
    spider = Made()
    read(spider, listing("A", "B", more="<p class=total>3</p>"))
    assert (spider.reading.seen, spider.reading.declared, faults(spider)) == (2, 3, ["incomplete"])


def test_declared_counts_a_card_of_two_listings_once() -> None:
    spider = Made()
    read(spider, listing("A", "B", more="<p class=total>2</p>"))
    read(spider, listing("B", "C", more="<p class=total>2</p>"))
    assert (spider.reading.seen, spider.reading.declared, faults(spider)) == (3, 3, [])


def test_declared_counts_a_listing_of_two_pages_once() -> None:
    spider = Made()
    total = "<p class=total>3</p>"
    read(spider, listing("A", "B", more=total + "<a class=next href='?page=1'></a>"))
    read(spider, listing("C", more=total), page=2, before=2)
    assert (spider.reading.seen, spider.reading.declared, faults(spider)) == (3, 3, [])


def detail_request(spider: Made) -> Request:
    (request,) = read(spider, listing("A<a href='https://example.org/a'></a>"))
    assert isinstance(request, Request)
    assert (request.url, spider.reading.seen) == ("https://example.org/a", 1)
    return request


def test_detail_is_added_to_the_card() -> None:
    spider = Made()
    request = detail_request(spider)
    page = HtmlResponse(request.url, body=b"<p>More of it</p></html>", request=request)
    (record,) = spider.parse_detail(page, **request.cb_kwargs)
    assert isinstance(record, CallRecord)
    assert record.texts == {"en": "More of it"}


def test_card_listed_twice_has_its_detail_asked_once() -> None:
    spider = Made()
    request = detail_request(spider)
    assert read(spider, listing(f"A<a href='{request.url}'></a>")) == []


def test_card_alone_is_a_call_when_its_detail_is_a_pdf() -> None:
    spider = Made()
    request = detail_request(spider)
    assert titles(spider.parse_detail(Response(request.url, body=b"%PDF"), **request.cb_kwargs)) == ["A"]
    assert faults(spider) == []


def test_card_alone_is_a_call_when_its_detail_cannot_be_read() -> None:
    spider = Made()
    request = detail_request(spider)
    page = HtmlResponse(request.url, body=b"<form>Log in</form>", request=request)
    assert titles(spider.parse_detail(page, **request.cb_kwargs)) == ["A"]
    assert faults(spider) == ["unreadable"]


def test_card_alone_is_a_call_when_its_detail_does_not_answer() -> None:
    spider = Made()
    request = detail_request(spider)
    failure = Failure(HttpError(Response(request.url, status=500)))  # type: ignore[no-untyped-call]  # no types there
    failure.request = request  # type: ignore[attr-defined]  # as Scrapy does
    assert titles(spider.detail_failed(failure)) == ["A"]
    assert faults(spider) == ["unavailable"]


def test_half_a_page_is_no_page() -> None:
    whole = listing("A", "B")
    spider = Made()
    assert read(spider, whole.replace(body=whole.body[: len(whole.body) // 2])) == []
    assert faults(spider) == ["incomplete"]


def test_known_detail_is_not_asked_for() -> None:
    spider = Made()
    row = {"title": "A", "href": "https://example.org/a"}
    spider.details.known["A"] = (digest(row), spider.details.now)
    assert read(spider, listing("A<a href='https://example.org/a'></a>")) == []
    assert spider.reading.seen == 1


def test_card_alone_does_not_replace_what_its_page_said_before() -> None:
    spider = Made()
    spider.details.known["A"] = ("another row", spider.details.now)
    request = detail_request(spider)
    page = HtmlResponse(request.url, body=b"<html></html>", encoding="utf-8")
    assert list(spider.parse_detail(page, **request.cb_kwargs)) == []
    assert faults(spider) == ["unreadable"]
    failure = Failure(HttpError(Response(request.url, status=500)))  # type: ignore[no-untyped-call]
    failure.request = request  # type: ignore[attr-defined]
    assert list(spider.detail_failed(failure)) == []
    assert faults(spider) == ["unreadable", "unavailable"]


def test_half_a_page_of_details_is_a_fault() -> None:
    spider = Made()
    request = detail_request(spider)
    page = HtmlResponse(request.url, body=b"<html><p>More of", encoding="utf-8")
    assert titles(spider.parse_detail(page, **request.cb_kwargs)) == ["A"]
    assert faults(spider) == ["unreadable"]
    assert spider.details.read == {}


@pytest.mark.parametrize("again", [["A", "B"], ["B", "C"]])
def test_pages_are_read_again_when_the_first_one_has_changed(again: list[str]) -> None:
    """C moves up to the first page, that was read, while the second one is asked for."""
    spider = Made()
    following = "<a class=next href='?page=1'></a>"
    (request,) = [
        item for item in read(spider, listing("A", "B", more=following)) if isinstance(item, Request)
    ]
    (look,) = [
        item
        for item in read(spider, listing("D").replace(request=request), page=2, before=2)
        if isinstance(item, Request)
    ]
    items = list(spider.parse_start_again(listing(*again, more=following), **look.cb_kwargs))
    if again == ["A", "B"]:
        assert items == []
        return
    (second,) = items
    assert isinstance(second, Request)
    assert titles(read(spider, listing(*again, more=following).replace(request=second))) == ["C"]
    assert faults(spider) == []
