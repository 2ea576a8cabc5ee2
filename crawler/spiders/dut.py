"""Calls of the Driving Urban Transitions partnership (DUT), from the list on its site and the page of each."""

from typing import Any

from parsel import Selector
from scrapy.http import HtmlResponse

from config.clock import clock, local_day
from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.parsers import dut as parser
from crawler.parsers.listing import page_of_call
from crawler.text import plain_line
from store.records import CallRecord


class Dut(ListingSpider):
    """
    What      Calls of Driving Urban Transitions for research and innovation in cities, in two stages.
    Address   https://dutpartnership.eu/dut-calls
    Access    GET of the page, then of the page of each call.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/dut.md. Only the addresses of calls and documents have been seen, no markup: the selectors
              are assumed. Former calls stay in the list. Who is paid depends on the funder of each country.
    """

    name = "dut"
    home = parser.HOME
    look_requests = 4  # the list and three calls
    paths = (parser.LISTING,)
    card = f'a[href^="/calls/"], a[href^="{parser.HOME}/calls/"]'

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = self.today or local_day(clock())

    def to_row(self, card: Selector) -> Row:
        return {"title": plain_line(card.get()), "href": card.attrib["href"]}

    def detail_of(self, row: Row) -> str:
        return self.address + parser.path_of(row)

    def add_detail(self, row: Row, page: HtmlResponse) -> Row:
        return row | page_of_call(page.text)

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def is_call(self, row: Row) -> bool:
        return parser.is_call(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row, self.day)
