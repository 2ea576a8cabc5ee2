"""`funding doctor`: is all in order, and if not, what to do."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from cli.checks.clocks import check_clock, check_zones
from cli.checks.configuration import check_organisation, check_review, check_secrets
from cli.checks.findings import FAULT, Finding
from cli.checks.mail import check_mail
from cli.checks.ranking import check_encoder
from cli.checks.sources import check_sources
from cli.checks.storage import check_backups, check_database, check_disks
from cli.checks.work import check_jobs, check_queue
from cli.output import FAILED, AsJson, Today, print_json, print_table
from config.clock import clock
from config.errors import ConfigurationError
from config.organisation import Organisation
from config.settings import Settings, load_settings
from store.database import Database
from store.errors import StoreError
from store.upgrading import stored_revision


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Ask no mail server.")] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Look whether all is in order, and say what to do. Nothing is sent, and no source is asked."""
    findings = list(_examine(clock(today), offline=offline))
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(
            "Doctor",
            ("what", "state", "remark"),
            [(f.what, f.state, f.remark) for f in findings],
            wrap=True,
        )
    raise typer.Exit(FAILED if any(finding.state == FAULT for finding in findings) else 0)


def _examine(now: datetime, *, offline: bool) -> Iterator[Finding]:
    try:
        settings = load_settings()
        organisation, organisations = settings.load_organisation(), settings.load_organisations()
        yield check_organisation(organisation)
        yield check_secrets()
    except ConfigurationError as error:
        yield Finding("configuration", FAULT, str(error))
        return
    yield check_zones({one.profile.schedule.timezone for one in organisations})
    yield from check_disks(settings)
    try:
        before = stored_revision(settings.database)
        with closing(Database(settings.database)) as database:
            yield check_database(database, before)
            yield from _examine_stored(database, organisation, organisations, now)
    except StoreError as error:
        yield Finding("database", FAULT, str(error))
    yield check_backups(settings, now)
    yield from _examine_rest(settings, offline=offline)


def _examine_stored(
    database: Database, organisation: Organisation, organisations: list[Organisation], now: datetime
) -> Iterator[Finding]:
    yield check_clock(database, [one.key for one in organisations], now)
    yield from check_sources(database, organisation, now)
    yield from check_jobs(database, organisations, now)
    yield check_queue(database)


def _examine_rest(settings: Settings, *, offline: bool) -> Iterator[Finding]:
    yield check_mail(settings, offline=offline)
    yield check_review(settings)
    yield check_encoder(settings)
