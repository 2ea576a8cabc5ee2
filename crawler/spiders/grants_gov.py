"""Federal grants of the United States, through the search API of grants.gov."""

import json
from typing import Any

from scrapy.http import Request, Response

from crawler.bases.paged import PagedSpider
from crawler.bases.rows import Row
from crawler.parsers import grants_gov as parser
from store.records import CallRecord

ASKED = ("forecasted", "posted")


class GrantsGov(PagedSpider):
    """
    What      Federal grants of the United States, forecast and posted.
    Address   https://www.grants.gov/search-grants
    Access    POST of JSON to the search API; no key.
    Terms     Not read yet; check before live use.
    Robots    Not read yet; check before live use.
    Cadence   Daily.
    Caveats   docs/sources/grants_gov.md. Errors are answered with the status 200. Switched off: these grants are seldom
              open to a European authority. The details of an opportunity, with its amounts, are not read.
    """

    name = "grants_gov"
    home = "https://api.grants.gov"

    def page_request(self, query: Any, page: int) -> Request:
        asked = {
            "oppStatuses": "|".join(ASKED),
            "rows": self.page_size,
            "startRecordNum": page * self.page_size,
        }
        return Request(
            f"{self.address}/v1/api/search2",
            method="POST",
            headers={"Content-Type": "application/json"},
            body=json.dumps(asked),
        )

    def rows_of(self, answer: Any) -> list[Row]:
        if answer.get("errorcode"):
            raise ValueError(f"the portal's error {answer['errorcode']}: {str(answer.get('msg'))[:200]}")
        rows: list[Row] = answer["data"]["oppHits"]
        return rows

    def is_as_asked(self, row: Row, query: Any) -> bool:
        return row.get("oppStatus") in ASKED

    def total_of(self, answer: Any, response: Response) -> int | None:
        return int(answer["data"]["hitCount"])

    def key_of(self, row: Row) -> str:
        return str(row.get("id") or "")

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
