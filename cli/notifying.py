"""What officers get: digest, summary."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import (
    EXIT_CODES,
    AsJson,
    Today,
    complain,
    installation,
    print_json,
    print_table,
    say,
)
from cli.previewing import explain_call, preview_digests
from config.clock import clock
from config.officers import find_officer
from config.organisation import LANGUAGES
from notifier.digest import Outcome, send_digests
from notifier.summary import write_summary


def digest(
    officers: Annotated[list[str] | None, typer.Argument(help="Which officers; none: all.")] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Write what would be sent to files, open it, and send nothing.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Whether --preview opens the browser.")] = True,
    explain: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="OFFICER CALL", help="Say why a call is or is not in an officer's digest."),
    ] = None,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Send the digests that are due, weekly, daily or at once: by SMTP, or as files to the outbox."""
    if explain:
        explain_call(*explain, today, as_json=as_json)
        return
    if preview:
        preview_digests(officers, today, as_json=as_json, browser=browser)
        return
    with installation() as (settings, database, organisation):
        for key in officers or []:
            find_officer(organisation, key)
        outcomes = send_digests(database, organisation, settings, clock(today), officers or None)
    if as_json:
        print_json({"digests": [asdict(outcome) for outcome in outcomes]})
    else:
        print_digests(outcomes)
        if not settings.smtp_url.get_secret_value():
            say(f"no FUNDING_SMTP_URL is set: mails are in {settings.outbox}")
    unsent = sum(outcome.unsent for outcome in outcomes)
    state = "ok" if not unsent else "failed" if unsent == len(outcomes) else "partial"
    raise typer.Exit(EXIT_CODES[state])


def print_digests(outcomes: list[Outcome]) -> None:
    print_table(
        "Digests",
        ("officer", "period", "state", "calls#", "why"),
        [(one.officer, one.period, one.state, one.items, one.cause) for one in outcomes],
    )
    for outcome in outcomes:
        if outcome.error:
            complain(f"{outcome.officer}: {outcome.error}")


def summary(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where; else in FUNDING_HOME.")
    ] = None,
    language: Annotated[str, typer.Option(help="ca, es, en or fr; else the organisation's.")] = "",
    today: Today = None,
) -> None:
    """Write summary.html: every match on one page."""
    with installation() as (settings, database, organisation):
        known = next((known for known in LANGUAGES if known == language), None)
        if language and known is None:
            raise typer.BadParameter(f"`{language}` is none of ca, es, en, fr", param_hint="--language")
        path = output or settings.summary
        with database.reading() as session:
            count = write_summary(
                session, organisation, clock(today), path, known or organisation.profile.language
            )
    say(f"{count} calls in {path}")
