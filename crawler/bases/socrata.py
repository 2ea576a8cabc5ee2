"""Data sets on a Socrata server: rows in pages by `$limit` and `$offset`, their number by a query of its own."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request, Response

from crawler.bases.paged import Asked, Item, PagedSpider
from crawler.bases.rows import Row


class SocrataSpider(PagedSpider):
    """A subclass gives `dataset`, `order` (a column without equals, so that pages do not overlap) and `where`."""

    page_size = 1_000
    look_requests = 2  # the count and a page
    dataset: str
    order = ":id"

    def where(self) -> str:
        """The rows that are asked for, as a SoQL condition; empty for all."""
        return ""

    def queries(self) -> list[Any]:
        return [self.where()]

    def first_request(self, query: Any) -> Request:
        return self._request(query, {"$select": "count(*)"}).replace(
            callback=self.parse_total,
            errback=self.page_failed,
            cb_kwargs={"asked": Asked(query)},
            dont_filter=True,
        )

    def parse_total(self, response: Response, asked: Asked) -> Iterator[Item]:
        """The number of rows, which comes as text in a row of its own."""
        try:
            ((number,),) = (row.values() for row in self.parsed_json(response))
            self.total = int(number)
        except (AttributeError, TypeError, ValueError) as error:
            yield from self.unreadable(error)
            return
        yield self.page(asked, 0)

    def page_request(self, query: Any, page: int) -> Request:
        paging = {"$order": self.order, "$limit": self.page_size, "$offset": page * self.page_size}
        return self._request(query, paging)

    def _request(self, where: str, parameters: dict[str, Any]) -> Request:
        condition = {"$where": where} if where else {}
        return Request(f"{self.address}/resource/{self.dataset}.json?{urlencode(condition | parameters)}")

    def rows_of(self, answer: Any) -> list[Row]:
        if not isinstance(answer, list):
            raise TypeError("an object came instead of rows")
        return answer

    def total_of(self, answer: Any, response: Response) -> int | None:
        return self.total
