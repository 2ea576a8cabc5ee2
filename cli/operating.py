"""Running it: run, schedule, worker."""

from contextlib import closing
from dataclasses import asdict
from importlib import import_module
from types import ModuleType
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from cli.crawling import print_runs
from cli.notifying import print_digests
from cli.output import EXIT_CODES, AsJson, Today, console, installation, print_json, print_table, say
from config.clock import clock
from config.errors import ConfigurationError
from config.logs import configure_logs
from jobs.installation import Installation
from jobs.weekly import RunReport, weekly_run
from scheduler import schedule as run_schedule
from scheduler import upcoming


def run(today: Today = None, as_json: AsJson = False) -> None:
    """Do a week's work once: crawl, match, summary, digests."""
    with installation() as (settings, database, organisation), console.status("…") as status:
        done = weekly_run(settings, database, organisation, today, report=status.update)
    if as_json:
        print_json(
            {
                "outcome": done.outcome,
                "runs": [crawl.as_json() for crawl in done.crawls],
                "digests": [asdict(digest) for digest in done.digests],
            }
        )
    else:
        print_report(done)
        say(f"summary: {settings.summary}")
    raise typer.Exit(EXIT_CODES[done.outcome])


def print_report(done: RunReport) -> None:
    print_runs(done.crawls)
    if done.matches is not None:
        say(f"\n{done.matches.calls} calls ranked, {done.matches.not_open} hidden by rule\n")
    print_digests(done.digests)


def schedule(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would run when.")] = False,
    days: Annotated[int, typer.Option(min=1, max=400, help="How far --dry-run looks ahead.")] = 14,
    workers: Annotated[
        bool, typer.Option("--workers", help="Hand the jobs to `funding worker`; a second one stands by.")
    ] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Do every job at its time, until it is stopped: crawls, matching, digests, backups, tidying up."""
    with installation() as (settings, database, organisation):
        here = Installation(settings, database)
        if dry_run:
            _show(here, ZoneInfo(organisation.profile.schedule.timezone), days, today, as_json=as_json)
            return
        due_at, job = upcoming(here, clock(), 8)[0]
        zone = ZoneInfo(organisation.profile.schedule.timezone)
        say(f"next: {job.work.key}, {due_at.astimezone(zone):%A %Y-%m-%d %H:%M %Z}")
        configure_logs()
        if not workers:
            run_schedule(here)
            return
        with closing(_queues().Queue(here)) as queue:
            run_schedule(here, queue.hand)


def worker(
    concurrency: Annotated[
        int, typer.Option(min=1, max=32, help="Jobs at a time: more than one for crawls, which mostly wait.")
    ] = 1,
    until_empty: Annotated[
        bool, typer.Option("--until-empty", help="End when nothing waits any more.")
    ] = False,
) -> None:
    """Do the jobs that `funding schedule --workers` hands over, on this machine or another one, until it is stopped."""
    configure_logs()
    with installation() as (settings, database, _):
        _queues().work_off(Installation(settings, database), concurrency, until_empty=until_empty)


def _queues() -> ModuleType:
    """`jobs.queue`, whose library not every installation has."""
    try:
        return import_module("jobs.queue")
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{error.name} is missing: pip install 'funding-tracker[postgresql]'"
        ) from error


def _show(here: Installation, zone: ZoneInfo, days: int, today: Today, *, as_json: bool) -> None:
    found = upcoming(here, clock(today), days)
    if as_json:
        print_json([{"at": due_at, **asdict(job.work)} for due_at, job in found])
        return
    print_table(
        f"The next {days} days, by the clock of {zone.key}",
        ("day", "time", "organisation", "job"),
        [
            (f"{local:%a %Y-%m-%d}", f"{local:%H:%M %Z}", job.work.organisation or "all", job.work.name)
            for due_at, job in found
            for local in [due_at.astimezone(zone)]
        ],
    )
