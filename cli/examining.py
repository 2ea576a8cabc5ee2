"""`funding doctor`: is all in order, and if not, what to do."""

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import typer

from cli.output import FAILED, AsJson, print_json, print_table
from config.errors import ConfigurationError
from config.organisation import Organisation
from config.settings import Settings, load_settings
from matcher.scorers.encoder import load_encoder
from store.database import Database
from store.errors import StoreError
from store.runs import last_runs

ENOUGH_DISK = 500 * 1024 * 1024
"""Bytes: a database of 100,000 calls with its journal."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `ok`, `warning` or `fault`, and what to do."""

    what: str
    state: str
    remark: str


def doctor(as_json: AsJson = False) -> None:
    """Look whether all is in order, and say what to do."""
    findings = list(_examine())
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(
            "Doctor",
            ("what", "state", "remark"),
            [(f.what, f.state, f.remark) for f in findings],
            wrap=True,
        )
    raise typer.Exit(FAILED if any(finding.state == "fault" for finding in findings) else 0)


def _examine() -> Iterator[Finding]:
    try:
        settings = load_settings()
        organisation = settings.load_organisation()
    except ConfigurationError as error:
        yield Finding("configuration", "fault", str(error))
        return
    counts = f"{len(organisation.areas)} areas, {len(organisation.projects)} projects, {len(organisation.rules)} rules"
    yield Finding("configuration", "ok", f"{organisation.profile.short_name}: {counts}")
    try:
        database = Database(settings.database)
    except StoreError as error:
        yield Finding("database", "fault", str(error))
        return
    yield Finding("database", "ok", database.url.render_as_string(hide_password=True))
    yield from _examine_sources(database, organisation)
    database.close()
    yield _examine_disk(settings)
    smtp = bool(settings.smtp_url.get_secret_value())
    yield Finding(
        "mail",
        "ok" if smtp else "warning",
        "by SMTP" if smtp else f"FUNDING_SMTP_URL is not set: files in {settings.outbox}",
    )
    yield _examine_encoder(settings)


def _examine_sources(database: Database, organisation: Organisation) -> Iterator[Finding]:
    with database.reading() as session:
        runs = last_runs(session)
    for source in organisation.sources:
        run = runs.get(source.key)
        if not source.enabled:
            yield Finding(f"source {source.key}", "ok", f"off: {source.reason}")
        elif run is None:
            yield Finding(f"source {source.key}", "warning", f"never read: funding crawl {source.key}")
        else:
            state = {"ok": "ok", "failed": "fault"}.get(run.outcome, "warning")
            yield Finding(
                f"source {source.key}", state, f"{run.outcome}, {run.seen} rows {run.detail}".strip()
            )


def _examine_encoder(settings: Settings) -> Finding:
    loaded = load_encoder(settings.encoder)
    used = (
        f"words, and sentence vectors by {loaded.model}" if loaded.encoder else "words, no sentence vectors"
    )
    chosen = [] if settings.encoder == "auto" else [f"FUNDING_ENCODER is {settings.encoder}"]
    refused = [f"{refusal.tier} could not be loaded: {refusal.reason}" for refusal in loaded.refused]
    return Finding("matcher", "warning" if refused else "ok", "; ".join([used, *chosen, *refused]))


def _examine_disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(
        settings.home if settings.home.exists() else settings.home.absolute().anchor
    ).free
    state = "ok" if free > ENOUGH_DISK else "fault"
    return Finding("disk", state, f"{free // 1024**2:,} MB free for {settings.home}")
