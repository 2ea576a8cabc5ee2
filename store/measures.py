"""Figures by which an installation is watched: counted by the database, in narrow rows, whatever is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from config.settings import Settings
from store.backup import backups_in, folder_of
from store.models import Call, CrawlRun, Delivery, JobRun, Match
from store.spans import CallSpan

GOOD = ("ok", "partial")
"""Outcomes of readings and jobs that brought what they are for, in all or in part."""


@dataclass(frozen=True)
class LastReading:
    """The last ended reading of a source; `good_at`: when one last brought calls (UTC), None when none ever did."""

    source: str
    outcome: str
    ended_at: datetime
    seen: int
    quarantined: int
    good_at: datetime | None


@dataclass(frozen=True)
class JobState:
    """A job at the last of its times; `success_at`: when it last ended well (UTC), None when it never did."""

    organisation: str
    job: str
    outcome: str
    tries: int
    detail: str
    success_at: datetime | None


@dataclass(frozen=True)
class Backups:
    """Those in the installation's folder; `newest_at` (UTC) and `newest_size` (bytes) of the newest one."""

    count: int
    newest_at: datetime
    newest_size: int


def calls_by_source(session: Session) -> dict[str, int]:
    return _counted(session.execute(select(col(Call.source), func.count()).group_by(col(Call.source))))


def live_calls_by_source(session: Session, now: datetime) -> dict[str, int]:
    """Calls that are not closed at `now`: `store.states`."""
    source = col(CallSpan.source)
    at_now = (col(CallSpan.live), col(CallSpan.since) < now, col(CallSpan.until) >= now)
    return _counted(session.execute(select(source, func.count()).where(*at_now).group_by(source)))


def matches_by_verdict(session: Session, organisation: str) -> dict[str, int]:
    verdict = col(Match.verdict)
    statement = select(verdict, func.count()).where(col(Match.organisation) == organisation)
    return _counted(session.execute(statement.group_by(verdict)))


def digests_by_state(session: Session, organisation: str) -> dict[str, int]:
    state = col(Delivery.state)
    statement = select(state, func.count()).where(col(Delivery.organisation) == organisation)
    return _counted(session.execute(statement.group_by(state)))


def last_readings(session: Session) -> list[LastReading]:
    """By source, of those that were ever read to the end."""
    source, ended = col(CrawlRun.source), col(CrawlRun.ended_at)
    good = dict(
        session.execute(
            select(source, func.max(ended)).where(col(CrawlRun.outcome).in_(GOOD)).group_by(source)
        ).all()
    )
    last = select(func.max(col(CrawlRun.id))).where(ended.is_not(None)).group_by(source)
    columns = (source, col(CrawlRun.outcome), ended, col(CrawlRun.seen), col(CrawlRun.quarantined))
    rows = session.execute(select(*columns).where(col(CrawlRun.id).in_(last)).order_by(source))
    return [
        LastReading(key, outcome, at, seen, quarantined, good.get(key))
        for key, outcome, at, seen, quarantined in rows
    ]


def job_states(session: Session, organisation: str) -> list[JobState]:
    """By job; those that all organisations have in common are those of the organisation "" (nothing)."""
    job, own = col(JobRun.job), col(JobRun.organisation) == organisation
    well = dict(
        session.execute(
            select(job, func.max(col(JobRun.ended_at)))
            .where(own, col(JobRun.outcome).in_(GOOD))
            .group_by(job)
        ).all()
    )
    last = select(func.max(col(JobRun.id))).where(own).group_by(job)
    columns = (job, col(JobRun.outcome), col(JobRun.tries), col(JobRun.detail))
    rows = session.execute(select(*columns).where(own, col(JobRun.id).in_(last)).order_by(job))
    return [
        JobState(organisation, name, outcome, tries, detail, well.get(name))
        for name, outcome, tries, detail in rows
    ]


def newest_start(session: Session, organisations: Iterable[str]) -> datetime | None:
    """When a job last began (UTC), by the clock of that time."""
    newest = func.max(col(JobRun.started_at))
    statements = [select(newest).where(col(JobRun.organisation) == one) for one in organisations]
    return max(filter(None, (session.execute(one).scalar_one() for one in statements)), default=None)


def backups(settings: Settings) -> Backups | None:
    """None where there are none."""
    folder = folder_of(settings)
    found = [path.stat() for path in backups_in(folder)] if folder.is_dir() else []
    if not found:
        return None
    newest = max(found, key=lambda one: one.st_mtime)
    return Backups(len(found), datetime.fromtimestamp(newest.st_mtime, UTC), newest.st_size)


def _counted(rows: Iterable[Sequence[object]]) -> dict[str, int]:
    return {str(key): int(str(count)) for key, count in rows}
