"""Calls that the Energy Poverty Advisory Hub announces among its news."""

from parsel import Selector

from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.parsers import epah as parser
from store.records import CallRecord


class Epah(ListingSpider):
    """
    What      News of the Energy Poverty Advisory Hub whose titles announce a call.
    Address   https://energy-poverty.ec.europa.eu/newsroom/news
    Access    GET of the page, newest first.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/epah.md. Titles decide what is a call. The recording has no link to a following page: where
              the selector for it finds none, only the first page is read.
    """

    name = "epah"
    home = parser.HOME
    paths = ("/newsroom/news",)
    card = "article.ecl-content-item"
    next_page = ".ecl-pagination__item--next a::attr(href)"
    # A call is news for months, not for years: what stands further back is over.
    latest_pages = 3

    def to_row(self, card: Selector) -> Row:
        link = card.css(".ecl-content-block__title a")
        return {
            "category": card.css(".ecl-content-block__primary-meta-item::text").get("").strip(),
            "datetime": card.css("time::attr(datetime)").get(""),
            "date": card.css("time::text").get("").strip(),
            "title": " ".join(link.css("::text").getall()).strip(),
            "href": link.css("::attr(href)").get(""),
            "description": "\n".join(card.css(".ecl-content-block__description p").getall()),
        }

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def is_call(self, row: Row) -> bool:
        return parser.is_call(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
