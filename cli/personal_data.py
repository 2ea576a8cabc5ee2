"""What is kept of an officer, given out and erased: `funding officers export`, `funding officers erase`."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.configuring import (
    configuration_file,
    read_configuration,
    refuse_installed,
    replace_configuration,
)
from cli.output import FAILED, Today, complain, installation, say
from cli.previewing import preview_folder
from config.clock import clock
from config.errors import ConfigurationError
from config.officers import Removal, find_officer, remove_officer
from config.organisation import Organisation
from config.settings import Settings
from notifier.files import write_whole
from store.database import Database
from store.locks import BusyError, exclusive
from store.personal import Erased, begin_erasure, compact, end_erasure, personal_data, to_erase

Id = Annotated[str, typer.Argument(metavar="ID", help="An id, also of somebody who is no officer any more.")]


def export(
    key: Id,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where; else to standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
    today: Today = None,
) -> None:
    """Give out all that is kept of an officer, as JSON: the entry, mails, decisions, stages, notes, events, stops of mail."""
    if output is not None and output.exists() and not force:
        raise ConfigurationError(f"{output}: is there already; --force replaces it")
    with installation() as (settings, database, organisation):
        with database.reading() as session:
            kept = personal_data(session, organisation.key, key)
        files = [str(path) for path in files_of(settings, key)]
        entry = organisation.officer(key)
        if not files and not any(kept.values()):
            entry = find_officer(organisation, key)
    data = {
        "organisation": organisation.key,
        "exported_at": clock(today).isoformat(),
        "id": key,
        "entry": entry.model_dump(mode="json") if entry else None,
        **kept,
        "files": files,
    }
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_whole(output, text.encode("utf-8"))
        say(f"all that is kept of {key} is in {output}")


def erase(
    key: Id,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; else it is only said what would be erased.")
    ] = False,
    today: Today = None,
) -> None:
    """Erase what is kept of an officer, the entry included; decisions and stages stay under a pseudonym.

    Killed half-way it completes when it is run again, and until then no mail goes out to the officer.
    """
    with ExitStack() as opened:
        settings, database, organisation = opened.enter_context(installation())
        if yes:
            opened.enter_context(_nobody_mailing(settings, database, organisation.key))
        found = _find(settings, database, organisation, key)
        if yes:
            _carry_out(found, settings, database, organisation.key, clock(today))
    _tell(found, done=yes)
    if found.anything and not yes:
        complain("nothing was erased: --yes does it")
        raise typer.Exit(FAILED)


@dataclass(frozen=True)
class _Found:
    """What is kept of an officer: the entry, with officers.toml as it is without it; rows of the store; files."""

    key: str
    path: Path
    has_entry: bool
    removal: Removal
    rows: Erased
    files: tuple[Path, ...]

    @property
    def anything(self) -> bool:
        return self.has_entry or bool(self.files) or self.rows != Erased()


def _find(settings: Settings, database: Database, organisation: Organisation, key: str) -> _Found:
    path = configuration_file(settings, "officers.toml")
    text = read_configuration(path)
    entry = organisation.officer(key)
    removal = remove_officer(text, key, entry.email if entry else "")
    with database.reading() as session:
        rows = to_erase(session, organisation.key, key)
    return _Found(key, path, removal.text != text, removal, rows, tuple(files_of(settings, key)))


def _carry_out(
    found: _Found, settings: Settings, database: Database, organisation: str, now: datetime
) -> None:
    """The store first and officers.toml last: what is left after a kill is found again by the entry.

    The file of the database is written anew even where nothing is left to erase: a kill may have come right before.
    """
    if found.has_entry:
        refuse_installed(found.path)
    if found.anything:
        with database.writing() as session:
            begin_erasure(session, organisation, found.key, now)
        for file in found.files:
            file.unlink(missing_ok=True)
        demonstration = (
            settings.home / "demo"
        )  # mails to all officers of that day; made anew by each `funding demo`
        if demonstration.exists():
            shutil.rmtree(demonstration)
        if found.has_entry:
            replace_configuration(found.path, found.removal.text)
        with database.writing() as session:
            end_erasure(session, organisation, found.key)
    compact(database)


@contextmanager
def _nobody_mailing(settings: Settings, database: Database, organisation: str) -> Iterator[None]:
    """Hold back all that read officers.toml when it began, and may still mail, or write, by it. Raises BusyError."""
    with ExitStack() as held:
        try:
            held.enter_context(exclusive(settings.home, "schedule", database))
        except BusyError:
            raise BusyError(
                "`funding schedule` is running and knows the officer: stop it, erase, and start it again"
            ) from None
        held.enter_context(exclusive(settings.home, f"digest-{organisation}", database))
        held.enter_context(exclusive(settings.home, "officers"))
        yield


def files_of(settings: Settings, key: str) -> list[Path]:
    """The officer's mails in the outbox and previews, whole ones and what a kill left of one (notifier.files)."""
    name = re.compile(rf"\.?([\dW-]+-)?{re.escape(key)}\.(eml|html|txt)(\..*)?")
    return [
        path
        for folder in (settings.outbox, preview_folder(settings))
        if folder.is_dir()
        for path in sorted(folder.iterdir())
        if name.fullmatch(path.name)
    ]


def _tell(found: _Found, *, done: bool) -> None:
    if not found.anything:
        say(f"nothing is kept of {found.key}")
        return
    rows = found.rows
    counted = (
        ("mails", rows.deliveries),
        ("notes of which call a mail told", rows.items),
        ("stops of mail", rows.stops),
        ("notes", rows.notes),
        ("saved filters", rows.filters),
        ("links and sessions of the review", rows.sessions),
        ("files of mails and previews", len(found.files)),
    )
    say("erased:" if done else "would be erased:")
    if found.has_entry:
        say(f"  the entry in {found.path}")
    for what, count in counted:
        if count:
            say(f"  {what}: {count}")
    if rows.pseudonym:
        say(f"{'stay' if done else 'would stay'}, as those of {rows.pseudonym}:")
        say(f"  decisions: {rows.decisions}; the ranking learns from them")
        say(f"  stages: {rows.stages}; the organisation's record of what became of calls")
    if rows.acts:
        say(f"  assignments, notes without text and events of the review: {rows.acts}")
    for line in found.removal.mentions:
        say(f"see whether line {line} of {found.path.name} still speaks of {found.key}")
    say("not reached from here: mails that were delivered, logs of the mail server, backups, exported files")
