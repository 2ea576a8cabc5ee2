"""Which jobs an organisation's files ask for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import config
from config.organisation import Organisation, load_organisation
from jobs.plan import Job, Task, Work, plan
from jobs.times import due_times

MADRID = ZoneInfo("Europe/Madrid")
SUNDAY = datetime(2026, 8, 16, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return load_organisation(Path(config.__file__).parent / "amb")


def times_of(jobs: list[Job], work: Work) -> list[str]:
    (job,) = (one for one in jobs if one.work == work)
    due = due_times(job.trigger, SUNDAY, SUNDAY + timedelta(days=7))
    return [f"{one.astimezone(MADRID):%a %H:%M}" for one in due]


def test_sources_are_read_by_their_cadence_and_none_that_is_off(organisation: Organisation) -> None:
    jobs = plan([organisation])
    read = {job.work.of for job in jobs if job.work.task is Task.CRAWL}
    assert read == {source.key for source in organisation.sources if source.enabled}
    daily = next(one for one in organisation.sources if one.enabled and one.cadence == "daily")
    weekly = next(one for one in organisation.sources if one.enabled and one.cadence == "weekly")
    assert len(times_of(jobs, Work(Task.CRAWL, of=daily.key))) == 7
    assert times_of(jobs, Work(Task.CRAWL, of=weekly.key)) == ["Mon 03:00"]


def test_officers_are_told_by_their_cadence(organisation: Organisation) -> None:
    first, second, third = organisation.officers[:3]
    officers = (
        first.model_copy(update={"cadence": "weekly"}),
        second.model_copy(update={"cadence": "daily"}),
        third.model_copy(update={"cadence": "instant"}),
    )
    jobs = plan([replace(organisation, officers=officers)])
    counts = [len(times_of(jobs, Work(Task.DIGEST, organisation.key, one.id))) for one in officers]
    assert counts == [1, 7, 7]


def test_a_day_s_jobs_follow_one_another(organisation: Organisation) -> None:
    """What is ranked has been read, and what is sent has been ranked."""
    jobs = plan([organisation])
    due = {
        job.work.task: due_times(job.trigger, SUNDAY, SUNDAY + timedelta(days=1))[0]
        for job in jobs
        if due_times(job.trigger, SUNDAY, SUNDAY + timedelta(days=1))
    }
    assert sorted(due, key=lambda task: due[task]) == list(Task)


def test_calls_are_read_once_and_matched_for_each_organisation(organisation: Organisation) -> None:
    other = replace(organisation, profile=organisation.profile.model_copy(update={"id": "other"}))
    jobs = plan([organisation, other])
    works = [job.work for job in jobs]
    assert len(works) == len(set(works)) == len({work.key for work in works})
    assert {work.organisation for work in works if work.task in (Task.CRAWL, Task.BACKUP)} == {""}
    assert {work.organisation for work in works if work.task is Task.MATCH} == {organisation.key, "other"}
