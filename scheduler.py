"""The jobs and their times: the weekly run, once by hand or every week by APScheduler."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

from config.clock import clock
from config.organisation import Organisation
from config.settings import Settings
from crawler.identity import identify_calls
from crawler.outcomes import Outcome
from crawler.runner import RunResult, crawl
from matcher.matching import MatchReport, match_calls
from matcher.scorers.encoder import load_encoder
from matcher.training import learn
from notifier.digest import Outcome as DigestOutcome
from notifier.digest import send_digests
from notifier.summary import write_summary
from store.database import Database
from store.jobs import begin_job, end_job, last_job
from store.locks import BusyError, exclusive

WEEKLY = "weekly_run"

Report = Callable[[str], None]
"""Called with the name of each step as it begins."""


@dataclass
class RunReport:
    """What one weekly run did."""

    crawls: list[RunResult] = field(default_factory=list)
    matches: MatchReport | None = None
    digests: list[DigestOutcome] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """`failed`: no source could be read or no mail went out; `partial`: some of it."""
        bad = [run for run in self.crawls if run.outcome != Outcome.OK]
        unsent = [digest for digest in self.digests if digest.unsent]
        if not bad and not unsent:
            return Outcome.OK
        nothing_read = all(run.outcome == Outcome.FAILED for run in self.crawls) and bool(bad)
        nothing_sent = bool(unsent) and len(unsent) == len(self.digests)
        return Outcome.FAILED if nothing_read or nothing_sent else Outcome.PARTIAL


def weekly_run(
    settings: Settings,
    database: Database,
    organisation: Organisation,
    today: date | None = None,
    report: Report | None = None,
    moved_days: int = 0,
) -> RunReport:
    """Crawl all sources that are switched on, learn, match, write the summary, send the digests.

    A source that fails does not keep the others, or the mails, from being done: the digest says what failed. Can be
    killed at any moment and run again.
    """
    done = RunReport()
    tell = report or (lambda _: None)
    for source in organisation.sources:
        if source.enabled:
            tell(source.name)
            with suppress(
                BusyError
            ):  # it is being read by hand right now: what that brings is matched next week
                done.crawls.append(crawl(source.key, settings, database, today))
    identify_calls(database, organisation)
    tell("match")
    encoder = load_encoder(settings.encoder).encoder
    learn(database, organisation, clock(today), encoder)
    done.matches = match_calls(database, organisation, clock(today), encoder=encoder)
    tell("summary")
    with database.reading() as session:
        write_summary(
            session,
            organisation,
            clock(today),
            settings.summary,
            organisation.profile.language,
            moved_days=moved_days,
        )
    tell("digest")
    done.digests = send_digests(database, organisation, settings, clock(today), moved_days=moved_days)
    return done


class WeeklyTrigger(CronTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """One time a week. CronTrigger itself never gets past a time of night that the end of summer time repeats."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        after = now if previous_fire_time is None else previous_fire_time.astimezone(UTC) + timedelta(hours=2)
        due: datetime | None = super().get_next_fire_time(None, after)
        return due


def weekly_trigger(organisation: Organisation) -> WeeklyTrigger:
    """The weekly time by the organisation's clock. The day is named: numbers start on Monday in APScheduler."""
    plan = organisation.profile.schedule
    return WeeklyTrigger(
        day_of_week=plan.day, hour=plan.time.hour, minute=plan.time.minute, timezone=ZoneInfo(plan.timezone)
    )


def due_times(trigger: CronTrigger, after: datetime, until: datetime) -> list[datetime]:
    """The times in (after, until] at which a job is due, in UTC."""
    times: list[datetime] = []
    due = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
    while due is not None and due <= until:
        times.append(due.astimezone(UTC))
        due = trigger.get_next_fire_time(due, due)
    return times


def missed(database: Database, organisation: Organisation, now: datetime) -> datetime | None:
    """The due time whose run was missed or left unfinished; None when nothing is owed.

    Several missed weeks are owed one run: the digest tells all that is new since the last one. At the first start
    nothing was missed, and the clock is set.
    """
    latest = due_times(weekly_trigger(organisation), now - timedelta(days=8), now)[-1]
    with database.writing() as session:
        last = last_job(session, organisation.key, WEEKLY)
        if last is None:
            run = begin_job(session, organisation.key, WEEKLY, latest, now)
            assert run is not None
            assert run.id is not None
            end_job(session, run.id, "skipped", now)
            return None
        owed = last.due_at < latest or last.outcome == "running"
    return latest if owed else None


def run_due(
    settings: Settings, database: Database, organisation: Organisation, due_at: datetime, now: datetime
) -> RunReport | None:
    """The weekly run for one due time, exactly once; None when it was done already."""
    with database.writing() as session:
        run = begin_job(session, organisation.key, WEEKLY, due_at, now)
        run_id = run.id if run else None
    if run_id is None:
        return None
    done = weekly_run(settings, database, organisation)
    with database.writing() as session:
        end_job(session, run_id, done.outcome, clock())
    return done


def schedule(
    settings: Settings,
    database: Database,
    organisation: Organisation,
    told: Callable[[RunReport], None] | None = None,
) -> None:
    """Run every week until interrupted; a run that was missed is made up for at the start.

    Raises store.locks.BusyError while another process schedules for the same home.
    """
    trigger = weekly_trigger(organisation)

    def job() -> None:
        now = clock()
        due_at = due_times(trigger, now - timedelta(days=8), now)[-1]
        done = run_due(settings, database, organisation, due_at, now)
        if done is not None and told is not None:
            told(done)

    with exclusive(settings.home, "schedule"):
        owed = missed(database, organisation, clock())
        scheduler = BlockingScheduler(
            timezone=ZoneInfo(organisation.profile.schedule.timezone),
            executors={
                "default": ThreadPoolExecutor(max_workers=1)
            },  # the catch-up and the week's run, in turn
        )
        # A late job is dropped by default: this one runs however late it is, once.
        scheduler.add_job(
            job,
            trigger,
            id=WEEKLY,
            replace_existing=True,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        if owed is not None:
            scheduler.add_job(job, id=f"{WEEKLY}_catch_up", max_instances=1, misfire_grace_time=None)
        scheduler.start()
