"""Sites whose lists are an Algolia index: its multi-query, with the keys that the site's own page ships."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Any

from scrapy.http import Request, Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.bases.paged import Item, PagedSpider
from crawler.bases.portal import LOOPBACK
from crawler.bases.rows import Row
from crawler.outcomes import Fault

OUTDATED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
"""What Algolia answers once the site has changed its keys."""


def setting(variable: str) -> str:
    """A value of the environment: keys that a site changes now and then stand in no file."""
    return os.environ.get(variable, "").strip()


class AlgoliaSpider(PagedSpider):
    """A subclass gives `index`, `filters` and the names of the two settings."""

    index: str
    filters: str
    app_id_setting: str
    search_key_setting: str
    page_size = 500

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app_id, self.search_key = setting(self.app_id_setting), setting(self.search_key_setting)
        if self.address.startswith(LOOPBACK):
            # A replica on this machine asks for no key in particular.
            self.app_id, self.search_key = self.app_id or "replica", self.search_key or "replica"

    async def start(self) -> AsyncIterator[Any]:
        if not (self.app_id and self.search_key):
            variables = f"{self.app_id_setting} and {self.search_key_setting}"
            self.reading.note(
                Fault.BLOCKED, f"the search needs keys: set {variables} to those that {self.home} ships"
            )
            return
        async for request in super().start():
            yield request

    def page_request(self, query: Any, page: int) -> Request:
        asked = {
            "indexName": self.index,
            "query": "",
            "filters": self.filters,
            "hitsPerPage": self.page_size,
            "page": page,
        }
        return Request(
            f"{self._host()}/1/indexes/*/queries",
            method="POST",
            headers={
                "Content-Type": "application/json",
                "X-Algolia-Application-Id": self.app_id,
                "X-Algolia-API-Key": self.search_key,
            },
            body=json.dumps({"requests": [asked]}),
        )

    def _host(self) -> str:
        """Algolia's own host, unless the source is met elsewhere."""
        return f"https://{self.app_id.lower()}-dsn.algolia.net" if self.address == self.home else self.address

    def rows_of(self, answer: Any) -> list[Row]:
        rows: list[Row] = answer["results"][0]["hits"]
        return rows

    def total_of(self, answer: Any, response: Response) -> int | None:
        return int(answer["results"][0]["nbHits"])

    def page_failed(self, failure: Failure) -> Iterator[Item]:
        error = failure.value
        if isinstance(error, HttpError) and error.response.status in OUTDATED:
            self.reading.note(
                Fault.BLOCKED,
                f"the search key is refused ({error.response.status}): read {self.app_id_setting} and "
                f"{self.search_key_setting} again from the page {self.home}",
            )
            return
        yield from super().page_failed(failure)

    def key_of(self, row: Row) -> str:
        return str(row.get("objectID") or "")
