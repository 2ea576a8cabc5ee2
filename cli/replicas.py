"""`funding replica`: a portal again, or all of them, on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import say
from config.errors import ConfigurationError
from crawler.replicas.sample import RECORDS, load_records
from crawler.replicas.serving import serve
from crawler.replicas.world import addresses, create_world, replica_of, replicas

ALL = "all"


def replica(
    source: Annotated[str, typer.Argument(help="Which portal, such as eu_portal, or all.")],
    records: Annotated[Path | None, typer.Option("--records", help="JSON lines; else the sample.")] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    shift_days: Annotated[int, typer.Option(help="Move every date by so many days.")] = 0,
) -> None:
    """Serve a portal on this machine from records on disk, until it is stopped.

    Its address is printed first; of all portals at once, the variables to export.
    """
    known = replicas()
    if source == ALL:
        serve(create_world(known, shift_days), port, announce=lambda base: _say_variables(base, known))
        return
    if source not in known:
        raise ConfigurationError(f"`{source}` has no replica; there are: {', '.join([*known, ALL])}")
    portal = replica_of(source)
    try:
        rows = load_records(records or RECORDS / f"{source}.jsonl")
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    serve(portal.create_app(portal.shift_dates(rows, shift_days)), port, announce=say)


def _say_variables(base: str, sources: list[str]) -> None:
    for source, address in addresses(base, sources).items():
        say(f"export FUNDING_ADDRESS_{source.upper()}={address}")
