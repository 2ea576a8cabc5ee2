"""Technical assistance of the European Energy Efficiency Fund: a standing scheme."""

from crawler.bases.rows import Row
from crawler.bases.scheme import SchemeSpider
from crawler.parsers import eeef as parser
from store.records import CallRecord


class Eeef(SchemeSpider):
    """
    What      The eeef's technical assistance: consultants for public bodies that prepare energy investments.
    Address   https://www.eeef.lu/eeef-ta-facility.html
    Access    GET of the page; the documents that it links to are not fetched.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/eeef.md. A standing scheme, no call. No real answer has been seen: heading, words and
              `main` are assumed, and a page that lacks one of them is a fault.
    """

    name = "eeef"
    home = parser.HOME
    paths = (parser.PATH,)
    heading = 'h1:contains("eeef")'
    card = f'body:has({heading}):has(main:contains("beneficiaries"))'

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
