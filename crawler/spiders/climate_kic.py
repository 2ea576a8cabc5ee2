"""Calls of EIT Climate-KIC, from the list on its site and the page behind each card."""

from parsel import Selector
from scrapy.http import HtmlResponse

from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.parsers import climate_kic as parser
from crawler.parsers.listing import BESIDE
from crawler.text import plain_line, plain_text
from store.records import CallRecord


class ClimateKic(ListingSpider):
    """
    What      Calls of EIT Climate-KIC and of the projects it leads, for cities, regions and innovators.
    Address   https://www.climate-kic.org/get-involved/open-calls/
    Access    GET of the page, then of the page behind each card.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/climate_kic.md. No real list has been seen: its selectors are another's account, those of the
              pages behind it are assumed. Procurement is mixed in: counted, not kept.
    """

    name = "climate_kic"
    home = parser.HOME
    paths = (parser.LISTING,)
    look_requests = 4  # the list and three calls
    card = 'div.bg-white.rounded-20:has(a[href*="/open-call/"])'
    beside = f"{BESIDE}, {card}"
    """A call's page may show others, with deadlines of their own."""

    def to_row(self, card: Selector) -> Row:
        texts = card.xpath(".//text()[not(ancestor::h2 or ancestor::h3 or ancestor::h4)]").getall()
        return {
            "title": plain_line(card.css("h2, h3, h4").get("")),
            "href": card.css('a[href*="/open-call/"]::attr(href)').get(""),
            "labels": [line for text in texts if (line := " ".join(text.split()))],
        }

    def detail_of(self, row: Row) -> str:
        """Only of the site itself: other hosts have terms of their own."""
        path = parser.own_path(row)
        return self.address + path if path else ""

    def add_detail(self, row: Row, page: HtmlResponse) -> Row:
        content = Selector((page.css("main") or page.css("article")).get(""))
        content.css(self.beside).drop()
        text = plain_text(content.get())
        if not text:
            raise ValueError("its page has no text")
        return row | {
            "title": row["title"] or plain_line(content.css("h1").get("")),
            "text": text,
            "links": [
                {"href": link.attrib["href"], "label": plain_line(link.get())}
                for link in content.css("a[href]")
            ],
        }

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def is_call(self, row: Row) -> bool:
        return parser.is_call(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
