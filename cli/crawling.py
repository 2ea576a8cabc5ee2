"""`funding crawl`: portals read by hand."""

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
    progress_bar,
)
from config.errors import ConfigurationError
from config.organisation import Organisation
from config.schema import Source
from crawler.identity import identify_calls
from crawler.runner import RunResult
from crawler.runner import crawl as crawl_source


def crawl(
    sources: Annotated[list[str] | None, typer.Argument(help="Which sources; none: all that are on.")] = None,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Read portals now."""
    with installation() as (settings, database, organisation):
        runs = []
        for source in _chosen(organisation, sources or []):
            with progress_bar(source.name, shown=not as_json) as progress:
                runs.append(crawl_source(source.key, settings, database, today, progress))
        identify_calls(database, organisation)
    if as_json:
        print_json({"runs": [run.as_json() for run in runs]})
    else:
        print_runs(runs)
    raise typer.Exit(_exit_code(runs))


def _chosen(organisation: Organisation, keys: list[str]) -> list[Source]:
    if not keys:
        return [source for source in organisation.sources if source.enabled]
    chosen = []
    for key in keys:
        source = organisation.source(key)
        if source is None:
            known = ", ".join(source.key for source in organisation.sources)
            raise ConfigurationError(f"`{key}` is no source; there are: {known}")
        if source.forbidden:
            raise ConfigurationError(f"{key} is switched off for good: {source.reason}")
        if not source.enabled:
            raise ConfigurationError(f"{key} is switched off: {source.reason}")
        chosen.append(source)
    return chosen


def _exit_code(runs: list[RunResult]) -> int:
    codes = {EXIT_CODES[run.outcome] for run in runs}
    return codes.pop() if len(codes) == 1 else EXIT_CODES["partial"] if codes else 0


def print_runs(runs: list[RunResult]) -> None:
    print_table(
        "Crawl",
        ("source", "outcome", "seen#", "declared#", "new#", "changed#", "quarantined#", "seconds#"),
        [(r.source, r.outcome, r.seen, r.declared, r.new, r.changed, r.quarantined, r.seconds) for r in runs],
    )
    for run in runs:
        if run.detail:
            complain(f"{run.source}: {run.detail}")
