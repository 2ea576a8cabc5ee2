"""Calls for municipalities that the Covenant of Mayors lists, mostly of other bodies."""

from parsel import Selector

from crawler.bases.listing import ListingSpider
from crawler.bases.rows import Row
from crawler.parsers import covenant_of_mayors as parser
from crawler.parsers.listing import labelled
from store.records import CallRecord


class CovenantOfMayors(ListingSpider):
    """
    What      Calls that the Covenant of Mayors lists for municipalities: body, deadline, type, eligibility.
    Address   https://eu-mayors.ec.europa.eu/en/calls
    Access    GET of the page.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/covenant_of_mayors.md. No real answer has been seen, and only the names of its fields are
              known: the selectors are assumed, and a page that they do not fit fails the run.
    """

    name = "covenant_of_mayors"
    home = parser.HOME
    paths = (parser.LISTING,)
    card = "main article"
    next_page = ".ecl-pagination__item--next a::attr(href), .pager__item--next a::attr(href)"

    def to_row(self, card: Selector) -> Row:
        lines = "\n".join(filter(None, map(str.strip, card.css("*::text").getall())))
        return {
            "title": card.css("h2, h3, a").xpath("string()").get("").strip(),
            "href": card.css("a::attr(href)").get(""),
            **{name: labelled(lines, name) for name in ("entity", "deadline", "type", "eligibility")},
        }

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
