"""TED, the EU's journal of public procurement, through its search API."""

import json
from datetime import timedelta
from typing import Any

from scrapy.http import Request, Response

from config.clock import clock
from crawler.bases.paged import PagedSpider
from crawler.bases.rows import Row
from crawler.outcomes import Fault
from crawler.parsers import ted as parser
from store.records import CallRecord

DAYS = 14
FIELDS = (
    "publication-number",
    "notice-title",
    "buyer-name",
    "buyer-country",
    "publication-date",
    "deadline-receipt-tender-date-lot",
    "notice-type",
    "contract-nature",
    "classification-cpv",
    "place-of-performance",
    "form-type",
    "estimated-value-glo",
    "estimated-value-cur-glo",
    "estimated-value-proc",
    "estimated-value-cur-proc",
    "procedure-type",
    "total-value",
    "total-value-cur",
)


class Ted(PagedSpider):
    """
    What      Notices of competition, planning and consultation of the last 14 days.
    Address   https://ted.europa.eu/
    Access    POST of JSON to the search API; no key. `fields` is required, `limit` at most 250.
    Terms     Not read yet; check before live use.
    Robots    Not read yet; check before live use.
    Cadence   Daily.
    Caveats   docs/sources/ted.md. Switched off: procurement, not funding. `timedOut` marks an answer that is not whole.
    """

    name = "ted"
    home = "https://api.ted.europa.eu"
    page_size = 250

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = clock(self.today).date() - timedelta(days=DAYS)
        self.token = ""

    def page_request(self, query: Any, page: int) -> Request:
        forms = " OR ".join(f"form-type={form}" for form in parser.KINDS)
        if page == 0:
            self.token = ""
        asked: dict[str, Any] = {
            "query": f"({forms}) AND publication-date>={self.since:%Y%m%d}",
            "fields": FIELDS,
            "limit": self.page_size,
            "paginationMode": "ITERATION",
        }
        if self.token:
            asked["iterationNextToken"] = self.token
        return Request(
            f"{self.address}/v3/notices/search",
            method="POST",
            headers={"Content-Type": "application/json"},
            body=json.dumps(asked),
        )

    def rows_of(self, answer: Any) -> list[Row]:
        rows: list[Row] = answer["notices"]
        if answer.get("timedOut"):
            self.reading.note(Fault.INCOMPLETE, "the search ran out of time and answered a part")
        self.token = str(answer.get("iterationNextToken") or "")
        return rows

    def is_as_asked(self, row: Row, query: Any) -> bool:
        return parser.is_call(row) and str(row.get("publication-date")) >= self.since.isoformat()

    def total_of(self, answer: Any, response: Response) -> int | None:
        total = answer.get("totalNoticeCount")
        return int(total) if total is not None else None

    def key_of(self, row: Row) -> str:
        return str(row.get("publication-number") or "")

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
