"""The web application: what is served, and what goes around every answer."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from review.site import Site, Visitor

STATIC = Path(__file__).parent / "static"


class Access(Protocol):
    """Who may enter."""

    def let_in(self, request: Request) -> Visitor | Response:
        """Whoever asks, or what they are answered instead of the page."""


def create_app(site: Site, access: Access, routers: list[APIRouter]) -> FastAPI:
    """The review of `site` with the pages of `routers`, none of which is reached past `access`."""
    app = FastAPI(title="funding-tracker", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site

    @app.middleware("http")
    async def enter(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        found = await run_in_threadpool(access.let_in, request)
        if isinstance(found, Response):
            return found
        request.state.visitor = found
        return await call_next(request)

    for router in routers:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
