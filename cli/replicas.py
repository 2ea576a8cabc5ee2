"""`funding replica`: a portal again, on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import say
from config.errors import ConfigurationError
from crawler.replicas.eu_portal import create_app, shift_dates
from crawler.replicas.sample import load_records
from crawler.replicas.serving import serve


def replica(
    source: Annotated[str, typer.Argument(help="Which portal to serve; eu_portal is there.")],
    records: Annotated[Path, typer.Option("--records", help="A file of records, one JSON object a line.")],
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    shift_days: Annotated[int, typer.Option(help="Move every date by so many days.")] = 0,
) -> None:
    """Serve a portal on this machine from records on disk, until it is stopped."""
    if source != "eu_portal":
        raise ConfigurationError(f"`{source}` has no replica; there is one of eu_portal")
    try:
        rows = load_records(records)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    serve(create_app(shift_dates(rows, shift_days)), port, announce=say)
