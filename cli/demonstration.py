"""`funding demo`: the whole way of a call on this machine, without any portal."""

import shutil
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import typer

from cli.operating import print_report
from cli.output import EXIT_CODES, Today, console, print_table, say
from config.clock import clock, local_day
from config.organisation import Organisation
from config.settings import load_settings
from crawler.replicas.sample import SAMPLE_DAY, weeks_to
from crawler.replicas.serving import Replica
from crawler.replicas.world import addresses, create_world, real_only
from jobs.weekly import weekly_run
from notifier.files import write_whole
from store.calls import calls_by_id
from store.database import Database
from store.matches import matches_of
from store.states import State, state

SOURCES = ("eu_portal", "interreg_eu")
"""Those whose samples hold real calls of the same summer; all others have replicas too: `funding replica all`."""

SHOWN = 10


def demo(today: Today = None) -> None:
    """Crawl samples of real calls from portals on this machine, rank them, write digests and summary."""
    settings = load_settings()
    organisation = settings.load_organisation()
    home = settings.home / "demo"
    shutil.rmtree(home, ignore_errors=True)
    day = today or local_day(clock())
    days = weeks_to(day)
    sources = [source.model_copy(update={"enabled": True}) for source in organisation.sources]
    organisation = replace(organisation, sources=tuple(s for s in sources if s.key in SOURCES))
    with Replica(create_world(SOURCES, days, real_only)) as replica, console.status("…") as status:
        here = settings.model_copy(
            update={
                "home": home,
                "database_url": "",
                "smtp_url": type(settings.smtp_url)(""),
                "address": addresses(replica.address, SOURCES),
            }
        )
        database = Database(here.database)
        done = weekly_run(here, database, organisation, today, report=status.update, moved_days=days)
    print_report(done)
    _print_best(database, organisation, clock(today))
    database.close()
    say(f"\nSample of {SAMPLE_DAY}, all dates moved by {days} days.")
    say(f"summary  {here.summary}")
    for path in sorted(here.outbox.glob("*.eml")):
        say(f"digest   {_write_preview(path)}")
    raise typer.Exit(EXIT_CODES[done.outcome])


def _write_preview(mail: Path) -> Path:
    """The HTML of a mail as a file that a browser opens."""
    message = message_from_bytes(mail.read_bytes(), policy=default)
    body = message.get_body(("html",))
    preview = mail.with_suffix(".html")
    write_whole(preview, body.get_content().encode() if body else b"")
    return preview


def _print_best(database: Database, organisation: Organisation, now: datetime) -> None:
    """The calls that rank first among those that are not closed."""
    with database.reading() as session:
        matches = matches_of(session, organisation.key)
        found = calls_by_id(session, [match.call_id for match in matches])
        alive = [match for match in matches if state(found[match.call_id], now) is not State.CLOSED]
        print_table(
            f"\nThe first {SHOWN} for {organisation.profile.short_name}",
            ("#", "deadline", "area", "title"),
            [
                (
                    number,
                    found[match.call_id].deadlines[-1].day if found[match.call_id].deadlines else None,
                    organisation.area(match.areas[0]["id"]).name.en if match.areas else None,
                    found[match.call_id].title,
                )
                for number, match in enumerate(alive[:SHOWN], start=1)
            ],
        )
