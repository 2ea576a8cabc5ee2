"""Which jobs there are, and when each of them is due: from the organisations' own files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from config.organisation import Organisation
from jobs.times import DailyTrigger

SETTLE = timedelta(minutes=10)
"""How long after a crawl what it brought is matched: crawls that end one after the other are matched once."""


class Task(StrEnum):
    """What a job does: the function of this name in `jobs.tasks`."""

    BACKUP = "backup"
    RETENTION = "retention"
    CRAWL = "crawl"
    LEARN = "learn"
    MATCH = "match"
    DIGEST = "digest"
    REMIND = "remind"


@dataclass(frozen=True)
class Work:
    """Something to do, in words that can be sent elsewhere.

    `organisation` is empty for what all of them have in common; `of` is a source or an officer.
    """

    task: Task
    organisation: str = ""
    of: str = ""

    @property
    def name(self) -> str:
        """`crawl eu_portal`: what the store calls it, beside its organisation."""
        return f"{self.task} {self.of}".rstrip()

    @property
    def key(self) -> str:
        """`crawl eu_portal`, `amb: match`: what it is called among the jobs of all organisations."""
        return f"{self.organisation}: {self.name}" if self.organisation else self.name


@dataclass(frozen=True)
class Job:
    """Work that comes again."""

    work: Work
    trigger: DailyTrigger


def plan(organisations: Sequence[Organisation]) -> list[Job]:
    """The jobs of `organisations`, in the order in which they follow one another on a day.

    Sources, and the times of what they have in common, are those of the first one.
    """
    return [*_common(organisations[0]), *(job for one in organisations for job in _own(one))]


def newest_due(
    organisations: Sequence[Organisation], work: Work, due_at: datetime, now: datetime
) -> datetime:
    """The due time that doing `work` at `now` counts for: it may have waited since `due_at` past the next one."""
    later = (job.trigger.latest(now) for job in plan(organisations) if job.work == work)
    return max([due_at, *later])


def _common(organisation: Organisation) -> Iterator[Job]:
    times = organisation.profile.schedule
    zone = ZoneInfo(times.timezone)
    yield Job(Work(Task.BACKUP), DailyTrigger(times.backup, zone))
    for source in organisation.sources:
        if source.enabled:
            day = times.day if source.cadence == "weekly" else ""
            yield Job(Work(Task.CRAWL, of=source.key), DailyTrigger(times.crawl, zone, day))


def _own(organisation: Organisation) -> Iterator[Job]:
    times, key = organisation.profile.schedule, organisation.key
    zone = ZoneInfo(times.timezone)
    yield Job(Work(Task.RETENTION, key), DailyTrigger(times.retention, zone, times.day))
    yield Job(Work(Task.LEARN, key), DailyTrigger(times.learn, zone, times.day))
    yield Job(Work(Task.MATCH, key), DailyTrigger(times.match, zone))
    for officer in organisation.officers:
        day = times.day if officer.cadence == "weekly" else ""
        yield Job(Work(Task.DIGEST, key, officer.id), DailyTrigger(times.time, zone, day))
        if officer.cadence != "daily":
            yield Job(Work(Task.REMIND, key, officer.id), DailyTrigger(times.remind, zone))
