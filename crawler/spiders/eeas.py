"""Grants of the EU delegations, through the listing that the EEAS renders for people."""

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import quote, unquote_plus

from parsel import Selector
from scrapy.http import HtmlResponse, Response

from crawler.bases.listing import Item, ListingSpider
from crawler.bases.rows import Row
from crawler.outcomes import Fault
from crawler.parsers import eeas as parser
from store.records import CallRecord


class Eeas(ListingSpider):
    """
    What      Calls for proposals of the EU delegations in the partners' countries outside the EU.
    Address   https://www.eeas.europa.eu/eeas/grants_en
    Access    GET of the page, one facet a country: f[0]=grant_site:<Country>; all cards on one page.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/eeas.md. Facets multiply addresses: only those below are asked, one at a time. The listing
              keeps calls for years, and a page of general information in every country.
    """

    name = "eeas"
    home = parser.HOME
    look_requests = 5  # not every country has calls
    countries: ClassVar[tuple[str, ...]] = (
        "Algeria",
        "Canada",
        "Chile",
        "China",
        "Colombia",
        "El Salvador",
        "Mexico",
        "Morocco",
        "Mozambique",
        "Senegal",
        "South Africa",
        "Tunisia",
        "United Kingdom",
        "United States of America",
        "Uruguay",
    )
    """Where the organisation's partners outside the EU are, as the facet spells it. Korea is not among its values."""

    paths = tuple(f"/eeas/grants_en?f%5B0%5D=grant_site%3A{quote(country)}" for country in countries)
    card = ".view-filter-grants .related-grid > .card"

    def parse_listing(self, response: Response, page: int, before: int) -> Iterator[Item]:
        """A page that does not say which country it is of may be all of them: nothing of it is kept."""
        if isinstance(response, HtmlResponse) and response.css(self.card):
            site = (response.css(".facet-pills__pill__link::text").get() or "no country").strip()
            if not unquote_plus(response.url).endswith(f"grant_site:{site}"):
                self.reading.note(Fault.UNREADABLE, f"{response.url} answered the calls of {site}")
                return
        yield from super().parse_listing(response, page, before)

    def total_of(self, page: HtmlResponse) -> int | None:
        count = page.css('[data-drupal-facet-id="grant_site"] .is-active::attr(data-drupal-facet-item-count)')
        return int(count.get() or "") if (count.get() or "").isdecimal() else None

    def to_row(self, card: Selector) -> Row:
        return {
            "title": " ".join(card.css(".card-title ::text").getall()).strip(),
            "href": card.css(".card-title a::attr(href)").get(""),
            "datetime": card.css("time::attr(datetime)").get(""),
            "date": card.css("time::text").get("").strip(),
        }

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def is_call(self, row: Row) -> bool:
        return parser.is_call(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
