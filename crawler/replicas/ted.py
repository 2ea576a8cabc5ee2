"""The search API of TED again: fields required, pages by a token."""

import json
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

CAP = 250
ALWAYS = ("publication-number", "links")
"""Fields of every answer, asked or not."""
DATE_FIELDS = ("publication-date", "deadline-receipt-tender-date-lot")
_FORM = re.compile(r"form-type=(\w+)")
_SINCE = re.compile(r"publication-date>=(\d{8})")


def create_app(records: Sequence[Record]) -> Starlette:
    """The search with these notices. `app.state.requests` lists what it was asked.

    Of the query only `form-type=` and `publication-date>=` are understood. Assumed: 400 for what is refused, and that the
    token is text.
    """

    async def search(request: Request) -> Response:
        asked = json.loads(await request.body())
        if not asked.get("query") or not asked.get("fields") or int(asked.get("limit", 10)) > CAP:
            return JSONResponse({"message": f"query and fields are required, limit is at most {CAP}"}, 400)
        return JSONResponse(answer(records, asked))

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    requests: list[Seen] = []
    app = Starlette(
        routes=[Route("/v3/notices/search", search, methods=["POST"]), Route("/robots.txt", robots)],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def answer(records: Sequence[Record], asked: dict[str, Any]) -> dict[str, Any]:
    found = [record for record in records if fits(record, asked["query"])]
    start, size = int(asked.get("iterationNextToken") or 0), int(asked.get("limit", 10))
    shown = found[start : start + size]
    fields = (*asked["fields"], *ALWAYS)
    return {
        "notices": [{field: row[field] for field in row if field in fields} for row in shown],
        "totalNoticeCount": len(found),
        "iterationNextToken": str(start + size) if shown else None,
        "timedOut": False,
    }


def fits(record: Record, query: str) -> bool:
    forms, since = _FORM.findall(query), _SINCE.search(query)
    published = record["publication-date"][:10].replace("-", "")
    return (not forms or record["form-type"] in forms) and (since is None or published >= since[1])


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every date so many days later, its offset kept."""
    return [
        record | {field: _shifted(record[field], days) for field in DATE_FIELDS if field in record}
        for record in records
    ]


def _shifted(value: Any, days: int) -> Any:
    if isinstance(value, list):
        return [_shifted(item, days) for item in value]
    try:
        day = date.fromisoformat(value[:10])
    except (TypeError, ValueError):
        return value
    return f"{day + timedelta(days)}{value[10:]}"
