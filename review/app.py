"""The web application: what is served, and what goes around every answer."""

from functools import cache
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.middleware import Middleware
from starlette.staticfiles import StaticFiles

from notifier.templating import templates
from review import language
from review.errors import add_error_pages
from review.metrics import Measured, Requests
from review.rendering import TEMPLATES, page
from review.security import Access, Guard
from review.site import Site, TheSite

__all__ = ["Access", "create_app"]
STATIC = Path(__file__).parent / "static"
common = APIRouter()


def create_app(
    site: Site, access: Access, routers: list[APIRouter], hosts: frozenset[str] | None = None
) -> FastAPI:
    """The review of `site` with the pages of `routers`, none of which is reached past `access`.

    `hosts`: the names, without ports, under which it is asked for; None: any.
    """
    requests = Requests()
    app = FastAPI(
        title="funding-tracker",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Measured, requests=requests),
            Middleware(Guard, site=site, access=access, hosts=hosts),
        ],
    )
    app.state.site = site
    app.state.requests = requests
    for router in (common, language.router, *routers):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    add_error_pages(app)
    return app


@cache
def _tokens() -> str:
    return templates("en", TEMPLATES).get_template("site_tokens.css.j2").render()


@common.get("/static/tokens.css")
def tokens() -> Response:
    """The colours and sizes of the mails and the summary."""
    return Response(_tokens(), media_type="text/css")


@common.get("/accessibility")
def accessibility(request: Request, site: TheSite) -> Response:
    return page(request, "accessibility.html.j2", contact=site.settings.contact)
