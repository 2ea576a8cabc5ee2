"""Running it: run, schedule, doctor."""

from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import typer

from cli.crawling import print_runs
from cli.notifying import print_digests
from cli.output import EXIT_CODES, AsJson, Today, console, installation, print_json, say
from config.clock import clock
from scheduler import RunReport, due_times, weekly_run, weekly_trigger
from scheduler import schedule as run_schedule


def run(today: Today = None, as_json: AsJson = False) -> None:
    """Do the weekly run once: crawl, match, summary, digests."""
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


def schedule() -> None:
    """Do the weekly run every week, until it is stopped."""
    with installation() as (settings, database, organisation):
        trigger, now = weekly_trigger(organisation), clock()
        next_time = due_times(trigger, now, now + timedelta(days=8))[0]
        zone = ZoneInfo(organisation.profile.schedule.timezone)
        say(f"next run: {next_time.astimezone(zone):%A %Y-%m-%d %H:%M %Z}")
        run_schedule(settings, database, organisation, told=print_report)
