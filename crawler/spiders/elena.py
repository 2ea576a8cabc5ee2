"""ELENA, technical assistance of the European Investment Bank: a standing scheme."""

from crawler.bases.rows import Row
from crawler.bases.scheme import SchemeSpider
from crawler.parsers import elena as parser
from store.records import CallRecord


class Elena(SchemeSpider):
    """
    What      ELENA: the EIB pays for the preparation of investment programmes in energy and sustainable transport.
    Address   https://www.eib.org/en/products/advisory-services/elena/index
    Access    GET of the page; the documents that it links to are not fetched.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/elena.md. A standing scheme, no call. No real answer has been seen: heading, words and
              `main` are assumed, and a page that lacks one of them is a fault.
    """

    name = "elena"
    home = parser.HOME
    paths = (parser.PATH,)
    heading = 'h1:contains("ELENA")'
    card = f'body:has({heading}):has(main:contains("investment programme"))'

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
