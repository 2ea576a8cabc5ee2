"""What the replicas of server-rendered listings share: pages, robots.txt, dates moved."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from crawler.replicas.sample import Record
from crawler.replicas.serving import RequestLog, Seen

ALLOW_ALL = "User-agent: *\nAllow: /\n"


def listing_app(pages: Mapping[str, Callable[[Request], Markup]]) -> Starlette:
    """An application with a page a path; `app.state.requests` lists what it was asked, as `Seen`."""
    requests: list[Seen] = []
    app = Starlette(
        routes=[Route("/robots.txt", _robots), *(Route(path, _page(body)) for path, body in pages.items())],
        middleware=[Middleware(RequestLog, seen=requests)],
    )
    app.state.requests = requests
    return app


def _robots(request: Request) -> PlainTextResponse:  # noqa: ARG001  Starlette passes it
    return PlainTextResponse(ALLOW_ALL)


def _page(body: Callable[[Request], Markup]) -> Callable[[Request], HTMLResponse]:
    def answer(request: Request) -> HTMLResponse:
        return HTMLResponse(
            Markup(
                '<!DOCTYPE html>\n<html lang="en"><head><title>Replica</title></head><body>{}</body></html>'
            ).format(body(request))
        )

    return answer


def moved(records: Iterable[Record], fields: Mapping[str, str], days: int) -> list[Record]:
    """Copies with the dates of `fields`, each in its `strptime` format, so many days later; what is no date stays."""
    return [
        record | {name: _moved(record[name], form, days) for name, form in fields.items() if record.get(name)}
        for record in records
    ]


def _moved(value: str, form: str, days: int) -> str:
    try:
        moment = datetime.strptime(value, form)  # noqa: DTZ007  moved by whole days as it is written
    except ValueError:
        return value
    return (moment + timedelta(days)).strftime(form)
