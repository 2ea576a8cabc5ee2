"""What a portal gets to see of us: no page twice that did not change, and the pauses that it and sources.toml ask for."""

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from scrapy.settings import Settings as ScrapySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from config.settings import Settings
from crawler.replicas.city_facility import create_app
from crawler.replicas.epah import create_app as create_epah
from crawler.replicas.sample import RECORDS, load_records
from crawler.replicas.serving import Replica
from crawler.runner import RunResult, crawl
from crawler.spiders.bdns import Bdns
from store.database import Database
from tests.journeys.crawling import TODAY, contents

CARDS = load_records(RECORDS / "city_facility.jsonl")
PAGE = '<html><a class="ce-linked" href="/calls/call-test-1"><h3>TEST-1 {}</h3></a></html>'


class Portal:
    """A list of calls with a version: it answers 304 to who has that version, and counts its answers."""

    def __init__(self, header: str, version: str) -> None:
        self.header, self.version = header, version
        self.title = "Made-up call"
        self.status = 200
        self.answers: list[int] = []
        self.app = Starlette(
            routes=[
                Route("/robots.txt", lambda _: PlainTextResponse("User-agent: *\nAllow: /\n")),
                Route("/calls", self.answer),
            ]
        )

    def answer(self, request: Request) -> Response:
        asked = {"ETag": "if-none-match", "Last-Modified": "if-modified-since"}[self.header]
        known = request.headers.get(asked) == self.version
        status = self.status if self.status >= 500 else 304 if known else 200
        self.answers.append(status)
        body = PAGE.format(self.title) if status == 200 else ""
        return Response(body, status, {self.header: self.version}, media_type="text/html")


def crawled_at(address: str, database: Database) -> RunResult:
    settings = Settings(
        home=home_of(database), database_url=str(database.url), address={"city_facility": address}
    )
    return crawl("city_facility", settings, database, TODAY)


def home_of(database: Database) -> Path:
    return Path(database.url.database or "").parent


@pytest.mark.parametrize(
    ("header", "version", "next_version"),
    [
        ("ETag", '"one"', '"two"'),
        ("Last-Modified", "Sat, 01 Aug 2020 08:00:00 GMT", "Sat, 22 Aug 2026 08:00:00 GMT"),
    ],
)
def test_page_that_is_as_it_was_is_not_sent_again(
    database: Database, header: str, version: str, next_version: str
) -> None:
    portal = Portal(header, version)
    with Replica(portal.app) as replica:
        first, second = (crawled_at(replica.address, database) for _ in range(2))
        assert (first.outcome, first.new, second.outcome, second.seen) == ("ok", 1, "ok", 1)
        assert (second.new, second.changed, portal.answers) == (0, 0, [200, 304])
        portal.version, portal.title = next_version, "Made-up call, extended"
        third = crawled_at(replica.address, database)
    assert (third.outcome, third.changed, portal.answers) == ("ok", 1, [200, 304, 200])


def test_kept_page_does_not_hide_that_the_portal_is_down(database: Database) -> None:
    portal = Portal("ETag", '"one"')
    with Replica(portal.app) as replica:
        crawled_at(replica.address, database)
        before = contents(database)
        portal.status = 500
        down = crawled_at(replica.address, database)
    assert (down.outcome, down.error, contents(database)) == ("failed", "unavailable", before)


def test_page_without_a_version_is_asked_for_whole(database: Database) -> None:
    with Replica(create_app(CARDS)) as replica:
        crawled_at(replica.address, database)
    assert not list((home_of(database) / "pages").rglob("response_body"))


def test_pauses_of_robots_txt_are_kept(tmp_path: Path) -> None:
    app = create_epah(load_records(RECORDS / "epah.jsonl"))
    app.router.routes.insert(
        0, Route("/robots.txt", lambda _: PlainTextResponse("User-agent: *\nCrawl-delay: 0.6\n"))
    )
    with Replica(app) as replica:
        environment = os.environ | {"FUNDING_HOME": str(tmp_path), "FUNDING_ADDRESS_EPAH": replica.address}
        command = [sys.executable, "-m", "scrapy", "crawl", "epah", "-a", "today=2026-08-22"]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    times = [seen.at for seen in app.state.requests]
    assert len(times) == 4  # robots.txt, two pages, and a look whether the first is as it was
    # The robots.txt itself was asked before anybody knew.
    assert all(later - earlier >= 0.6 for earlier, later in list(pairwise(times))[1:])


def test_pauses_of_sources_toml_are_the_least_between_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FUNDING_ADDRESS_BDNS")
    settings = ScrapySettings()
    settings.setmodule("crawler.settings")
    Bdns.update_settings(settings)
    assert settings.getfloat("DOWNLOAD_DELAY") == 1.0
    assert settings.getfloat("DOWNLOAD_DELAY_JITTER") == 0
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
