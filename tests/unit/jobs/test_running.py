"""That each due time is done once, whatever happens between: by the clock that is passed in."""

import os
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from config.errors import ConfigurationError
from config.settings import Settings
from jobs.installation import Installation
from jobs.plan import Job, Task, Work
from jobs.running import do, owed
from jobs.tasks import Done, Function, StoppedError
from jobs.times import DailyTrigger, due_times
from store.database import Database
from store.jobs import LONGEST_PAUSE, pause_before
from store.locks import BusyError, exclusive
from store.models import JobRun

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 8, 17, 5, tzinfo=UTC)
"""A Monday's 07:00 in Madrid."""
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
WORK = Work(Task.DIGEST, "test", "test_officer")
JOB = Job(WORK, DailyTrigger(time(7), MADRID, "mon"))


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Installation:
    return Installation(Settings(home=tmp_path), database)


def functions(
    *outcomes: Done | BaseException, began: list[datetime] | None = None
) -> Mapping[Task, Function]:
    """A digest job that ends in each of `outcomes` in turn."""
    coming = iter(outcomes)

    def run(_here: Installation, _work: Work, now: datetime) -> Done:
        if began is not None:
            began.append(now)
        outcome = next(coming)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return {Task.DIGEST: run}


OK, FAILED = Done("ok"), Done("failed", "no server")


def known(here: Installation, now: datetime = MONDAY - HOUR) -> None:
    """The job is heard of for the first time."""
    assert owed(here.database, JOB, now) is None


def test_what_was_due_before_a_job_was_heard_of_is_not_owed(here: Installation) -> None:
    known(here, MONDAY + HOUR)
    assert owed(here.database, JOB, MONDAY + WEEK - HOUR) is None
    assert owed(here.database, JOB, MONDAY + WEEK) == MONDAY + WEEK


def test_a_due_time_is_done_exactly_once(here: Installation) -> None:
    known(here)
    began: list[datetime] = []
    due_at = owed(here.database, JOB, MONDAY)
    assert due_at == MONDAY
    assert do(here, WORK, due_at, MONDAY, functions(OK, began=began)) == OK
    assert do(here, WORK, due_at, MONDAY + HOUR, functions(began=began)) is None
    assert owed(here.database, JOB, MONDAY + HOUR) is None
    assert began == [MONDAY]


@pytest.mark.parametrize("weeks", [1, 2, 9])
def test_several_missed_times_owe_one_run(here: Installation, weeks: int) -> None:
    known(here)
    now = MONDAY + weeks * WEEK + HOUR
    assert owed(here.database, JOB, now) == MONDAY + weeks * WEEK
    do(here, WORK, MONDAY + weeks * WEEK, now, functions(OK))
    assert owed(here.database, JOB, now) is None


@pytest.mark.parametrize("killed", [KeyboardInterrupt(), StoppedError("told to end")])
def test_what_was_cut_short_is_begun_again(here: Installation, killed: BaseException) -> None:
    known(here)
    with pytest.raises(type(killed)):
        do(here, WORK, MONDAY, MONDAY, functions(killed))
    assert owed(here.database, JOB, MONDAY + HOUR) == MONDAY
    assert do(here, WORK, MONDAY, MONDAY + HOUR, functions(OK)) == OK
    assert owed(here.database, JOB, MONDAY + HOUR) is None


def test_what_failed_is_tried_again_after_ever_longer_pauses_until_it_succeeds(here: Installation) -> None:
    known(here)
    now, pauses = MONDAY, []
    for _ in range(8):
        assert do(here, WORK, MONDAY, now, functions(FAILED)) == FAILED
        began = now
        while owed(here.database, JOB, now) is None:
            now += timedelta(minutes=5)
        pauses.append(now - began)
    assert pauses[0] == timedelta(minutes=15)
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert do(here, WORK, MONDAY, now, functions(OK)) == OK
    with here.database.reading() as session:
        kept = session.exec(select(JobRun).where(JobRun.due_at == MONDAY)).one()
    assert (kept.tries, kept.outcome, kept.ended_at) == (9, "ok", now)


def test_the_next_time_takes_the_place_of_what_kept_failing(here: Installation) -> None:
    known(here)
    do(here, WORK, MONDAY, MONDAY, functions(FAILED))
    assert owed(here.database, JOB, MONDAY + WEEK) == MONDAY + WEEK


def test_a_clock_set_back_repeats_nothing_and_stops_nothing(here: Installation) -> None:
    known(here)
    do(here, WORK, MONDAY, MONDAY + HOUR / 2, functions(OK))
    assert owed(here.database, JOB, MONDAY - HOUR / 2) is None
    do(here, WORK, MONDAY + WEEK, MONDAY + WEEK + HOUR, functions(FAILED))
    assert owed(here.database, JOB, MONDAY + WEEK) == MONDAY + WEEK
    assert pause_before(1) < HOUR


def test_a_fault_of_the_operator_s_is_a_sentence_in_the_store(here: Installation) -> None:
    known(here)
    done = do(here, WORK, MONDAY, MONDAY, functions(ConfigurationError("officers.toml: the file is missing")))
    assert done == Done("failed", "officers.toml: the file is missing")


def test_any_other_fault_is_noted_and_seen(here: Installation) -> None:
    known(here)
    with pytest.raises(ZeroDivisionError):
        do(here, WORK, MONDAY, MONDAY, functions(ZeroDivisionError("by zero")))
    with here.database.reading() as session:
        kept = session.exec(select(JobRun).where(JobRun.due_at == MONDAY)).one()
    assert (kept.outcome, kept.detail) == ("failed", "ZeroDivisionError: by zero")


def test_two_processes_do_not_do_the_same_work(here: Installation) -> None:
    known(here)
    began: list[datetime] = []
    with (
        exclusive(here.settings.home, "job-test-digest-test_officer", here.database),
        pytest.raises(BusyError),
    ):
        do(here, WORK, MONDAY, MONDAY, functions(OK, began=began))
    assert began == []
    assert owed(here.database, JOB, MONDAY) == MONDAY


def test_over_years_each_newest_due_time_is_done_once(here: Installation) -> None:
    """Looked at every day or so, with kills, and pauses of up to a month, over FUNDING_TEST_WEEKS weeks."""
    chance, weeks = random.Random(1), int(os.environ.get("FUNDING_TEST_WEEKS", "20"))
    jobs = [
        Job(Work(Task.DIGEST, "test", f"test_{day}"), DailyTrigger(time(7), MADRID, day))
        for day in ("", "mon", "sun")
    ]
    fates: list[Done | BaseException] = [OK, OK, OK, StoppedError("")]
    now = before = MONDAY - WEEK
    assert [owed(here.database, job, now) for job in jobs] == [None] * len(jobs)
    done: Counter[tuple[str, datetime]] = Counter()
    expected: set[tuple[str, datetime]] = set()
    while now < MONDAY + weeks * WEEK:
        for job in jobs:
            expected |= {(job.work.of, one) for one in due_times(job.trigger, before, now)[-1:]}
            while (due_at := owed(here.database, job, now)) is not None:
                fate = chance.choice(fates)
                with suppress(StoppedError):
                    done[job.work.of, due_at] += do(here, job.work, due_at, now, functions(fate)) == OK
        before = now
        now += chance.choice([timedelta(hours=26)] * 200 + [timedelta(days=3)] * 10 + [timedelta(days=30)])
    assert set(done.values()) == {1}
    assert set(done) == expected
    assert len(expected) > weeks * 4
