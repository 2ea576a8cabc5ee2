"""Pages written for people: a list of cards, with or without a page of details behind each."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from parsel import Selector
from scrapy.http import HtmlResponse, Request, Response
from twisted.python.failure import Failure

from crawler.bases.rows import Row, RowSpider
from crawler.outcomes import Fault
from store.records import CallRecord, Rejected

Item = CallRecord | Rejected | Request
MOST_PAGES = 50
END_OF_PAGE = 2_000
"""Bytes at the end of a page within which it is closed; comments of a server may follow."""
"""A listing whose pages never end is not read for ever."""


class ListingSpider(RowSpider):
    """A subclass gives `paths`, the selector `card`, `to_row`, and, where there are more pages, `next_page`.

    A page without one card is a fault, not "no calls": unless `quiet`, a selector for what the page shows when it has
    none, is there.
    """

    paths: tuple[str, ...]
    card: str
    next_page = ""
    """A selector of the address of the following page."""
    quiet = ""
    latest_pages: int | None = None
    """How far back a listing of news, newest first, is read; None reads it all."""

    def to_row(self, card: Selector) -> Row:
        """A card as the plain fields it shows: pure."""
        raise NotImplementedError

    def total_of(self, page: HtmlResponse) -> int | None:
        """How many cards the listing has in all, by the page's own word; None when it does not say."""
        return None

    def detail_of(self, row: Row) -> str:
        """The address of the page of details; empty when the card says all."""
        return ""

    def add_detail(self, row: Row, page: HtmlResponse) -> Row:
        """The row with what its own page says: pure. Raises ValueError when that cannot be read."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        for path in self.paths:
            yield Request(
                self.address + path,
                callback=self.parse_listing,
                errback=self.failed,
                cb_kwargs={"page": 1, "before": 0},
                dont_filter=True,
            )

    def parse_listing(self, response: Response, page: int, before: int) -> Iterator[Item]:
        """`before` is the number of cards on the pages before this one."""
        if not isinstance(response, HtmlResponse):
            kind = (response.headers.get(b"Content-Type") or b"no type").decode("latin-1").split(";")[0]
            self.reading.note(Fault.UNREADABLE, f"{response.url} is no page, but {kind}")
            return
        if b"</html>" not in response.body[-END_OF_PAGE:].lower():
            # Its end is all that tells whether a page arrived whole, and a card cut in two would change its call.
            self.reading.note(Fault.INCOMPLETE, f"{response.url} breaks off before its end")
            return
        cards = response.css(self.card)
        if not cards and not (self.quiet and response.css(self.quiet)):
            self.reading.note(
                Fault.UNREADABLE, f"no call was recognised on {response.url}: has the page changed?"
            )
            return
        seen = self.reading.seen
        for card in cards:
            yield from self._row_items(self.to_row(card))
        read, new = before + len(cards), self.reading.seen - seen
        self._declare(response, page, len(cards) - new)
        following = response.css(self.next_page).get() if self.next_page else None
        if page > 1 and cards and not new:
            self.reading.note(Fault.INCOMPLETE, f"{response.url} repeats what the pages before it had")
        elif following and page < (self.latest_pages or MOST_PAGES):
            yield response.follow(
                following,
                callback=self.parse_listing,
                errback=self.failed,
                cb_kwargs={"page": page + 1, "before": read},
                dont_filter=True,
            )
        elif following and self.latest_pages is None:
            self.reading.note(Fault.INCOMPLETE, f"{response.url} has more pages than are read of a listing")
        elif (total := self.total_of(response)) is not None and read < total:
            self.reading.note(Fault.INCOMPLETE, f"{response.url}: {read} of {total} calls were readable")

    def _declare(self, response: HtmlResponse, page: int, repeated: int) -> None:
        """Add what this listing has in all; cards that another page had too are counted once, as in `seen`."""
        total = self.total_of(response)
        if total is not None:
            self.reading.declared = (self.reading.declared or 0) + (total if page == 1 else 0) - repeated

    def _row_items(self, row: Row) -> Iterator[Item]:
        key = self.key_of(row)
        if not key:  # two broken cards are two, not one that was seen before
            self.reading.seen += 1
            yield self.record_or_rejection(row, key)
            return
        detail = "" if key in self.keys or not self.is_call(row) else self.detail_of(row)
        if not detail:
            yield from self.items_of(row)
            return
        self.keys.add(key)
        self.reading.seen += 1
        yield Request(
            detail,
            callback=self.parse_detail,
            errback=self.detail_failed,
            cb_kwargs={"row": row},
            dont_filter=True,
        )

    def parse_detail(self, response: Response, row: Row) -> Iterator[CallRecord | Rejected]:
        """A page of details that is none, a PDF say, adds nothing; one that cannot be read is a fault."""
        whole = row
        if isinstance(response, HtmlResponse):
            try:
                whole = self.add_detail(row, response)
            except ValueError as error:
                self.reading.note(Fault.UNREADABLE, f"details of {self.key_of(row)}: {error}"[:200])
        yield self.record_or_rejection(whole, self.key_of(row))

    def detail_failed(self, failure: Failure) -> Iterator[CallRecord | Rejected]:
        """The card alone is a call too: what its page would have added stays unknown."""
        self.failed(failure)
        row = failure.request.cb_kwargs["row"]  # type: ignore[attr-defined]  # Scrapy sets it
        yield self.record_or_rejection(row, self.key_of(row))
