"""`funding officers`: who gets a digest, and to whom none goes out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlmodel import Session

from cli.configuring import configuration_file, read_configuration, replace_configuration
from cli.output import FAILED, AsJson, Today, complain, installation, print_json, print_table, say
from cli.personal_data import erase, export
from config.clock import PEOPLE, clock, local_day
from config.errors import ConfigurationError
from config.officers import SAID, add_officer, find_officer, new_officer
from config.organisation import Organisation
from config.schema import Officer
from notifier.mail import AddressError, ascii_address
from store.locks import exclusive
from store.mail_stops import Cause, lift, standing_stop, stop
from store.personal import known_officers, last_sent

officers = typer.Typer(help="Who gets a digest, and what is kept of them.", no_args_is_help=True)
officers.command("export")(export)
officers.command("erase")(erase)
Id = Annotated[str, typer.Argument(metavar="ID", help="An id of officers.toml.")]


@dataclass(frozen=True)
class _Row:
    """An officer; `stopped` says why no mail goes out, and is empty where it does."""

    officer: Officer
    last_digest: datetime | None
    stopped: str

    def as_json(self, *, addresses: bool) -> dict[str, Any]:
        return {
            "id": self.officer.id,
            "email": shown(self.officer.email, whole=addresses),
            "language": self.officer.language,
            "cadence": self.officer.cadence,
            "areas": self.officer.areas,
            "lines": self.officer.lines,
            "mail": not self.stopped,
            "stopped": self.stopped,
            "last_digest": self.last_digest,
        }

    def as_cells(self, *, addresses: bool) -> tuple[Any, ...]:
        officer = self.officer
        return (
            officer.id,
            self.stopped or "goes out",
            local_day(self.last_digest) if self.last_digest else None,
            f"{officer.language} {officer.cadence}",
            shown(officer.email, whole=addresses),
        )


@officers.command("list")
def list_officers(
    addresses: Annotated[bool, typer.Option("--addresses", help="Show addresses whole.")] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Who gets a digest, in which language and how often, and to whom none goes out; what they asked for, by --json."""
    with installation() as (_, database, organisation), database.reading() as session:
        rows = list(_rows(session, organisation, clock(today)))
        others = sorted(known_officers(session, organisation.key) - {row.officer.id for row in rows})
    if as_json:
        print_json({"officers": [row.as_json(addresses=addresses) for row in rows], "others": others})
        return
    print_table(
        "Officers",
        ("id", "mail", "last digest", "reads", "address"),
        [row.as_cells(addresses=addresses) for row in rows],
        wrap=True,
    )
    if others:
        say(f"data is kept of some who are not in officers.toml: {', '.join(others)}; see `erase`")


def _rows(session: Session, organisation: Organisation, now: datetime) -> Iterator[_Row]:
    sent = last_sent(session, organisation.key)
    for officer in organisation.officers:
        yield _Row(officer, sent.get(officer.id), _stopped(session, organisation, officer, now))


def _stopped(session: Session, organisation: Organisation, officer: Officer, now: datetime) -> str:
    try:
        ascii_address(officer.email)
    except AddressError as error:
        return str(error)
    found = standing_stop(session, organisation.key, officer.id, officer.email, now)
    if found is None:
        return ""
    until = f" until {local_day(found.until)}" if found.until else ""
    return f"{found.cause}{until}" + (f": {found.reason}" if found.reason else "")


def shown(address: str, *, whole: bool) -> str:
    """An address with its first letter and its domain alone, unless it is wanted `whole`."""
    if whole:
        return address
    local, _, domain = address.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}…@{domain}"


