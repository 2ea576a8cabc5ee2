"""`funding sources`: the portals, how their last reading went, and what a look at them finds."""

from dataclasses import dataclass
from typing import Any

import typer

from cli.output import AsJson, installation, print_json, print_table
from config.clock import local_day
from config.schema import Source
from store.models import CrawlRun
from store.runs import last_runs

sources = typer.Typer(help="The portals: on or off and why, and how their last reading went.")


@sources.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is not None:
        return
    with installation() as (_, database, organisation):
        with database.reading() as session:
            runs = last_runs(session)
        rows = [_source_row(source, runs.get(source.key)) for source in organisation.sources]
    if as_json:
        print_json([row.as_json() for row in rows])
        return
    print_table(
        "Sources",
        ("key", "state", "last read", "outcome", "seen#", "new#", "remark"),
        [row.as_cells() for row in rows],
        wrap=True,
    )


@dataclass(frozen=True)
class _SourceRow:
    source: Source
    run: CrawlRun | None

    @property
    def state(self) -> str:
        if not self.source.enabled:
            return "off"
        return "on" if self.source.verified else "unverified"

    def as_json(self) -> dict[str, Any]:
        last_run = self.run.model_dump(exclude={"id", "source"}) if self.run else None
        return {
            "key": self.source.key,
            "name": self.source.name,
            "state": self.state,
            "reason": self.source.reason,
            "address": self.source.address,
            "page": self.source.page,
            "cadence": self.source.cadence,
            "last_run": last_run,
        }

    def as_cells(self) -> tuple[Any, ...]:
        run = self.run
        if run is None:
            return (self.source.key, self.state, "never", None, None, None, self.source.reason)
        read = local_day(run.ended_at) if run.ended_at else None
        remark = self.source.reason or run.detail
        return (self.source.key, self.state, read, run.outcome, run.seen, run.new, remark)


def _source_row(source: Source, run: CrawlRun | None) -> _SourceRow:
    return _SourceRow(source, run)
