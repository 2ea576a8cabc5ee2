"""`funding backup`, `funding restore`, `funding retention`: what is stored, kept safe, brought back and cleared."""

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import AsJson, Today, console, installation, print_json, print_table, say
from config.clock import clock
from config.settings import load_settings
from store.backup import back_up
from store.database import Database
from store.restoring import restore as put_back
from store.retention import retain


def backup(
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where; else FUNDING_HOME/backups, by its time."),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", min=1, help="Of the backups in FUNDING_HOME/backups, how many stay: the newest."
        ),
    ] = None,
) -> None:
    """Write the whole database to a file, as it is now, and read it again. It may be in use.

    Configuration, secrets and mails in the outbox are not in it.
    """
    if to is not None and keep is not None:
        raise typer.BadParameter("`--keep` goes with FUNDING_HOME/backups, not with `--to`")
    settings = load_settings()
    with closing(Database(settings.database)) as database, console.status("backup"):
        path = back_up(database, settings, clock(), to, keep)
    say(str(path))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `funding backup` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the database, which is kept under another name. Nothing may be using it."""
    with console.status("restore"):
        done = put_back(load_settings(), file, clock())
    if as_json:
        print_json(
            {"taken_at": done.manifest.taken_at, "rows": done.manifest.rows, "kept": done.kept or None}
        )
        return
    say(f"restored: all as it was at {done.manifest.taken_at:%Y-%m-%d %H:%M} UTC")
    if done.kept:
        say(f"the former database is kept as {done.kept}")


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how much would be deleted or emptied.")
    ] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Delete what is of no use any more, by the periods in organisation.toml; never what the figures are made of."""
    with installation() as (_, database, organisation):
        periods = organisation.profile.retention
        found = retain(database, organisation.key, periods, clock(today), dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run} | asdict(found))
    else:
        print_table("Would go" if dry_run else "Gone", ("what", "rows#"), list(asdict(found).items()))
