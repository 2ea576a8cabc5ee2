"""What monitoring is told: the figures are right, cheap, and for whoever has a token; they tell nothing of people."""

import logging
import os
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, select

from jobs.installation import Installation
from jobs.plan import Task, Work
from jobs.queue import Queue
from review.metrics import ACCESS, SECONDS
from review.metrics import router as metrics_router
from review.serving import machine_app, shared_app
from review.site import Site
from store.clients import add_client, revoke_client
from store.database import Database
from store.models import Call, CrawlRun, Delivery, JobRun, Match
from store.spans import CallSpan
from tests.databases import ENGINES, new_postgresql
from tests.unit.notifier.builders import NOW, matched, record
from tests.unit.review.entering import MACHINE_PAGE, PAGE, browser, site
from tests.unit.review.site import client

DAY = timedelta(days=1)
LABELS = {"organisation", "source", "verdict", "outcome", "job", "state", "method", "route", "status", "le"}
Series = dict[tuple[str, ...], float]
both_engines = pytest.mark.parametrize("engine", ENGINES)


def read(text: str) -> dict[str, Series]:
    """By name, the values by labels, those in the order of their names."""
    found: dict[str, Series] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


def asked(site: Site, token: str) -> str:
    answer = browser(shared_app(site), PAGE).get("/metrics", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return str(answer.text)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def new_token(site: Site, organisation: str = "") -> str:
    with site.database.writing() as session:
        return add_client(session, organisation or site.organisation.key, "test-monitoring", NOW)


def run(outcome: str, ended_at: datetime | None, seen: int = 0, quarantined: int = 0) -> CrawlRun:
    facts: dict[str, Any] = {"ended_at": ended_at, "seen": seen, "quarantined": quarantined}
    return CrawlRun(source="test_portal", started_at=NOW - 5 * DAY, outcome=outcome, **facts)


def job(name: str, outcome: str, due_at: datetime, organisation: str = "test", **facts: Any) -> JobRun:
    ended = None if outcome == "running" else due_at
    given = {"started_at": due_at, "ended_at": ended, "detail": "someone@example.org"}
    return JobRun(organisation=organisation, job=name, outcome=outcome, due_at=due_at, **given | facts)


def delivery(officer: str, state: str) -> Delivery:
    facts: dict[str, Any] = {
        "message_id": f"<{officer}>",
        "message": "To: someone@example.org",
        "prepared_at": NOW,
    }
    return Delivery(organisation="test", officer=officer, period="2026-W34", state=state, **facts)


def fill(database: Database) -> None:
    matched(database, record("TEST-1", "2026-09-15"), record("TEST-2", "2026-03-01"), record("TEST-3"))
    with database.writing() as session:
        session.add_all(
            [
                run("ok", NOW - 3 * DAY, 30),
                run("partial", NOW - 2 * DAY, 20),
                run("failed", NOW - DAY, 7, 2),
                run("running", None),
                job("match", "ok", NOW - 2 * DAY),
                job("match", "failed", NOW - DAY, tries=4),
                job("backup", "ok", NOW - DAY, ""),
                job("digest mobility", "ok", NOW - 3 * DAY),
                job("digest water", "ok", NOW - 2 * DAY, tries=2),
                job("digest guest", "failed", NOW - DAY, tries=3),
                job("remind water", "ok", NOW - DAY),
                job("crawl test_portal", "ok", NOW - DAY, ""),
                job("learn", "skipped", NOW - DAY),
                job("match", "ok", NOW, "test_other"),
                *(delivery(officer, "sent") for officer in ("mobility", "water")),
                delivery("guest", "refused"),
            ]
        )


@both_engines
def test_the_figures_are_those_of_the_store(database: Database, tmp_path: Path) -> None:
    fill(database)
    here = site(database, tmp_path)
    key = here.organisation.key
    found = read(asked(here, new_token(here)))
    assert found["funding_calls"] == {("test_portal",): 3}
    assert found["funding_calls_live"] == {("test_portal",): 2}
    assert sum(found["funding_matches"].values()) == 3
    assert {labels[0] for labels in found["funding_matches"]} == {key}
    source = ("test_portal",)
    assert found["funding_source_last_run_timestamp_seconds"][source] == (NOW - DAY).timestamp()
    assert found["funding_source_last_good_run_timestamp_seconds"][source] == (NOW - 2 * DAY).timestamp()
    assert found["funding_source_last_run_outcome"] == {("failed", "test_portal"): 1}
    assert found["funding_source_rows_seen"] == {source: 7}
    assert found["funding_source_rows_quarantined"] == {source: 2}
    assert found["funding_digests"] == {(key, "sent"): 2, (key, "refused"): 1}
    assert found["funding_source_enabled"] == {
        (one.key,): float(one.enabled) for one in here.organisation.sources
    }


@both_engines
def test_jobs_by_what_became_of_them(database: Database, tmp_path: Path) -> None:
    fill(database)
    here = site(database, tmp_path)
    found = read(asked(here, new_token(here)))
    success = found["funding_job_last_success_timestamp_seconds"]
    assert success == {
        ("match", "test"): (NOW - 2 * DAY).timestamp(),
        ("backup", ""): (NOW - DAY).timestamp(),
        ("crawl test_portal", ""): (NOW - DAY).timestamp(),
        ("remind", "test"): (NOW - DAY).timestamp(),
        ("digest", "test"): (NOW - 2 * DAY).timestamp(),
    }
    assert found["funding_job_last_outcome"] == {
        ("backup", "", "ok"): 1,
        ("crawl test_portal", "", "ok"): 1,
        ("remind", "test", "ok"): 1,
        ("digest", "test", "failed"): 1,
        ("digest", "test", "ok"): 2,
        ("learn", "test", "skipped"): 1,
        ("match", "test", "failed"): 1,
    }
    assert found["funding_job_tries"][("match", "test")] == 4
    assert found["funding_job_tries"][("digest", "test")] == 3


def test_nobody_is_named(database: Database, tmp_path: Path) -> None:
    fill(database)
    here = site(database, tmp_path)
    text = asked(here, new_token(here))
    for officer in here.organisation.officers:
        assert officer.id not in text
        assert officer.email not in text
    assert "@" not in text
    assert "test_other" not in text
    families = text_string_to_metric_families(text)
    labels = {label for family in families for sample in family.samples for label in sample.labels}
    assert labels <= LABELS | {"version"}


def test_without_a_token_nothing_is_told(database: Database, tmp_path: Path) -> None:
    fill(database)
    here = site(database, tmp_path)
    good, theirs = new_token(here), new_token(here, "test_other")
    with database.writing() as session:
        ended = add_client(session, here.organisation.key, "ended", NOW - 2 * DAY, DAY)
        revoked = add_client(session, here.organisation.key, "revoked", NOW)
        revoke_client(session, here.organisation.key, "revoked", NOW)
    machine, _ = machine_app(here, 8642, None)
    for asking in (browser(machine, MACHINE_PAGE, "127.0.0.1"), browser(shared_app(here), PAGE)):
        for token in ("", "wrong", theirs, ended, revoked):
            answer = asking.get("/metrics", headers=bearer(token) if token else {})
            assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert "funding_calls" not in answer.text
            assert "process_" not in answer.text
        assert asking.get("/metrics", headers=bearer(good)).status_code == 200
        assert asking.get("/metrics", params={"token": good}).status_code == 401


def test_backups_and_their_age(database: Database, tmp_path: Path) -> None:
    here = site(database, tmp_path)
    token = new_token(here)
    assert read(asked(here, token))["funding_backups"] == {(): 0}
    folder = tmp_path / "backups"
    folder.mkdir()
    for number, day in enumerate((1, 3, 2)):
        file = folder / f"funding-2026080{number}T030000Z.zip"
        file.write_bytes(b"x" * day)
        os.utime(file, (NOW.timestamp() + day,) * 2)
    (folder / "other.zip").touch()
    found = read(asked(here, token))
    assert found["funding_backups"] == {(): 3}
    assert found["funding_backup_last_timestamp_seconds"] == {(): NOW.timestamp() + 3}
    assert found["funding_backup_last_size_bytes"] == {(): 3}


def test_requests_are_counted_by_what_they_are_for(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1", "2026-09-15"))
    here = site(database, tmp_path)
    token = new_token(here)
    asking = browser(shared_app(here), PAGE)
    secret_part = "someone@example.org"
    asking.get("/static/site.css")
    asking.get(f"/nowhere/{secret_part}")
    asking.get(f"/sign-in/{secret_part}")
    asking.request("PURGE", "/healthz")
    asking.get("/healthz")
    for number in range(3):
        asking.get(f"/feeds/area/{secret_part}{number}.atom")
    text = asking.get("/metrics", headers=bearer(token)).text
    assert secret_part not in text
    found = read(text)
    counted = found["funding_review_requests_total"]
    assert counted[("GET", "/healthz", "200")] == 1
    assert counted[("GET", "none", "303")] == 1
    assert {labels[:2] for labels in counted} >= {
        ("GET", "/static"),
        ("other", "none"),
        ("GET", "/sign-in/{token}"),
    }
    assert sum(value for labels, value in counted.items() if labels[1].startswith("/feeds/")) == 3
    counts = found["funding_review_request_duration_seconds_count"]
    assert sum(counts.values()) == sum(counted.values()) == 8
    buckets = {labels[0] for labels in found["funding_review_request_duration_seconds_bucket"]}
    assert len(buckets) == len(SECONDS) + 1
    assert found["process_resident_memory_bytes"][()] > 0


TRAPS = APIRouter()


@TRAPS.get("/bug")
def bug() -> None:
    raise ZeroDivisionError("TEST")


def test_a_bug_counts_as_one(database: Database, tmp_path: Path) -> None:
    asking = browser(client(database, tmp_path, TRAPS, metrics_router).app, "http://testserver")
    assert asking.get("/bug").status_code == 500
    token = new_token(site(database, tmp_path))
    counted = read(asking.get("/metrics", headers=bearer(token)).text)["funding_review_requests_total"]
    assert counted == {("GET", "/bug", "500"): 1}


def test_each_request_is_a_line_of_the_log_that_names_nobody(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        asking = browser(shared_app(site(database, tmp_path)), PAGE)
        asking.get("/sign-in", params={"next": "/?q=someone"}, headers={"X-Forwarded-For": "192.0.2.9"})
        asking.get("/healthz")
    lines: list[Any] = [one.msg for one in caplog.records if one.name == ACCESS]
    (line,) = lines
    assert line["milliseconds"] > 0
    told = {"event": "request", "method": "GET", "route": "/sign-in", "status": 200}
    assert {name: line[name] for name in told} == told
    assert line.keys() - told.keys() <= {"milliseconds", "level", "logger", "timestamp", "_logger", "_name"}


def many(database: Database, calls: int, runs: int) -> None:
    """As much as there is after years, in the fewest statements."""
    example = record("TEST-1", "2026-09-15")
    matched(database, example)
    with database.writing() as session:
        for table, key in ((Call, "id"), (CallSpan, "call_id"), (Match, "call_id")):
            (row, *_) = session.execute(select(*table.__table__.columns)).all()  # type: ignore[union-attr]
            known = row._asdict()
            known.pop("id", None)
            own = [
                {key: 1000 + n} | ({"source_key": f"TEST-{1000 + n}"} if key == "id" else {})
                for n in range(calls)
            ]
            session.execute(insert(table), [known | one for one in own])
        for made in (run("ok", NOW, 30), job("crawl test", "ok", NOW, "")):
            known = made.model_dump(exclude={"id"})
            times = [{"due_at": NOW - n * DAY, "job": f"crawl test_{n % 25}"} for n in range(runs)]
            session.execute(insert(type(made)), [known | (one if "job" in known else {}) for one in times])


def test_it_costs_little_with_20_000_calls(database: Database, tmp_path: Path) -> None:
    many(database, 20_000, 4_000)
    here = site(database, tmp_path)
    asking, token = browser(shared_app(here), PAGE), new_token(here)
    asking.get("/metrics", headers=bearer(token))
    begun = time.process_time()
    found = read(asking.get("/metrics", headers=bearer(token)).text)
    spent = time.process_time() - begun
    assert found["funding_calls"] == {("test_portal",): 20_001}
    assert found["funding_calls_live"] == {("test_portal",): 20_001}
    assert spent < 0.2


def test_the_queue_and_its_workers(tmp_path: Path) -> None:
    with new_postgresql() as url, closing(Database(url)) as database:
        here = site(database, tmp_path)
        token = new_token(here)
        assert "funding_queue_jobs" not in read(asked(here, token))
        with closing(Queue(Installation(here.settings, database))) as queue:
            queue.hand(Work(Task.MATCH, "test"), NOW)
            queue.hand(Work(Task.BACKUP), NOW)
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO queue.procrastinate_workers (last_heartbeat) VALUES (now()), (now() - interval '1 hour')"
            )
            connection.exec_driver_sql(
                "UPDATE queue.procrastinate_events SET at = now() - interval '2 hours'"
            )
        found = read(asked(here, token))
    assert found["funding_queue_jobs"] == {("waiting",): 2, ("running",): 0, ("failed",): 0}
    assert found["funding_queue_workers"] == {("alive",): 1, ("dead",): 1}
    assert 7_200 <= found["funding_queue_oldest_waiting_seconds"][()] < 7_260
