"""The calls of EIT Urban Mobility again, behind the REST API of WordPress.

No real answer has been seen: the API is WordPress' own, the names and numbers of the terms are made up.
"""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crawler.parsers.eit_urban_mobility import HOME, POST_TYPE, TAXONOMY
from crawler.replicas.listing import ALLOW_ALL
from crawler.replicas.prose import with_days_moved
from crawler.replicas.sample import Record
from crawler.replicas.serving import RequestLog, Seen

CAP = 100
"""The most posts of a page: more are refused."""
DEFAULT_SIZE = 10
TERMS = {31: "Open", 32: "Upcoming", 33: "Closed"}
DATES = ("date", "date_gmt", "modified", "modified_gmt")
TEXTS = ("content", "excerpt")


def create_app(records: Sequence[Record]) -> Starlette:
    """The site with these posts. `app.state.requests` lists what it was asked."""
    requests: list[Seen] = []
    terms = [_term(number, name, records) for number, name in TERMS.items()]

    async def posts(request: Request) -> Response:
        return _collection(request, records)

    async def taxonomy(request: Request) -> Response:
        return _collection(request, terms)

    async def robots(_: Request) -> Response:
        return PlainTextResponse(ALLOW_ALL)

    app = Starlette(
        routes=[
            Route(f"/wp-json/wp/v2/{POST_TYPE}", posts),
            Route(f"/wp-json/wp/v2/{TAXONOMY}", taxonomy),
            Route("/robots.txt", robots),
        ],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def _term(number: int, name: str, records: Sequence[Record]) -> dict[str, Any]:
    slug = name.lower()
    return {
        "id": number,
        "count": sum(number in record[TAXONOMY] for record in records),
        "description": "",
        "link": f"{HOME}/{TAXONOMY}/{slug}/",
        "name": name,
        "slug": slug,
        "taxonomy": TAXONOMY,
        "parent": 0,
        "meta": [],
    }


def _collection(request: Request, items: Sequence[Record]) -> Response:
    """A page of items, its fields thinned out as asked, with the totals in its headers."""
    asked = request.query_params
    size, page = int(asked.get("per_page", DEFAULT_SIZE)), int(asked.get("page", 1))
    if not 1 <= size <= CAP:
        return _refusal("rest_invalid_param", "Invalid parameter(s): per_page")
    pages = -(-len(items) // size)
    if items and page > pages:
        return _refusal(
            "rest_post_invalid_page_number", "The page number requested is larger than the number of pages."
        )
    found = sorted(items, key=lambda item: item["id"], reverse=asked.get("order", "desc") == "desc")
    shown = found[(page - 1) * size : page * size]
    wanted = asked.get("_fields", "").split(",")
    return JSONResponse(
        [{name: value for name, value in item.items() if wanted == [""] or name in wanted} for item in shown],
        headers={"X-WP-Total": str(len(items)), "X-WP-TotalPages": str(pages)},
    )


def _refusal(code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "data": {"status": 400}}, 400)


def shift_dates(records: Sequence[Record], days: int) -> list[Record]:
    """Copies with every date so many days later, those in the texts too."""
    return [
        record
        | {name: with_days_moved(record[name], days) for name in DATES}
        | {
            name: record[name] | {"rendered": with_days_moved(record[name]["rendered"], days)}
            for name in TEXTS
        }
        for record in records
    ]
