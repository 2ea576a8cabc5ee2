"""`funding clients`: the programs that may read the API, each with a token of its own."""

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer

from cli.output import AsJson, Today, installation, print_json, print_table, say
from config.clock import clock, local_day
from config.errors import ConfigurationError
from store.clients import add_client, clients_of, revoke_client
from store.models import AccessToken

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
LONGEST = 3650
"""Days: for longer than ten years nobody knows what the program is."""
clients = typer.Typer(help="The programs that may read the API.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the program is called here.")]


@clients.command("list")
def list_clients(today: Today = None, as_json: AsJson = False) -> None:
    """Which programs have a token, since when and until when, and on which day each was last here."""
    now = clock(today)
    with installation() as (_, database, organisation), database.reading() as session:
        found = clients_of(session, organisation.key)
        rows = [
            (one.holder, _state(one, now), one.created_at, one.expires_at, one.used_at and one.used_at.date())
            for one in found
        ]
    if as_json:
        names = ("name", "state", "created", "expires", "last_used")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    cells = [
        (name, state, local_day(created), local_day(expires) if expires else None, used)
        for name, state, created, expires, used in rows
    ]
    print_table("Programs", ("name", "token", "since", "until", "last used"), cells)


@clients.command("add")
def add(
    name: Name,
    days: Annotated[
        int | None,
        typer.Option("--days", min=1, max=LONGEST, help="Good for so long; else until it is revoked."),
    ] = None,
    today: Today = None,
) -> None:
    """Print a token for a program: this once, as only its hash is kept."""
    if NAME.fullmatch(name) is None:
        raise ConfigurationError(
            f"`{name}` is no name for a program: letters, figures, `.`, `_` and `-`, 64 at most, a letter or figure first"
        )
    now = clock(today)
    with installation() as (_, database, organisation), database.writing() as session:
        if any(
            one.holder == name and _state(one, now) == "good" for one in clients_of(session, organisation.key)
        ):
            raise ConfigurationError(
                f"`{name}` has a token already; `funding clients revoke {name}` ends it first"
            )
        lasting = None if days is None else timedelta(days=days)
        token = add_client(session, organisation.key, name, now, lasting)
    say(token)


@clients.command("revoke")
def revoke(name: Name, today: Today = None) -> None:
    """Let a program's token be good for nothing from now on."""
    with installation() as (_, database, organisation), database.writing() as session:
        if not revoke_client(session, organisation.key, name, clock(today)):
            raise ConfigurationError(f"`{name}` has no token; `funding clients list` shows who has")
    say(f"revoked: {name}")


def _state(token: AccessToken, now: datetime) -> str:
    if token.revoked_at is not None:
        return "revoked"
    return "good" if token.expires_at is None or token.expires_at > now else "expired"
