"""Loans of the Council of Europe Development Bank: a standing scheme."""

from crawler.bases.rows import Row
from crawler.bases.scheme import SchemeSpider
from crawler.parsers import ceb as parser
from store.records import CallRecord


class Ceb(SchemeSpider):
    """
    What      Loans of the CEB for social investment, also to local and regional authorities.
    Address   https://coebank.org/en/project-financing/how-access-ceb-financing/
    Access    GET of the page; the documents that it links to are not fetched.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/ceb.md. A standing scheme, no call. No real answer has been seen: heading, words and `main`
              are assumed, and a page that lacks one of them is a fault.
    """

    name = "ceb"
    home = parser.HOME
    paths = (parser.PATH,)
    heading = 'h1:contains("CEB")'
    card = f'body:has({heading}):has(main:contains("borrower"))'

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
