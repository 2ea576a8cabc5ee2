"""`funding replica`: a portal again, on this machine."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import say
from config.errors import ConfigurationError
from crawler import replicas
from crawler.replicas.sample import RECORDS, load_records
from crawler.replicas.serving import serve


def replica(
    source: Annotated[str, typer.Argument(help="Which portal to serve, such as eu_portal.")],
    records: Annotated[Path | None, typer.Option("--records", help="JSON lines; else the sample.")] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 0,
    shift_days: Annotated[int, typer.Option(help="Move every date by so many days.")] = 0,
) -> None:
    """Serve a portal on this machine from records on disk, until it is stopped."""
    portal = find_replica(source)
    try:
        rows = load_records(records or RECORDS / f"{source}.jsonl")
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    serve(portal.create_app(portal.shift_dates(rows, shift_days)), port, announce=say)


def find_replica(source: str) -> Any:
    """The module of a source's replica: `create_app(records)` and `shift_dates(records, days)`."""
    folder = Path(replicas.__file__).parent
    known = sorted(path.stem for path in folder.glob("*.py") if (RECORDS / f"{path.stem}.jsonl").exists())
    if source not in known:
        raise ConfigurationError(f"`{source}` has no replica; there are: {', '.join(known)}")
    return import_module(f"crawler.replicas.{source}")
