"""A portal that leads a crawl inside: the run is blocked and says why, and nobody inside was asked."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from config.settings import Settings
from crawler.replicas.serving import Replica, RequestLog, Seen
from crawler.runner import crawl
from store.database import Database
from tests.journeys.crawling import TODAY


@pytest.mark.parametrize("leads", ["/robots.txt", "/calls"])
def test_a_run_that_is_led_inside_is_blocked(database: Database, tmp_path: Path, leads: str) -> None:
    asked_inside: list[Seen] = []
    with Replica(RequestLog(PlainTextResponse(""), asked_inside)) as inside:

        def answer(request: Request) -> Response:
            return RedirectResponse(inside.address) if request.url.path == leads else PlainTextResponse("")

        with Replica(Starlette(routes=[Route("/{path:path}", answer)])) as portal:
            settings = Settings(
                home=tmp_path,
                database_url=str(database.url),
                # Another source's own address is not this one's.
                address={"city_facility": portal.address, "epah": inside.address},
            )
            run = crawl("city_facility", settings, database, TODAY)
    assert (run.outcome, run.error) == ("failed", "blocked")
    assert run.detail == "an address was not met: its host lies in a private network (127.0.0.1)"
    assert asked_inside == []
