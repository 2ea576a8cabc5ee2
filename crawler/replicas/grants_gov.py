"""The search of grants.gov again. Errors come with the status 200, as they do there."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.sample import Record
from crawler.replicas.serving import RequestLog, Seen

DATE_FIELDS = ("openDate", "closeDate")
PRINTED = "%m/%d/%Y"
DEFAULT_STATUSES = "forecasted|posted"


def create_app(records: Sequence[Record]) -> Starlette:
    """The search with these opportunities. `app.state.requests` lists what it was asked.

    Of the filters only `oppStatuses` is known; others are ignored. `keyword` is not searched.
    """

    async def search(request: Request) -> Response:
        try:
            asked = json.loads(await request.body())
            return JSONResponse(answer(records, asked))
        except (ValueError, AttributeError):
            return JSONResponse(error("the request is no JSON object"))

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    requests: list[Seen] = []
    app = Starlette(
        routes=[Route("/v1/api/search2", search, methods=["POST"]), Route("/robots.txt", robots)],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def error(message: str) -> dict[str, Any]:
    """The number is assumed: only that it is not 0 is known."""
    return {"errorcode": 1, "msg": message, "data": {}}


def answer(records: Sequence[Record], asked: dict[str, Any]) -> dict[str, Any]:
    statuses = str(asked.get("oppStatuses") or DEFAULT_STATUSES)
    found = [record for record in records if record.get("oppStatus") in statuses.split("|")]
    size, start = int(asked.get("rows") or 25), int(asked.get("startRecordNum") or 0)
    return {
        "errorcode": 0,
        "msg": "Webservice Succeeds",
        "data": {
            "searchParams": {"oppStatuses": statuses, "startRecordNum": start, "rows": size},
            "hitCount": len(found),
            "startRecord": start,
            "oppHits": found[start : start + size],
            "errorMsgs": [],
        },
    }


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every date so many days later. What is no date stays."""
    return [
        record | {field: _shifted(record[field], days) for field in DATE_FIELDS if field in record}
        for record in records
    ]


def _shifted(value: Any, days: int) -> Any:
    try:
        day = datetime.strptime(value, PRINTED).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return value
    return (day + timedelta(days)).strftime(PRINTED)
