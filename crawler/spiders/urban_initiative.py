"""Calls for cities that the European Urban Initiative lists on Portico, its own and others'."""

from parsel import Selector

from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.parsers import urban_initiative as parser
from crawler.parsers.listing import labelled
from store.records import CallRecord


class UrbanInitiative(ListingSpider):
    """
    What      Calls of the European Urban Initiative and of other programmes for cities.
    Address   https://portico.urban-initiative.eu/urban-panorama/call-for-proposals
    Access    GET of the page.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/urban_initiative.md. No real answer has been seen: the selectors are another's account.
    """

    name = "urban_initiative"
    home = parser.HOME
    paths = (parser.LISTING,)
    card = "article.node--type-call-for-proposals"
    next_page = ".pager__item--next a::attr(href)"

    def to_row(self, card: Selector) -> Row:
        lines = "\n".join(filter(None, map(str.strip, card.css("*::text").getall())))
        return {
            "title": " ".join(card.css(".title-node ::text, .title-node::text").getall()),
            "programme": card.xpath(".//text()").re_first(r"^\s*By\s+(\S.*?)\s*$") or "",
            "status": next((line for line in lines.splitlines() if line.lower() in parser.STATUSES), ""),
            "deadline": labelled(lines, "Deadline date"),
            "href": card.xpath(".//a[contains(., 'Find out more')]/@href").get("")
            or card.css("a::attr(href)").get(""),
        }

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
