"""Calls of the European City Facility, from the list on its site."""

from parsel import Selector

from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.parsers import city_facility as parser
from store.records import CallRecord


class CityFacility(ListingSpider):
    """
    What      Calls of the European City Facility for investment concepts of municipalities.
    Address   https://www.eucityfacility.eu/calls
    Access    GET of the page; the pages behind the cards are not read.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/city_facility.md. No real answer has been seen: the selectors are another's account. The
              date on a card is that of publication, no deadline.
    """

    name = "city_facility"
    home = parser.HOME
    paths = (parser.LISTING,)
    # A card may have a second link, of its picture, without a title.
    card = 'a.ce-linked[href^="/calls/call-"]:has(h3)'

    def to_row(self, card: Selector) -> Row:
        outside = card.xpath(".//text()[not(ancestor::h3)]").re_first(
            r"\d{1,2} [A-Z][a-z]+ \d{4}|\d\d[./]\d\d[./]\d{4}"
        )
        return {
            "title": " ".join(card.css("h3 ::text, h3::text").getall()),
            "href": card.attrib.get("href", ""),
            "published": outside or "",
        }

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
