"""The EU Funding & Tenders Portal, through the search API of its own page."""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler.bases.multipart import json_parts
from crawler.bases.rows import Row, RowSpider
from crawler.outcomes import Fault
from crawler.parsers import eu_portal as parser
from store.records import CallRecord, Rejected

TYPES = (parser.GRANT_TOPIC, parser.EXTERNAL_ACTION, parser.CASCADE)
STATUSES = ("31094501", "31094502")
PAGE_SIZE = 100
WINDOW = 10_000
"""Rows that the API serves of one query; more needs a finer split."""
FAILED_PAGES = 3
"""Pages that may fail before the run ends: the portal is then down, not stumbling."""

Item = CallRecord | Rejected | Request


@dataclass
class Part:
    """One programme's share of the rows, read page by page. `programme` None: the rows of no known programme.

    `expected` is the number that the facets gave, `declared` the one that the pages give.
    """

    programme: str | None
    expected: int = 0
    declared: int | None = None
    references: set[str] = field(default_factory=set)
    again: bool = False

    @property
    def name(self) -> str:
        return self.programme or "other programmes"


class EuPortal(RowSpider):
    """
    What      Grant topics, calls of external action and cascade-funding calls, forthcoming and open.
    Address   https://ec.europa.eu/info/funding-tenders/opportunities/portal/
    Access    POST with multipart body to the search API; the key SEDIA is the public one of the portal's page.
    Cadence   Daily: topics change once a day at most.
    Caveats   docs/sources/eu_portal.md. One query a programme, each counted against what the portal declares, and
              the whole against its total; absence from the answers closes no call.
    """

    name = "eu_portal"
    home = "https://api.tech.ec.europa.eu"
    look_requests = 3  # the total, the programmes, a page

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parts: deque[Part] = deque()
        self.programmes: list[str] = []
        self.topics: set[str] = set()
        self.stale: list[Row] = []
        self.failed_pages = 0

    async def start(self) -> AsyncIterator[Any]:
        yield self._request("search", self._query(), self.parse_total, page_size=1)

    def parse_total(self, response: Response) -> Iterator[Item]:
        """How many rows there are in all: the number that the run is held to."""
        answer = self.json_of(response)
        if answer is None:
            return
        total = answer.get("totalResults")
        if total == 0 and (retry := self._retry(response)):
            yield retry
            return
        if not isinstance(total, int):
            raise self.give_up(Fault.UNREADABLE, "the answer does not say how many results there are")
        self.reading.declared = total
        yield self._request("facet", self._query(), self.parse_programmes, errback=self.read_unsplit)

    def parse_programmes(self, response: Response) -> Iterator[Item]:
        """The programmes that have rows now: each becomes a part, and all other rows one more."""
        found = parser.programme_counts(response.body)
        self.programmes = list(found)
        self.parts.extend(Part(programme, count) for programme, count in found.items())
        self.parts.append(Part(None))
        yield from self._next_part()

    def read_unsplit(self, failure: Failure) -> Iterator[Item]:
        """Without facets one query still reads all, as long as it stays within the window."""
        self.logger.warning("no facets: %s", failure.value)
        self.parts.append(Part(None))
        yield from self._next_part()

    def parse_page(self, response: Response, part: Part, page: int) -> Iterator[Item]:
        """One page of a part; then the next page, or the next part."""
        answer = self.json_of(response)
        if answer is None:
            yield from self._page_failed()
            return
        answered = answer.get("results") or []
        rows = [row for row in answered if isinstance(row, dict)]
        if len(rows) < len(answered):
            self.reading.note(Fault.UNREADABLE, f"{len(answered) - len(rows)} rows were no objects")
        part.declared = int(answer.get("totalResults") or 0)
        part.declared = max(part.declared, part.expected)
        if not rows and len(part.references) < part.declared and (retry := self._retry(response)):
            yield retry
            return
        for row in rows:
            self._check_asked_for(row, part)
        for row in rows:
            yield from self._parse_row(row, part)
        if rows and page * PAGE_SIZE < min(part.declared, WINDOW):
            yield self._page(part, page + 1)
        else:
            yield from self._end_part(part)

    def _retry(self, response: Response) -> Request | None:
        """The same request again, a few times: now and then the portal answers with an empty page."""
        assert response.request is not None
        return get_retry_request(response.request, spider=self, reason="an empty page")

    def page_failed(self, failure: Failure) -> Iterator[Item]:
        self.failed(failure)
        yield from self._page_failed()

    def _page_failed(self) -> Iterator[Item]:
        self.failed_pages += 1
        if self.failed_pages < FAILED_PAGES:
            yield from self._next_part()

    def _check_asked_for(self, row: Row, part: Part) -> None:
        fields = parser.fields_of(row)
        type_code, status = parser.first(fields, "type"), parser.first(fields, "status")
        programmes = parser.values(fields, "frameworkProgramme")
        as_asked = type_code in TYPES and status in STATUSES and part.programme in (None, *programmes)
        if not as_asked and type_code and status:
            raise self.give_up(
                Fault.UNREADABLE,
                f"the portal ignored the filter: it answered a row of type {type_code}, status {status}, "
                f"programme {', '.join(programmes) or 'none'}",
            )

    def _parse_row(self, row: Row, part: Part) -> Iterator[Item]:
        reference = str(row.get("reference", ""))
        if reference in part.references:
            return
        part.references.add(reference)
        self.reading.seen += 1
        if parser.is_stale_copy(row):
            self.stale.append(row)
            return
        key = self.key_of(row)
        if key not in self.keys:
            self.keys.add(key)
            self.topics.update(parser.values(parser.fields_of(row), "identifier"))
            yield self.record_or_rejection(row, self.key_of(row))

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row)

    def _end_part(self, part: Part) -> Iterator[Item]:
        missing = (part.declared or 0) - len(part.references)
        if missing > 0 and not part.again:
            part.again = True  # rows move between pages while they are read: a second look finds them
            yield self._page(part, 1)
            return
        if missing > 0:
            beyond = " (more than the API serves of one query)" if (part.declared or 0) > WINDOW else ""
            self.reading.note(
                Fault.INCOMPLETE,
                f"{part.name}: {len(part.references)} of {part.declared} rows were readable{beyond}",
            )
        yield from self._next_part()

    def _next_part(self) -> Iterator[Item]:
        if self.parts:
            yield self._page(self.parts.popleft(), 1)
            return
        if self.reading.declared is not None and self.reading.seen < self.reading.declared:
            self.reading.note(
                Fault.INCOMPLETE, f"{self.reading.seen} of {self.reading.declared} rows were readable"
            )
        yield from self._stale_rows()

    def _stale_rows(self) -> Iterator[Item]:
        """Copies in the old index count only for topics that the current index lacks: known when all was read."""
        if self.reading.faults:
            return
        for row in self.stale:
            if not self.topics.intersection(parser.values(parser.fields_of(row), "identifier")):
                yield self.record_or_rejection(row, self.key_of(row))

    def _page(self, part: Part, page: int) -> Request:
        query = self._query()
        if part.programme is not None:
            query["bool"]["must"].append({"terms": {"frameworkProgramme": [part.programme]}})
        elif self.programmes:
            query["bool"]["must_not"] = [{"terms": {"frameworkProgramme": self.programmes}}]
        return self._request("search", query, self.parse_page, page=page, errback=self.page_failed, part=part)

    @staticmethod
    def _query() -> dict[str, Any]:
        return {"bool": {"must": [{"terms": {"type": list(TYPES)}}, {"terms": {"status": list(STATUSES)}}]}}

    def _request(
        self,
        service: str,
        query: Row,
        callback: Any,
        *,
        page: int = 1,
        page_size: int = PAGE_SIZE,
        errback: Any = None,
        part: Part | None = None,
    ) -> Request:
        # The facet service answers 500 to a `sort` part.
        order = {"sort": {"field": "identifier", "order": "ASC"}} if service == "search" else {}
        body, content_type = json_parts(query=query, languages=["en"], **order)
        return Request(
            f"{self.address}/search-api/prod/rest/{service}"
            f"?apiKey=SEDIA&text=***&pageSize={page_size}&pageNumber={page}",
            method="POST",
            headers={
                "Content-Type": content_type,
                "Accept": "application/json, text/plain, */*",
                "X-Requested-With": "XMLHttpRequest",
            },
            body=body,
            callback=callback,
            errback=errback or self.failed,
            cb_kwargs={"part": part, "page": page} if part is not None else {},
            dont_filter=True,
        )
