"""`funding portfolio`: the projects that calls are compared with, as the spreadsheet that officers keep."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.configuring import configuration_file, read_configuration, replace_configuration
from cli.output import AsJson, print_json, say
from config.errors import ConfigurationError
from config.organisation import Organisation
from config.portfolio import Revision, read_entries, revise
from config.settings import load_settings
from config.spreadsheet import columns, from_rows, to_rows
from config.tables import read_table, refuse_open_elsewhere, write_table
from notifier.files import write_whole
from store.locks import exclusive

portfolio = typer.Typer(help="The projects that calls are compared with, as a spreadsheet.")
File = Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")]
NAMED = 8
"""How many projects a sentence names."""


@portfolio.command("export")
def export_portfolio(
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the portfolio to a spreadsheet, a row a project."""
    organisation, path = _installed()
    refuse_open_elsewhere(file)
    if file.exists() and not force:
        raise ConfigurationError(
            f"{file}: is there already, and may hold what was not imported; --force replaces it"
        )
    entries = read_entries(read_configuration(path))
    language = organisation.profile.language
    rows = to_rows(entries, organisation.areas, language)
    write_whole(file, write_table(file, columns(organisation.areas, language), rows))
    say(f"{len(rows)} projects in {file}")


@portfolio.command("import")
def import_portfolio(
    file: File,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    remove_missing: Annotated[
        bool, typer.Option("--remove-missing", help="Take out projects that are not in the file.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take the portfolio over from a spreadsheet: all of it, or nothing when a cell is wrong."""
    organisation, path = _installed()
    with exclusive(load_settings().home, "portfolio"):
        text = read_configuration(path)
        known = {entry.project.id: entry for entry in read_entries(text)}
        wanted = from_rows(
            file.name, read_table(file), known, organisation.areas, organisation.profile.language
        )
        revision = revise(text, wanted, remove_missing=remove_missing)
        if revision.text != text and not dry_run:
            replace_configuration(path, revision.text)
    if as_json:
        print_json({name: value for name, value in asdict(revision).items() if name != "text"})
    else:
        _tell(revision, file, len(wanted), dry_run=dry_run)


def _installed() -> tuple[Organisation, Path]:
    """The organisation and its portfolio.toml."""
    settings = load_settings()
    return settings.load_organisation(), configuration_file(settings, "portfolio.toml")


def _tell(revision: Revision, file: Path, wanted: int, *, dry_run: bool) -> None:
    for key in revision.added:
        say(f"added {key}")
    for key, fields in revision.changed.items():
        say(f"changed {key}: {', '.join(fields)}")
    for key in revision.removed:
        say(f"removed {key}")
    for remark in revision.remarks:
        say(f"see whether this remark still holds: {remark}")
    if revision.missing:
        named = ", ".join(revision.missing[:NAMED])
        more = f" and {len(revision.missing) - NAMED} more" if len(revision.missing) > NAMED else ""
        say(f"not in {file.name}, and kept: {named}{more}; --remove-missing takes them out")
    added, changed, removed = len(revision.added), len(revision.changed), len(revision.removed)
    say(f"{added} added, {changed} changed, {removed} removed, {wanted - added - changed} as they were")
    if dry_run:
        say("nothing was written: --dry-run")
    elif added or changed or removed:
        say("the next `funding match` ranks by it")
