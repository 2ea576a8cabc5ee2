"""Sites on WordPress: the posts of one type from its REST API, the names of their terms asked before."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.bases.paged import Asked, Item, PagedSpider
from crawler.bases.rows import Row

MOST_OF_A_PAGE = 100
"""More are refused."""
FIELDS = ("id", "date", "link", "title", "content", "excerpt")
"""What is asked of a post: plugins add many times as much to each."""
PAST_THE_END = b'"rest_post_invalid_page_number"'
"""WordPress' word for a page behind the last one, which it answers with 400."""


class WordPressSpider(PagedSpider):
    """A subclass gives `post_type` and, where a taxonomy says something of the posts, `taxonomy`: as their addresses
    spell them.

    In the rows the numbers of the terms are replaced by their names; a number that is none of the terms' stays.
    """

    page_size = MOST_OF_A_PAGE
    look_requests = 2  # the terms of the taxonomy and a page
    post_type: str
    taxonomy = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms: dict[int, str] = {}
        self.total: int | None = None

    def first_request(self, query: Any) -> Request:
        if not self.taxonomy:
            return super().first_request(query)
        return self._request(self.taxonomy, {"per_page": MOST_OF_A_PAGE, "_fields": "id,name"}).replace(
            callback=self.parse_terms,
            errback=self.page_failed,
            cb_kwargs={"asked": Asked(query)},
            dont_filter=True,
        )

    def parse_terms(self, response: Response, asked: Asked) -> Iterator[Item]:
        """Without the names nothing is read: calls known as open would else turn unknown."""
        try:
            terms = self.parsed_json(response)
            self.terms = {int(term["id"]): str(term["name"]) for term in terms}
            stated = _stated_total(response)
            if not self.terms or len(terms) < (stated or 0):
                raise ValueError(f"{len(terms)} of {stated} terms of {self.taxonomy}")  # noqa: TRY301 - noted below
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            yield from self.unreadable(error)
            return
        yield self.page(asked, 0)

    def page_request(self, query: Any, page: int) -> Request:
        return self._request(
            self.post_type,
            {
                "per_page": self.page_size,
                "page": page + 1,
                # A post that is published while pages are read moves none of the others.
                "orderby": "id",
                "order": "asc",
                "_fields": ",".join(filter(None, (*FIELDS, self.taxonomy))),
            },
        )

    def _request(self, route: str, parameters: dict[str, Any]) -> Request:
        return Request(f"{self.address}/wp-json/wp/v2/{route}?{urlencode(parameters, safe=',')}")

    def rows_of(self, answer: Any) -> list[Row]:
        if not isinstance(answer, list):
            raise TypeError("an object came instead of posts")
        return [self._with_names(post) for post in answer]

    def _with_names(self, post: Any) -> Any:
        numbers = post.get(self.taxonomy) if isinstance(post, dict) else None
        if not isinstance(numbers, list):
            return post
        names = [self.terms.get(number, number) if isinstance(number, int) else number for number in numbers]
        return post | {self.taxonomy: names}

    def total_of(self, answer: Any, response: Response) -> int | None:
        """By the header; what an earlier page said counts on where a later one is silent.

        WordPress always states it: an empty list without it is an answer of something else.
        """
        stated = _stated_total(response)
        if stated is not None:
            self.total = stated
        elif not answer and self.total is None:
            raise ValueError("an empty list that does not say how many posts there are")
        return self.total

    def page_failed(self, failure: Failure) -> Iterator[Item]:
        """A page behind the last one ends the query, as an empty page does elsewhere."""
        asked = failure.request.cb_kwargs  # type: ignore[attr-defined]  # Scrapy sets it
        if asked.get("page") and _is_past_the_end(failure.value):
            yield from self._go_on(asked["asked"], asked["page"], self.total, 0, repeats=False)
            return
        yield from super().page_failed(failure)

    def key_of(self, row: Row) -> str:
        return str(row.get("id") or "")


def _stated_total(response: Response) -> int | None:
    stated = (response.headers.get(b"X-WP-Total") or b"").decode("latin-1").strip()
    return int(stated) if stated.isdecimal() else None


def _is_past_the_end(error: BaseException | None) -> bool:
    return (
        isinstance(error, HttpError)
        and error.response.status == HTTPStatus.BAD_REQUEST
        and PAST_THE_END in error.response.body
    )
