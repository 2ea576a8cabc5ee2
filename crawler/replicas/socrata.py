"""What a Socrata server does with a data set: conditions, order, pages, counts. Used by the replicas of its data sets."""

import re
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.sample import Record
from crawler.replicas.serving import RequestLog, Seen

DEFAULT_LIMIT = 1_000
_EQUAL = re.compile(r"(\w+)\s*=\s*'([^']*)'")
_AMONG = re.compile(r"(\w+)\s+in\s*\(([^)]*)\)", re.IGNORECASE)


def socrata_app(dataset: str, records: Sequence[Record]) -> Starlette:
    """A server with one data set. `app.state.requests` lists what it was asked.

    Of conditions it knows `a='x'` and `a in('x','y')`, joined by AND; another is refused with 400. A field that is null
    is left out of a row, as Socrata does.
    """
    requests: list[Seen] = []

    async def resource(request: Request) -> Response:
        asked = request.query_params
        try:
            rows = [record for record in records if matches(record, asked.get("$where", ""))]
        except ValueError as error:
            return JSONResponse(
                {"code": "query.soql.parse-failure", "error": True, "message": str(error)}, 400
            )
        if asked.get("$select") == "count(*)":
            return JSONResponse([{"count": str(len(rows))}])
        order = asked.get("$order", ":id")
        if order != ":id":
            rows.sort(key=lambda row: str(row.get(order) or ""))
        first = int(asked.get("$offset", 0))
        shown = rows[first : first + int(asked.get("$limit", DEFAULT_LIMIT))]
        return JSONResponse(
            [{name: value for name, value in row.items() if value is not None} for row in shown]
        )

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    app = Starlette(
        routes=[Route(f"/resource/{dataset}.json", resource), Route("/robots.txt", robots)],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def matches(record: Record, where: str) -> bool:
    """Whether a row fits a condition. One of another form: ValueError."""
    for part in filter(None, re.split(r"\s+AND\s+", where, flags=re.IGNORECASE)):
        if found := _EQUAL.fullmatch(part):
            wanted = {found[2]}
        elif found := _AMONG.fullmatch(part):
            wanted = {value.strip().strip("'") for value in found[2].split(",")}
        else:
            raise ValueError(f"Could not parse SoQL query at `{part}`")
        if record.get(found[1]) not in wanted:
            return False
    return True
