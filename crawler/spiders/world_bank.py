"""Procurement notices of projects that the World Bank pays for."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request, Response

from config.clock import clock
from crawler.bases.paged import PagedSpider
from crawler.bases.rows import Row
from crawler.outcomes import Fault
from crawler.parsers import world_bank as parser
from store.records import CallRecord

DAYS = 120
"""How far back notices are read: one that is older has closed or will be published anew."""
FIELDS = (
    "id,notice_type,noticedate,notice_status,submission_deadline_date,submission_deadline_time,project_ctry_code,"
    "project_ctry_name,project_id,project_name,regionname,sector,agency_name,bid_reference_no,bid_currency_code,"
    "bid_estimate_amount,bid_description,procurement_group,procurement_group_desc,procurement_method_code,"
    "procurement_method_name,submission_date,noticetitle,api_modified_date,market_approach_name,notice_lang_code,"
    "notice_version_no,contact_organization"
)


class WorldBank(PagedSpider):
    """
    What      Invitations, requests for expressions of interest and general notices of the last 120 days.
    Address   https://projects.worldbank.org/en/projects-operations/procurement
    Access    GET of the search API, newest first; no key.
    Terms     Not read yet; check before live use.
    Robots    Not read yet; check before live use.
    Cadence   Daily.
    Caveats   docs/sources/world_bank.md. An unknown filter is ignored and brings the whole corpus, so none is sent: the
              order is, and is checked. Three of four rows are awards: counted, not kept.
    """

    name = "world_bank"
    home = "https://search.worldbank.org"
    page_size = 500

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = clock(self.today).date() - timedelta(days=DAYS)
        self.offset = 0

    def page_request(self, query: Any, page: int) -> Request:
        self.offset = page * self.page_size
        asked = {
            "format": "json",
            "rows": self.page_size,
            "os": self.offset,
            "srt": "noticedate",
            "order": "desc",
            "fl": FIELDS,
        }
        return Request(f"{self.address}/api/v2/procnotices?{urlencode(asked)}")

    def rows_of(self, answer: Any) -> list[Row]:
        """The notices that are not too old: the first page that has others is the last one."""
        rows: list[Row] = answer["procnotices"]
        expected = min(self.page_size, int(answer["total"]) - self.offset)
        if 0 < len(rows) < expected:
            self.reading.note(Fault.INCOMPLETE, f"a page had {len(rows)} of {expected} rows")
        days = [day for row in rows if (day := parser.notice_day(row))]
        if days != sorted(days, reverse=True):
            self.reading.note(Fault.INCOMPLETE, "the notices were not answered newest first")
        return self._young(rows)

    def _young(self, rows: list[Row]) -> list[Row]:
        return [row for row in rows if (parser.notice_day(row) or self.since) >= self.since]

    def total_of(self, answer: Any, response: Response) -> int | None:
        """The portal's total counts all years: it says something only where no older notice was left out."""
        rows, total = answer["procnotices"], int(answer["total"])
        all_read = len(self._young(rows)) == len(rows) and self.offset + len(rows) >= total
        return total if all_read or not rows else None

    def key_of(self, row: Row) -> str:
        return str(row.get("id") or "")

    def is_call(self, row: Row) -> bool:
        return not parser.is_award(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)
