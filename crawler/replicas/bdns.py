"""The Spanish national register of grants again: its search, its details, and its way of answering 200 to all."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.replicas.sample import Record
from crawler.replicas.serving import RequestLog, Seen

CAP = 1_000
REGIONS = {"1": "ES", "49": "ES51", "50": "ES511", "51": "ES512", "52": "ES513", "53": "ES514"}
"""The numbers that the search takes, and the codes that the details answer. Which province has which is assumed."""
API = "/bdnstrans/api/convocatorias"


def create_app(records: Sequence[Record]) -> Starlette:
    """The register with these records, each a row of the search (`busqueda`) and its details (`detall`).

    `app.state.requests` lists what it was asked. Parameters it does not know are ignored without a word.
    """
    details = {str(record["detall"]["codigoBDNS"]): record["detall"] for record in records}
    requests: list[Seen] = []

    async def search(request: Request) -> Response:
        asked = request.query_params
        rows = [record["busqueda"] for record in records if _matches(record, asked)]
        rows.sort(key=lambda row: str(row["fechaRecepcion"]), reverse=True)
        page, size = int(asked.get("page", 0)), min(int(asked.get("pageSize", 50)), CAP)
        shown = rows[page * size : (page + 1) * size]
        return JSONResponse(
            {
                "content": shown,
                "totalElements": len(rows),
                "totalPages": -(-len(rows) // size),
                "number": page,
                "size": size,
                "first": page == 0,
                "last": (page + 1) * size >= len(rows),
            }
        )

    async def detail(request: Request) -> Response:
        found = details.get(request.query_params.get("numConv", ""))
        return JSONResponse(found) if found is not None else await anything(request)

    async def anything(_: Request) -> Response:
        return HTMLResponse("<!doctype html><title>Portal</title><app-root></app-root>")

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    app = Starlette(
        routes=[
            Route(f"{API}/busqueda", search),
            Route(API, detail),
            Route("/robots.txt", robots),
            Route("/{path:path}", anything),
        ],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def _matches(record: Record, asked: Any) -> bool:
    registered = date.fromisoformat(record["busqueda"]["fechaRecepcion"])
    if "fechaDesde" in asked and registered < _day(asked["fechaDesde"]):
        return False
    if "fechaHasta" in asked and registered > _day(asked["fechaHasta"]):
        return False
    if "regiones" not in asked:
        return True
    # A region does not include its provinces.
    wanted = {REGIONS.get(number) for number in asked["regiones"].split(",")}
    own = {region["descripcion"].split(" - ")[0] for region in record["detall"]["regiones"]}
    return not wanted.isdisjoint(own)


def _day(text: str) -> date:
    """Asked in `dd/MM/yyyy`, answered in ISO."""
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone


_ISO = re.compile(r'(?<=")\d{4}-\d\d-\d\d(?=")')


def shift_dates(records: Iterable[Record], days: int) -> list[Record]:
    """Copies with every date that is a value of its own so many days later. Dates within prose stay."""

    def later(found: re.Match[str]) -> str:
        return str(date.fromisoformat(found.group()) + timedelta(days))

    return [json.loads(_ISO.sub(later, json.dumps(record, ensure_ascii=False))) for record in records]
