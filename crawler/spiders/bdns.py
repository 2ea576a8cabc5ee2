"""The Spanish national register of grants (BDNS, also SNPSAP), through the API of its own page."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request, Response

from config.clock import clock, local_day
from crawler.bases.paged import PagedSpider
from crawler.bases.rows import Row
from crawler.parsers import bdns as parser
from store.records import CallRecord

API = "/bdnstrans/api/convocatorias"
Window = tuple[date, date]


class Bdns(PagedSpider):
    """
    What      Calls for grants of all Spanish administrations, registered in the last `span` days.
    Address   https://www.infosubvenciones.es/bdnstrans/GE/es/convocatorias
    Access    GET, JSON, no key: a search in windows of seven days, then the details of each call.
    Terms     The answers point to a legal notice on re-use; not read yet; check before live use.
    Robots    Not read yet; check before live use.
    Cadence   Daily. 10 requests a second at most for an address, bursts get 429: one a second is asked.
    Caveats   docs/sources/bdns.md. `regions` are the portal's own numbers, and a region does not include its
              provinces: those given stand for the state, Catalonia and its four provinces. Both can be set for a
              run: `-a regions=1,49 -a span=90`.
    """

    name = "bdns"
    home = "https://www.infosubvenciones.es"
    look_requests = 4  # a window and three calls
    regions = "1,49,50,51,52,53"
    span = 60

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = self.today or local_day(clock())

    def queries(self) -> list[Any]:
        """Windows of seven days, the newest first."""
        first = self.day - timedelta(int(self.span))
        ends = [self.day - timedelta(days) for days in range(0, int(self.span) + 1, 7)]
        return [(max(end - timedelta(6), first), end) for end in ends]

    def page_request(self, query: Window, page: int) -> Request:
        parameters = {
            "page": page,
            "pageSize": self.page_size,
            "regiones": self.regions,
            "fechaDesde": f"{query[0]:%d/%m/%Y}",
            "fechaHasta": f"{query[1]:%d/%m/%Y}",
        }
        return Request(f"{self.address}{API}/busqueda?{urlencode(parameters)}")

    def rows_of(self, answer: Any) -> list[Row]:
        return answer["content"]  # type: ignore[no-any-return]

    def total_of(self, answer: Any, response: Response) -> int | None:
        return int(answer["totalElements"])

    def is_as_asked(self, row: Row, query: Window) -> bool:
        """Unknown parameters are ignored in silence: a row of another year shows that the window was."""
        try:
            registered = datetime.fromisoformat(row["fechaRecepcion"]).date()
        except (KeyError, TypeError, ValueError):
            return True
        return query[0] - timedelta(1) <= registered <= query[1] + timedelta(1)

    def key_of(self, row: Row) -> str:
        return parser.source_key(row)

    def is_call(self, row: Row) -> bool:
        return parser.is_call(row)

    def detail_request(self, row: Row) -> Request:
        return Request(f"{self.address}{API}?{urlencode({'numConv': self.key_of(row)})}")

    def merge_detail(self, row: Row, response: Response) -> Row:
        """The details alone: they repeat all that the row says. The site answers 200 for whatever is asked."""
        detail = self.parsed_json(response)
        if not isinstance(detail, dict) or parser.source_key(detail) != parser.source_key(row):
            raise ValueError("they are of another call: " + json.dumps(detail)[:80])
        return detail

    def to_record(self, row: Row) -> CallRecord:
        return parser.to_record(row, self.day)
