"""Runs of crawls, jobs and matches: begun, ended, claimed once, replaced as a whole."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from store.calls import save
from store.database import Database
from store.errors import StoreError
from store.jobs import begin_job, end_job, last_job
from store.matches import matches_of, replace_matches
from store.models import CrawlRun
from store.records import CallRecord
from store.runs import TRAILING, begin_run, detection_lags, end_run, last_runs, trailing_runs

MakeRecord = Callable[..., CallRecord]
WEEK = timedelta(days=7)


def test_a_run_gets_its_outcome_once(database: Database, now: datetime) -> None:
    with database.writing() as session:
        run = begin_run(session, "test", now)
        assert run.outcome == "running"
        end_run(session, run, "partial", "rate_limited", "429", now + WEEK)
        end_run(session, run, "ok", "", "", now + 2 * WEEK)
    with database.reading() as session:
        kept = last_runs(session)["test"]
    assert (kept.outcome, kept.error, kept.detail) == ("partial", "rate_limited", "429")
    assert (kept.started_at, kept.ended_at) == (now, now + WEEK)


def test_runs_of_killed_processes_are_ended_by_the_next_of_their_source(
    database: Database, now: datetime
) -> None:
    with database.writing() as session:
        begin_run(session, "test", now)
        begin_run(session, "other", now)
    with database.writing() as session:
        begin_run(session, "test", now + WEEK)
    with database.reading() as session:
        runs = session.exec(select(CrawlRun).order_by(CrawlRun.id)).all()  # type: ignore[arg-type]
        assert [(run.source, run.outcome, run.error) for run in runs] == [
            ("test", "failed", "incomplete"),
            ("other", "running", ""),
            ("test", "running", ""),
        ]
        assert runs[0].ended_at == now + WEEK
        assert set(last_runs(session)) == {"test"}


def test_last_run_is_the_last_that_ended(database: Database, now: datetime) -> None:
    with database.writing() as session:
        for outcome in ("ok", "failed"):
            end_run(session, begin_run(session, "test", now), outcome, "", "", now)
        begin_run(session, "test", now)
    with database.reading() as session:
        assert last_runs(session)["test"].outcome == "failed"


def test_a_job_is_claimed_once_for_each_time(database: Database, now: datetime) -> None:
    with database.writing() as session:
        first = begin_job(session, "amb", "weekly_run", now, now)
        assert first is not None
        assert first.id is not None
        end_job(session, first.id, "ok", now)
    with database.writing() as session:
        assert begin_job(session, "amb", "weekly_run", now, now) is None
        assert begin_job(session, "amb", "weekly_run", now + WEEK, now) is not None
        assert begin_job(session, "other", "weekly_run", now, now) is not None
        assert begin_job(session, "amb", "another", now, now) is not None


def test_a_job_that_never_ended_is_begun_again(database: Database, now: datetime) -> None:
    with database.writing() as session:
        first = begin_job(session, "amb", "weekly_run", now, now)
        assert first is not None
        killed = first.id
    with database.writing() as session:
        again = begin_job(session, "amb", "weekly_run", now, now + WEEK)
        assert again is not None
        assert (again.id, again.started_at) == (killed, now + WEEK)


def test_last_job_is_the_one_due_last(database: Database, now: datetime) -> None:
    with database.writing() as session:
        assert last_job(session, "amb", "weekly_run") is None
        for due in (now + WEEK, now, now - WEEK):
            begin_job(session, "amb", "weekly_run", due, now)
        begin_job(session, "other", "weekly_run", now + 2 * WEEK, now)
    with database.reading() as session:
        last = last_job(session, "amb", "weekly_run")
    assert last is not None
    assert last.due_at == now + WEEK


def match(call_id: int, score: float, organisation: str, now: datetime) -> dict[str, Any]:
    return {
        "organisation": organisation,
        "call_id": call_id,
        "call_version": 1,
        "profile_hash": "0",
        "model": "test",
        "score": score,
        "percentile": 50,
        "areas": [{"id": "water", "terms": ["l·lusió"]}],
        "projects": [],
        "roles": [],
        "verdict": "unknown",
        "rule": "",
        "evidence": [],
        "matched_at": now,
    }


def test_matches_of_an_organisation_are_replaced_as_a_whole(
    database: Database, record: MakeRecord, now: datetime
) -> None:
    with database.writing() as session:
        save(session, [record(f"TEST-{number}") for number in range(3)], None, now)
        replace_matches(session, "other", [match(1, 9.0, "other", now)])
    for scores in ((1.0, 2.0, 2.0), (3.0, 1.5)):
        with database.writing() as session:
            entries = [match(number, score, "amb", now) for number, score in enumerate(scores, start=1)]
            replace_matches(session, "amb", entries)
    with database.reading() as session:
        assert [(entry.call_id, entry.score) for entry in matches_of(session, "amb")] == [(1, 3.0), (2, 1.5)]
        assert [entry.areas for entry in matches_of(session, "other")] == [
            [{"id": "water", "terms": ["l·lusió"]}]
        ]
        assert matches_of(session, "nobody") == []


def test_a_match_of_a_call_that_is_not_there_leaves_the_former_ones(
    database: Database, record: MakeRecord, now: datetime
) -> None:
    with database.writing() as session:
        save(session, [record()], None, now)
        replace_matches(session, "amb", [match(1, 1.0, "amb", now)])
    with pytest.raises(StoreError), database.writing() as session:
        replace_matches(session, "amb", [match(1, 2.0, "amb", now), match(404, 9.0, "amb", now)])
    with database.reading() as session:
        assert [entry.score for entry in matches_of(session, "amb")] == [1.0]


def test_trailing_runs_leave_out_the_last_and_what_brought_nothing(database: Database, now: datetime) -> None:
    with database.writing() as session:
        for number, outcome in enumerate(["ok"] * (TRAILING + 2) + ["failed", "partial", "ok"]):
            run = begin_run(session, "test", now)
            run.seen = number
            end_run(session, run, outcome, "", "", now)
        begin_run(session, "test", now)
    with database.reading() as session:
        rows = [run.seen for run in trailing_runs(session)["test"]]
    assert rows == [TRAILING + 3, *range(TRAILING + 1, 2, -1)]


def test_lag_is_the_median_of_what_later_readings_found(
    database: Database, now: datetime, record: MakeRecord
) -> None:
    with database.writing() as session:
        run = begin_run(session, "test", now)
        save(session, [record("TEST-0", published=date(2020, 1, 1))], run.id, now)
        end_run(session, run, "ok", "", "", now)
    with database.reading() as session:
        assert detection_lags(session) == {}
    later = [record(f"TEST-{days}", published=(now + WEEK).date() - timedelta(days)) for days in (1, 2, 9)]
    with database.writing() as session:
        save(session, [*later, record("TEST-10")], None, now + WEEK)
    with database.reading() as session:
        assert detection_lags(session) == {"test": 2}
