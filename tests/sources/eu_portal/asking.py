"""Records made up for tests, and asking a replica as the portal's own page does."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from crawler.replicas.eu_portal import Faults, create_app
from crawler.replicas.sample import Record
from crawler.replicas.serving import Replica

SEARCH = "/search-api/prod/rest/search"
FACET = "/search-api/prod/rest/facet"
OPEN, CLOSED = "31094502", "31094503"
CALLS: dict[str, Any] = {
    "bool": {"must": [{"terms": {"type": ["1", "2", "8"]}}, {"terms": {"status": ["31094501", OPEN]}}]}
}


def topic(number: int, **fields: list[str]) -> Record:
    reference = f"{number}TOPICSen"
    metadata = {
        "type": ["1"],
        "status": [OPEN],
        "language": ["en"],
        "identifier": [f"CALL-{number:03}"],
        "title": [f"Topic {number}"],
        "DATASOURCE": ["SEDIA"],
        "REFERENCE": [reference],
        "frameworkProgramme": ["43108390"],
        "startDate": ["2026-05-05T00:00:00.000+0000"],
        "deadlineDate": ["2026-09-15T00:00:00.000+0000"],
        "typesOfAction": ["HORIZON Innovation Actions"],
    }
    return {"reference": reference, "language": "en", "metadata": metadata | fields}


BARE: Record = {  # a cascade call without `metadata`
    "reference": "13201COMPETITIVE_CALLen",
    "language": "en",
    "type": ["8"],
    "status": [OPEN],
    "identifier": ["CALL-900"],
    "callTitle": ["A cascade call"],
    "frameworkProgramme": ["43637601"],
    "deadlineDate": ["2026-10-01T17:00:00.000+0000"],
}
RECORDS_OF_TEST: list[Record] = [
    topic(1),
    topic(2, status=["31094501"], deadlineDate=["2026-09-21T00:00:00.000+0000"]),
    topic(3, status=[CLOSED], frameworkProgramme=["43637601"]),
    topic(4, type=["0"]),
    topic(5, deadlineDate=["2026-03-01T00:00:00.000+0000", "2026-12-01T00:00:00.000+0000"]),
    BARE,
]


class Portal(httpx.Client):
    """Asks a replica as the portal's own page does."""

    def parts(self, **parts: Any) -> dict[str, tuple[str, str, str]]:
        return {name: ("blob", json.dumps(value), "application/json") for name, value in parts.items()}

    def ask(
        self, query: Any = None, *, path: str = SEARCH, params: dict[str, Any] | None = None, **parts: Any
    ) -> httpx.Response:
        parts = {"query": CALLS if query is None else query, "languages": ["en"]} | parts
        asked: dict[str, Any] = {"apiKey": "SEDIA", "text": "***", "pageSize": 100, "pageNumber": 1} | (
            params or {}
        )
        return self.post(path, params=asked, files=self.parts(**parts))

    def search(self, query: Any = None, **more: Any) -> dict[str, Any]:
        response = self.ask(query, **more)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def found(self, query: Any = None, **more: Any) -> list[str]:
        return [row["reference"].removesuffix("en") for row in self.search(query, **more)["results"]]


@contextmanager
def portal_with(faults: Faults, records: list[Record] = RECORDS_OF_TEST) -> Iterator[Portal]:
    with Replica(create_app(records, faults)) as replica, Portal(base_url=replica.address) as portal:
        yield portal
