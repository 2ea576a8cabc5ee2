"""Calls of EIT Urban Mobility, from the REST API of its WordPress site."""

from crawler.bases.rows import Row
from crawler.bases.wordpress import WordPressSpider
from crawler.parsers import eit_urban_mobility as parser
from store.records import CallRecord


class EitUrbanMobility(WordPressSpider):
    """
    What      Calls for proposals of EIT Urban Mobility: innovation, education, start-ups, pilots in cities.
    Address   https://www.eiturbanmobility.eu/wp-json/wp/v2/call-for-proposals
    Access    GET, JSON, no key: first the terms of `status-call`, then the posts, a hundred a page.
    Terms     not read yet; check before live use
    Robots    not read yet; check before live use
    Cadence   Weekly.
    Caveats   docs/sources/eit_urban_mobility.md. No real answer has been seen. Deadlines are lines of the text ("Call
              closes:"): what is not plainly one day stays prose. Closed calls are listed too.
    """

    name = "eit_urban_mobility"
    home = parser.HOME
    post_type = parser.POST_TYPE
    taxonomy = parser.TAXONOMY

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
