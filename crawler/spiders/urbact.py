"""Calls of URBACT for networks of cities, from the links on its site and the page of each."""

from parsel import Selector
from scrapy.http import HtmlResponse

from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.parsers import urbact as parser
from crawler.parsers.listing import page_of_call
from crawler.text import plain_line, plain_text
from store.records import CallRecord


class Urbact(ListingSpider):
    """
    What      Calls of URBACT for networks of cities and for exchange between them.
    Address   https://urbact.eu/get-involved
    Access    GET of the page, then of the page of each call.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/urbact.md. No real answer has been seen: the selector of links is another's account, the rest
              is assumed. Deadlines are prose.
    """

    name = "urbact"
    home = parser.HOME
    look_requests = 4  # the list and three calls
    paths = (parser.LISTING,)
    card = f'a[href^="{parser.HOME}/call-"]'

    def to_row(self, card: Selector) -> Row:
        """`around` is the text of the paragraph or box with the link, unless other calls are linked there too."""
        block = card.xpath(
            "ancestor::*[self::p or self::li or self::article or self::section or self::div][1]"
        )
        linked = {
            parser.path_of({"href": href}) for href in block.css(self.card).css("::attr(href)").getall()
        }
        return {
            "title": plain_line(card.get()),
            "href": card.attrib["href"],
            "around": plain_text(block.get("")) if len(linked) == 1 else "",
        }

    def detail_of(self, row: Row) -> str:
        """The links are whole addresses: only their path counts, the host is the one that the list was asked of."""
        return self.address + parser.path_of(row)

    def add_detail(self, row: Row, page: HtmlResponse) -> Row:
        return row | page_of_call(page.text)

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def is_call(self, row: Row) -> bool:
        return parser.is_call(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