@officers.command("add")
def add(
    key: Annotated[str, typer.Argument(metavar="ID", help="a to z, digits and _.")],
    email: Annotated[str, typer.Option(help="Where the digest goes.")],
    language: Annotated[str, typer.Option(help="ca, es, en or fr.")],
    name: Annotated[str, typer.Option(help="Stands at the head of the digest; else the id.")] = "",
    cadence: Annotated[str | None, typer.Option(help="weekly, daily or instant.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="A policy area; none: all.")] = None,
    line: Annotated[list[str] | None, typer.Option(help="A strategic line.")] = None,
    geography: Annotated[list[str] | None, typer.Option(help="Where partners are.")] = None,
    written_in: Annotated[list[str] | None, typer.Option(help="A language that a call may be in.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="A kind of call.")] = None,
    minimum: Annotated[float | None, typer.Option(help="Per cent of all calls that rank below.")] = None,
    instant_from: Annotated[float | None, typer.Option(help="The same for a mail at once.")] = None,
    horizon: Annotated[int | None, typer.Option(help="Days before its opening.")] = None,
    limit: Annotated[int | None, typer.Option(help="Calls in a digest.")] = None,
) -> None:
    """Enter an officer in officers.toml: the next digest goes to them too."""
    facts = {
        "id": key,
        "name": name or key,
        "email": email,
        "language": language,
        "cadence": cadence,
        "areas": area,
        "lines": line,
        "geography": geography,
        "languages": written_in,
        "kinds": kind,
        "minimum": minimum,
        "instant_from": instant_from,
        "horizon": horizon,
        "limit": limit,
    }
    with installation() as (settings, database, organisation):
        given = {field: value for field, value in facts.items() if value not in (None, [])}
        officer = new_officer(organisation, given)
        _check_address(officer.email)
        path = configuration_file(settings, "officers.toml")
        with exclusive(settings.home, "officers"):
            text = add_officer(read_configuration(path), officer)
            with database.reading() as session:
                if officer.id in known_officers(session, organisation.key):
                    raise ConfigurationError(
                        f"`{officer.id}` was somebody else, of whom data is kept: take another id, or erase it first "
                        f"(funding officers erase {officer.id})"
                    )
            replace_configuration(path, text)
    say(f"{officer.id} stands in {path}")


def _check_address(email: str) -> None:
    """Raises ConfigurationError where no mail can go to it, or a mail would go to a part of it: `a<b@example.org>`."""
    try:
        readable = ascii_address(email).rpartition("@")[0] == email.rpartition("@")[0]
    except AddressError as error:
        raise ConfigurationError(f"email: {error}") from error
    if not readable:
        raise ConfigurationError(f"email: {SAID['email']}")


@officers.command("pause")
def pause(
    key: Id,
    until: Annotated[
        datetime | None,
        typer.Option(metavar="DATE", formats=["%Y-%m-%d"], help="The day from which mail goes out again."),
    ] = None,
    today: Today = None,
) -> None:
    """Send an officer no mail for a while; what they miss stands in the next digest if it still matters."""
    now = clock(today)
    end = until.replace(tzinfo=PEOPLE).astimezone(UTC) if until else None
    if end is not None and end <= now:
        raise typer.BadParameter("must be a day to come", param_hint="--until")
    with installation() as (_, database, organisation):
        officer = find_officer(organisation, key)
        with database.writing() as session:
            stop(session, organisation.key, officer.id, Cause.PAUSED, now, until=end)
    say(f"{key} gets no mail until {local_day(end) if end else f'`funding officers resume {key}`'}")


@officers.command("resume")
def resume(
    key: Id,
    unsubscribed: Annotated[
        bool,
        typer.Option(
            "--unsubscribed", help="Even if the officer ended the mails: only when they ask for it."
        ),
    ] = False,
    today: Today = None,
) -> None:
    """Send an officer mail again: after a pause, or once the address that was refused is in order."""
    now = clock(today)
    causes = [Cause.PAUSED, Cause.REFUSED, *([Cause.UNSUBSCRIBED] if unsubscribed else [])]
    with installation() as (_, database, organisation):
        officer = find_officer(organisation, key)
        with database.writing() as session:
            for cause in causes:
                lift(session, organisation.key, officer.id, now, cause)
            stopped = standing_stop(session, organisation.key, officer.id, officer.email, now) is not None
    if stopped:
        complain(f"{key} ended the mails; if they ask for them again: --unsubscribed")
        raise typer.Exit(FAILED)
    say(f"mail goes out to {key}")
