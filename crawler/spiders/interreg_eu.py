"""interreg.eu: the calls of all Interreg programmes, through the index of its own page."""

from typing import Any

from crawler.bases.algolia import AlgoliaSpider
from crawler.bases.rows import Row
from crawler.parsers import interreg_eu as parser
from store.records import CallRecord

ASKED = ("Open", "Forthcoming")


class InterregEu(AlgoliaSpider):
    """
    What      Calls for projects of all Interreg programmes, forthcoming and open.
    Address   https://interreg.eu/
    Access    Algolia multi-query; app id and search key are those that the site's page ships, and they change:
              FUNDING_INTERREG_APP_ID and FUNDING_INTERREG_SEARCH_KEY. A refusal means: read them again.
    Terms     Not read yet; check before live use.
    Robots    Not read yet; check before live use.
    Cadence   Daily.
    Caveats   docs/sources/interreg_eu.md. Two hits can share one external address: the key is `objectID`.
    """

    name = "interreg_eu"
    home = "https://interreg.eu"
    index = "prod_en-us_content"
    filters = f"contentType:{parser.CONTENT_TYPE} AND (callStatus:Open OR callStatus:Forthcoming)"
    app_id_setting = "FUNDING_INTERREG_APP_ID"
    search_key_setting = "FUNDING_INTERREG_SEARCH_KEY"

    def is_as_asked(self, row: Row, query: Any) -> bool:
        return row.get("contentType") == parser.CONTENT_TYPE and row.get("callStatus") in ASKED

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
