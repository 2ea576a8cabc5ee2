"""The index behind interreg.eu again: Algolia's multi-query with the two filters that the calls need."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.sample import Record
from crawler.replicas.serving import RequestLog, Seen

INDEX = "prod_en-us_content"
CAP = 1_000
"""Hits of a page, whatever was asked, and of a query in all."""
DATE_FIELDS = (
    "callOpenDate",
    "callDeadlineDate",
    "createdDate",
    "updatedDate",
    "updatedInAlgoliaDate",
    "descriptionDate",
)
_CLAUSE = re.compile(r"(\w+):(\w+)")
_A_DAY_IN_MILLISECONDS = 86_400_000


def create_app(records: Sequence[Record]) -> Starlette:
    """The index with these hits. `app.state.requests` lists what it was asked.

    Assumed where the answer is not known: 403 without keys, 404 for another index. Unknown parameters are ignored; a
    filter on a field that no hit has answers none, as Algolia does.
    """

    async def queries(request: Request) -> Response:
        if not (request.headers.get("x-algolia-application-id") and request.headers.get("x-algolia-api-key")):
            return _refusal(403, "Invalid Application-ID or API key")
        asked = (await request.json())["requests"]
        if any(query["indexName"] != INDEX for query in asked):
            return _refusal(404, "Index does not exist")
        return JSONResponse({"results": [answer(records, query) for query in asked]})

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    requests: list[Seen] = []
    app = Starlette(
        routes=[Route("/1/indexes/*/queries", queries, methods=["POST"]), Route("/robots.txt", robots)],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"message": message, "status": status}, status)


def answer(records: Sequence[Record], query: dict[str, Any]) -> dict[str, Any]:
    """The hits of a query. Pages count from 0."""
    found = [record for record in records if fits(record, query.get("filters", ""))]
    size, page = min(int(query.get("hitsPerPage", 20)), CAP), int(query.get("page", 0))
    return {
        "hits": found[:CAP][page * size : (page + 1) * size],
        "nbHits": len(found),
        "page": page,
        "nbPages": -(-min(len(found), CAP) // size),
        "hitsPerPage": size,
        "index": query["indexName"],
    }


def fits(record: Record, filters: str) -> bool:
    """Whether a hit fits clauses `field:value` joined by AND, alternatives in brackets joined by OR."""
    return all(
        any(str(record.get(field)) == value for field, value in _CLAUSE.findall(alternatives))
        for alternatives in filters.split(" AND ")
        if alternatives
    )


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every date so many days later. Titles and addresses stay."""
    return [record | _moved(record, days) for record in records]


def _moved(record: Record, days: int) -> Record:
    moved: Record = {field: _shifted(record[field], days) for field in DATE_FIELDS if field in record}
    if isinstance(record.get("filterDate"), int):
        moved["filterDate"] = record["filterDate"] + days * _A_DAY_IN_MILLISECONDS
    return moved


def _shifted(value: Any, days: int) -> Any:
    try:
        day = date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        return value  # no date: as the index has it
    return f"{day + timedelta(days)}{value[10:]}"
