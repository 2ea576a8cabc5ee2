"""JSON in pages: asked one after the other until as many rows are read as the source declares."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.bases.rows import Row, RowSpider
from crawler.outcomes import Fault
from store.records import CallRecord, Rejected

Item = CallRecord | Rejected | Request
MOST_PAGES = 1_000
"""A source whose pages never end is not read for ever."""
FAILED_QUERIES = 3
"""Queries that may fail before no more are asked: the source is then down, not stumbling."""


@dataclass
class Asked:
    """How far a query is read. `rows` are told apart by all they say: a row read twice counts once.

    `totals` are those that its pages declared: more than one shows that rows came or went while they were read.
    """

    query: Any
    answered: int = 0
    totals: set[int | None] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    again: bool = False


class PagedSpider(RowSpider):
    """A subclass gives `queries` (one unless the source has windows), `page_request`, `rows_of` and `total_of`.

    Pages count from 0. A source that declares no total ends with the first page that is not full.
    """

    page_size = 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: list[Any] = []
        self.failed_queries = 0

    def queries(self) -> list[Any]:
        """What is asked, one after the other: windows of time, kinds of rows. Each has pages of its own."""
        return [None]

    def page_request(self, query: Any, page: int) -> Request:
        """The request for a page, without callbacks."""
        raise NotImplementedError

    def rows_of(self, answer: Any) -> list[Row]:
        """The rows of an answer. Raises LookupError or TypeError when it is built otherwise."""
        raise NotImplementedError

    def total_of(self, answer: Any, response: Response) -> int | None:
        """How many rows the query has in all, by the source's word; None when it does not say."""
        raise NotImplementedError

    def is_as_asked(self, row: Row, query: Any) -> bool:
        """False for a row that the query excludes: the source then ignored it, and nothing more is stored."""
        return True

    def detail_request(self, row: Row) -> Request | None:
        """The page of details of a row, for sources whose rows are not enough."""
        return None

    def merge_detail(self, row: Row, response: Response) -> Row:
        """The row with its details. Raises ValueError when they cannot be read."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        self.waiting = self.queries()
        for request in self._next_query():
            yield request

    def _next_query(self) -> Iterator[Request]:
        if self.waiting and self.failed_queries < FAILED_QUERIES:
            yield self.first_request(self.waiting.pop(0))

    def first_request(self, query: Any) -> Request:
        """What a query begins with: its first page, unless a subclass has to ask for the total before."""
        return self.page(Asked(query), 0)

    def page(self, asked: Asked, page: int) -> Request:
        return self.page_request(asked.query, page).replace(
            callback=self.parse_page,
            errback=self.page_failed,
            cb_kwargs={"asked": asked, "page": page},
            dont_filter=True,
        )

    def page_failed(self, failure: Failure) -> Iterator[Item]:
        self.failed(failure)
        yield from self._query_failed()

    def unreadable(self, error: Exception) -> Iterator[Item]:
        """Note an answer that is built otherwise than expected, and go on with the next query."""
        self.reading.note(
            Fault.UNREADABLE, f"an answer was not what was expected ({type(error).__name__}: {error})"[:300]
        )
        yield from self._query_failed()

    def _query_failed(self) -> Iterator[Item]:
        self.failed_queries += 1
        yield from self._next_query()

    def parse_page(self, response: Response, asked: Asked, page: int) -> Iterator[Item]:
        try:
            answer = self.parsed_json(response)
            answered, total = self.rows_of(answer), self.total_of(answer, response)
            if not isinstance(answered, list):
                raise TypeError("the rows are no list")  # noqa: TRY301 - noted like what the hooks raise
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            yield from self.unreadable(error)
            return
        if not answered and total is not None and asked.answered < total and (retry := self._again(response)):
            yield retry
            return
        if page == 0 and total is not None and not asked.again:
            self.reading.declared = (self.reading.declared or 0) + total
        rows = [row for row in answered if isinstance(row, dict)]
        if len(rows) < len(answered):
            self.reading.note(Fault.UNREADABLE, f"{len(answered) - len(rows)} rows were no objects")
        for row in rows:
            if not self.is_as_asked(row, asked.query):
                raise self.give_up(
                    Fault.UNREADABLE, f"the source ignored the filter: it answered {self.key_of(row)}"
                )
        for row in rows:
            yield from self.row_items(row)
        known = len(asked.rows)
        asked.rows.update(json.dumps(row, sort_keys=True) for row in answered)
        asked.answered += len(answered)
        asked.totals.add(total)
        yield from self._go_on(asked, page, total, len(answered), repeats=len(asked.rows) == known)

    def _go_on(
        self, asked: Asked, page: int, total: int | None, answered: int, *, repeats: bool
    ) -> Iterator[Item]:
        """The next page; or a second look, when rows are missing; or the next query."""
        # In a second look pages of known rows are to be expected.
        ended = not answered or (repeats and not asked.again)
        full = asked.answered >= total if total is not None else answered < self.page_size
        if not ended and not full:
            if page + 1 < MOST_PAGES:
                yield self.page(asked, page + 1)
                return
            self.reading.note(Fault.INCOMPLETE, f"reading ended after {MOST_PAGES} pages")
        read = len(asked.rows)
        missing = total is not None and read < total
        if (missing or len(asked.totals) > 1) and full and not asked.again:
            # Rows moved between pages while they were read: one that left its page for one already read was missed.
            asked.again, asked.answered = True, 0
            yield self.page(asked, 0)
            return
        if missing:
            self.reading.note(Fault.INCOMPLETE, f"{read} of {total} rows were readable")
        yield from self._next_query()

    def row_items(self, row: Row) -> Iterator[Item]:
        """The record of a row, or the request for its details. A row counts as seen when its details are."""
        key = self.key_of(row)
        detail = None if not key or key in self.keys or not self.is_call(row) else self.detail_request(row)
        if detail is None:
            yield from self.items_of(row)
            return
        self.keys.add(key)
        if self.details.are_known(key, row):
            self.reading.seen += 1
            return
        yield detail.replace(
            callback=self.parse_detail, errback=self.detail_failed, cb_kwargs={"row": row}, dont_filter=True
        )

    def parse_detail(self, response: Response, row: Row) -> Iterator[CallRecord | Rejected]:
        try:
            whole = self.merge_detail(row, response)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self.reading.note(
                Fault.UNREADABLE, f"details of {self.key_of(row)} could not be read ({error})"[:200]
            )
            return
        self.reading.seen += 1
        key, is_call = self.key_of(row), self.is_call(whole)
        self.details.note(key, row, is_call=is_call)
        if is_call:
            yield self.record_or_rejection(whole, key)

    def detail_failed(self, failure: Failure) -> None:
        self.failed(failure)

    def _again(self, response: Response) -> Request | None:
        assert response.request is not None
        return get_retry_request(response.request, spider=self, reason="an empty page")
