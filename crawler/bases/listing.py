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
"""A listing whose pages never end is not read for ever."""
END_OF_PAGE = 2_000
"""Bytes at the end of a page within which it is closed; comments of a server may follow."""


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first_keys: dict[str, list[str]] = {}

    async def start(self) -> AsyncIterator[Any]:
        for path in self.paths:
            start = self.address + path
            yield self._page(start, 1, 0, {"start": start})

    def _page(self, address: str, page: int, before: int, meta: dict[str, Any]) -> Request:
        return Request(
            address,
            callback=self.parse_listing,
            errback=self.failed,
            cb_kwargs={"page": page, "before": before},
            meta=meta,
            dont_filter=True,
        )

    def parse_listing(self, response: Response, page: int, before: int) -> Iterator[Item]:
        """`before` is the number of cards on the pages before this one."""
        if not isinstance(response, HtmlResponse):
            kind = (response.headers.get(b"Content-Type") or b"no type").decode("latin-1").split(";")[0]
            self.reading.note(Fault.UNREADABLE, f"{response.url} is no page, but {kind}")
            return
        if not _is_whole(response):
            self.reading.note(Fault.INCOMPLETE, f"{response.url} breaks off before its end")
            return
        cards = response.css(self.card)
        if not cards and not (self.quiet and response.css(self.quiet)):
            self.reading.note(
                Fault.UNREADABLE, f"no call was recognised on {response.url}: has the page changed?"
            )
            return
        seen, rows = self.reading.seen, [self.to_row(card) for card in cards]
        for row in rows:
            yield from self._row_items(row)
        read, new = before + len(cards), self.reading.seen - seen
        self._declare(response, page, len(cards) - new)
        yield from self._go_on(response, page, read, rows, repeats=page > 1 and bool(cards) and not new)

    def _go_on(
        self, response: HtmlResponse, page: int, read: int, rows: list[Row], *, repeats: bool
    ) -> Iterator[Item]:
        """The following page; or, after the last one, a look whether the first one still is what it was."""
        following = response.css(self.next_page).get() if self.next_page else None
        asked = response.request.meta if response.request else {}
        start, again = asked.get("start", response.url), asked.get("again", False)
        if page == 1:
            self.first_keys[start] = [self.key_of(row) for row in rows]
        if repeats and not again:
            self.reading.note(Fault.INCOMPLETE, f"{response.url} repeats what the pages before it had")
        elif following and page < (self.latest_pages or MOST_PAGES):
            yield self._page(response.urljoin(following), page + 1, read, {"start": start, "again": again})
        elif following and self.latest_pages is None:
            self.reading.note(Fault.INCOMPLETE, f"{response.url} has more pages than are read of a listing")
        elif (total := self.total_of(response)) is not None and read < total:
            self.reading.note(Fault.INCOMPLETE, f"{response.url}: {read} of {total} calls were readable")
        elif page > 1 and not again:
            yield Request(
                start,
                callback=self.parse_start_again,
                errback=self.failed,
                cb_kwargs={"start": start},
                dont_filter=True,
            )

    def parse_start_again(self, response: Response, start: str) -> Iterator[Item]:
        """A card that left its page while the pages were read pulled others onto pages already read: read them again."""
        cards = response.css(self.card) if isinstance(response, HtmlResponse) else ()
        if [self.key_of(self.to_row(card)) for card in cards] != self.first_keys[start]:
            yield self._page(start, 1, 0, {"start": start, "again": True})

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
        if self.details.are_known(key, row):
            return
        yield Request(
            detail,
            callback=self.parse_detail,
            errback=self.detail_failed,
            cb_kwargs={"row": row},
            dont_filter=True,
        )

    def parse_detail(self, response: Response, row: Row) -> Iterator[CallRecord | Rejected]:
        """A page of details that is none, a PDF say, adds nothing; one that cannot be read is a fault."""
        whole, key = row, self.key_of(row)
        try:
            if isinstance(response, HtmlResponse):
                if not _is_whole(response):
                    raise ValueError("their page breaks off before its end")  # noqa: TRY301  noted like the hook's
                whole = self.add_detail(row, response)
        except ValueError as error:
            self.reading.note(Fault.UNREADABLE, f"details of {key}: {error}"[:200])
            yield from self._card_alone(row)
            return
        is_call = self.is_call(whole)
        self.details.note(key, row, is_call=is_call)
        if is_call:
            yield self.record_or_rejection(whole, key)

    def detail_failed(self, failure: Failure) -> Iterator[CallRecord | Rejected]:
        self.failed(failure)
        yield from self._card_alone(failure.request.cb_kwargs["row"])  # type: ignore[attr-defined]  # Scrapy sets it

    def _card_alone(self, row: Row) -> Iterator[CallRecord | Rejected]:
        """The card is a call too, what its page would have added unknown; but known facts are not given up for it."""
        key = self.key_of(row)
        if key not in self.details.known:
            yield self.record_or_rejection(row, key)


def _is_whole(page: HtmlResponse) -> bool:
    """Its end is all that tells whether a page arrived whole, and a card cut in two would change its call."""
    return b"</html>" in page.body[-END_OF_PAGE:].lower()
