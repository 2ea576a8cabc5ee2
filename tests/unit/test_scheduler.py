"""When the weekly run is due, what a pause leaves owed, and that each time is run once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

import config
import scheduler
from config.organisation import Organisation, load_organisation
from config.settings import Settings, load_settings
from crawler.outcomes import Outcome
from scheduler import RunReport, due_times, missed, run_due, weekly_trigger
from store.database import Database
from store.models import JobRun

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 8, 17, 5, tzinfo=UTC)
"""A Monday's 07:00 in Madrid."""
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return load_organisation(Path(config.__file__).parent / "amb")


@pytest.fixture
def settings(home: Path) -> Settings:
    assert home.is_dir()
    return load_settings()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The weekly runs that were started; none of them does anything."""
    started: list[Any] = []

    def record(*arguments: Any, **_: Any) -> RunReport:
        started.append(arguments)
        return RunReport()

    monkeypatch.setattr(scheduler, "weekly_run", record)
    return started


def planned(organisation: Organisation, day: str, at: time) -> Organisation:
    plan = organisation.profile.schedule.model_copy(update={"day": day, "time": at})
    return replace(organisation, profile=organisation.profile.model_copy(update={"schedule": plan}))


def due(organisation: Organisation, after: date, until: date) -> list[datetime]:
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (after, until))
    return due_times(weekly_trigger(organisation), begin, end)


@pytest.mark.parametrize(("after", "until"), [("2026-03-15", "2026-04-14"), ("2026-10-11", "2026-11-10")])
def test_monday_stays_monday_at_seven_over_both_changes_of_the_clock(
    organisation: Organisation, after: str, until: str
) -> None:
    times = due(organisation, date.fromisoformat(after), date.fromisoformat(until))
    assert len(times) == 5
    assert {
        (moment.astimezone(MADRID).strftime("%A"), moment.astimezone(MADRID).time()) for moment in times
    } == {("Monday", time(7))}
    assert len({moment.time() for moment in times}) == 2
    assert all(moment.utcoffset() == timedelta(0) for moment in times)


@pytest.mark.parametrize("at", [time(1, 59), time(2), time(2, 30), time(2, 59), time(3)])
@pytest.mark.parametrize(("after", "until"), [("2026-03-15", "2026-04-14"), ("2026-10-11", "2026-11-10")])
def test_a_time_that_a_night_lacks_or_repeats_is_due_once_a_week(
    organisation: Organisation, at: time, after: str, until: str
) -> None:
    times = due(planned(organisation, "sun", at), date.fromisoformat(after), date.fromisoformat(until))
    days = [moment.astimezone(MADRID).date() for moment in times]
    assert [later - earlier for earlier, later in pairwise(days)] == [WEEK] * (len(days) - 1)
    assert len(days) in {4, 5}


def test_a_due_time_counts_when_it_has_come(organisation: Organisation) -> None:
    trigger, second = weekly_trigger(organisation), timedelta(seconds=1)
    assert due_times(trigger, MONDAY - second, MONDAY) == [MONDAY]
    assert due_times(trigger, MONDAY, MONDAY + second) == []
    assert due_times(trigger, MONDAY - WEEK, MONDAY - second) == []


def test_first_start_owes_nothing_and_neither_does_the_second(
    database: Database, organisation: Organisation
) -> None:
    assert missed(database, organisation, MONDAY + timedelta(days=2)) is None
    assert missed(database, organisation, MONDAY + timedelta(days=3)) is None


@pytest.fixture
def finish(
    database: Database, organisation: Organisation, settings: Settings, runs: list[Any]
) -> Callable[[datetime], None]:
    """Do the run of one due time."""

    def finish(due_at: datetime) -> None:
        assert run_due(settings, database, organisation, due_at, due_at) is not None
        runs.clear()

    return finish


@pytest.mark.parametrize("weeks", [1, 2, 9])
def test_missed_weeks_owe_one_run(
    database: Database,
    organisation: Organisation,
    settings: Settings,
    runs: list[Any],
    finish: Callable[[datetime], None],
    weeks: int,
) -> None:
    finish(MONDAY)
    start = MONDAY + weeks * WEEK + timedelta(days=1)
    owed = missed(database, organisation, start)
    assert owed == MONDAY + weeks * WEEK
    run_due(settings, database, organisation, owed, start)
    assert len(runs) == 1
    assert missed(database, organisation, start) is None


def test_nothing_is_owed_before_the_next_due_time(
    database: Database, organisation: Organisation, finish: Callable[[datetime], None]
) -> None:
    finish(MONDAY)
    assert missed(database, organisation, MONDAY + WEEK - timedelta(seconds=1)) is None
    assert missed(database, organisation, MONDAY + WEEK) == MONDAY + WEEK


def test_a_killed_run_is_owed_again(
    database: Database,
    organisation: Organisation,
    settings: Settings,
    runs: list[Any],
    finish: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finish(MONDAY - WEEK)

    def kill(*_: Any, **__: Any) -> RunReport:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(scheduler, "weekly_run", kill)
        with pytest.raises(KeyboardInterrupt):
            run_due(settings, database, organisation, MONDAY, MONDAY)
    later = MONDAY + timedelta(hours=3)
    owed = missed(database, organisation, later)
    assert owed == MONDAY
    assert run_due(settings, database, organisation, owed, later) is not None
    assert len(runs) == 1
    assert missed(database, organisation, later) is None


def test_a_due_time_is_run_exactly_once(
    database: Database, organisation: Organisation, settings: Settings, runs: list[Any]
) -> None:
    assert run_due(settings, database, organisation, MONDAY, MONDAY) is not None
    assert run_due(settings, database, organisation, MONDAY, MONDAY + timedelta(hours=1)) is None
    assert len(runs) == 1
    with database.reading() as session:
        (kept,) = session.exec(select(JobRun)).all()
    assert (kept.job, kept.due_at, kept.started_at, kept.outcome) == (
        scheduler.WEEKLY,
        MONDAY,
        MONDAY,
        Outcome.OK,
    )
    assert kept.ended_at is not None


def test_a_run_that_failed_is_not_owed(
    database: Database, organisation: Organisation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failed(RunReport):
        outcome = Outcome.FAILED

    monkeypatch.setattr(scheduler, "weekly_run", lambda *_, **__: Failed())
    assert run_due(settings, database, organisation, MONDAY, MONDAY) is not None
    assert missed(database, organisation, MONDAY + timedelta(days=1)) is None
