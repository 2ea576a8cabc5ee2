"""What each job does with what it is given, and what it says became of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from config.settings import Settings
from crawler.replicas.eu_portal import Faults, create_app
from crawler.replicas.serving import Replica
from jobs import tasks
from jobs.installation import Installation
from jobs.plan import Task, Work
from store.backup import backups_in, folder_of
from store.database import Database
from store.models import Match
from tests.journeys.crawling import topic

NOW = datetime(2026, 8, 22, 6, tzinfo=UTC)
CRAWL, MATCH = Work(Task.CRAWL, of="eu_portal"), Work(Task.MATCH, "amb")


@pytest.fixture
def here(database: Database, tmp_path: Path, eu_portal_alone: Path) -> Installation:
    settings = Settings(home=tmp_path, config=eu_portal_alone, database_url=str(database.url), encoder="none")
    return Installation(settings, database)


def met_at(here: Installation, address: str) -> Installation:
    return replace(here, settings=here.settings.model_copy(update={"address": {"eu_portal": address}}))


def test_what_a_crawl_brings_is_to_be_matched_and_what_brings_nothing_is_not(here: Installation) -> None:
    with Replica(create_app([topic(1), topic(2)])) as portal:
        first, second = (tasks.crawl(met_at(here, portal.address), CRAWL, NOW) for _ in range(2))
    assert first == tasks.Done("ok", "2 rows, 2 new, 0 changed", (MATCH,))
    assert second == tasks.Done("ok", "2 rows, 0 new, 0 changed")


@pytest.mark.parametrize(
    ("app", "outcome"),
    [
        (create_app([topic(1)], Faults(unavailable=range(99))), "failed"),
        (
            Starlette(
                routes=[Route("/robots.txt", lambda _: PlainTextResponse("User-agent: *\nDisallow: /\n"))]
            ),
            "given_up",
        ),
    ],
    ids=["down", "forbids"],
)
def test_a_portal_that_is_down_is_tried_again_and_one_that_forbids_is_not(
    here: Installation, app: Starlette, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCRAPY_RETRY_TIMES", "0")
    with Replica(app) as portal:
        done = tasks.crawl(met_at(here, portal.address), CRAWL, NOW)
    assert (done.outcome, done.then) == (outcome, ())
    assert done.detail


def test_matching_writes_the_summary_of_its_organisation(here: Installation) -> None:
    both = here.settings.model_copy(update={"organisations": "amb"})
    with Replica(create_app([topic(1)])) as portal:
        tasks.crawl(met_at(here, portal.address), CRAWL, NOW)
    assert tasks.match(replace(here, settings=both), MATCH, NOW).detail == "1 calls, 0 hidden"
    assert (here.settings.home / "amb" / "summary.html").exists()
    with here.database.reading() as session:
        assert [match.organisation for match in session.exec(select(Match))] == ["amb"]


def test_whoever_is_no_officer_any_more_is_passed_over(here: Installation) -> None:
    done = tasks.digest(here, Work(Task.DIGEST, "amb", "test_nobody"), NOW)
    assert done == tasks.Done("skipped", "no officer any more")


def test_a_digest_that_did_not_go_out_is_to_be_tried_again(here: Installation) -> None:
    down = here.settings.model_copy(update={"smtp_url": type(here.settings.smtp_url)("smtp://127.0.0.1:9")})
    work = Work(Task.DIGEST, "amb", here.organisations()[0].officers[0].id)
    assert tasks.digest(replace(here, settings=down), work, NOW).outcome == "failed"
    assert tasks.digest(here, work, NOW + timedelta(minutes=15)) == tasks.Done("ok", "2026-W34 sent")


def test_backups_are_kept_for_a_fortnight(here: Installation) -> None:
    for day in range(tasks.KEPT_BACKUPS + 1):
        done = tasks.backup(here, Work(Task.BACKUP), NOW + timedelta(days=day))
        assert done.outcome == "ok"
    kept = backups_in(folder_of(here.settings))
    assert (len(kept), str(kept[-1])) == (tasks.KEPT_BACKUPS, done.detail)


def test_tidying_up_says_what_went(here: Installation) -> None:
    assert tasks.retention(here, Work(Task.RETENTION, "amb"), NOW) == tasks.Done("ok")
