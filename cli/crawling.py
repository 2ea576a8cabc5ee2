"""Sources and calls: crawl, sources, calls, replica."""

from dataclasses import dataclass
from typing import Annotated, Any

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
from config.clock import clock, local_day
from config.errors import ConfigurationError
from config.organisation import Organisation
from config.schema import Source
from crawler.runner import RunResult
from crawler.runner import crawl as crawl_source
from store.calls import find_calls
from store.models import Call, CrawlRun
from store.records import CallRecord
from store.runs import last_runs
from store.states import State, state


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


def sources(as_json: AsJson = False) -> None:
    """The portals: on or off and why, and how their last reading went."""
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


def calls(
    status: Annotated[str, typer.Option(help="all, open, forthcoming or closed.")] = "open",
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """The calls in the store, with the state that their deadlines give them."""
    if status not in ("all", "open", "forthcoming", "closed"):
        raise typer.BadParameter(
            f"`{status}` is none of all, open, forthcoming, closed", param_hint="--status"
        )
    wanted = None if status == "all" else State(status)
    now = clock(today)
    with installation() as (_, database, _), database.reading() as session:
        found = find_calls(session, wanted, now)
        if as_json:
            print_json([_whole(call, state(call, now)) for call in found])
            return
        print_table(
            f"{len(found)} calls",
            ("key", "identifier", "state", "deadline", "title"),
            [
                (
                    call.source_key,
                    ", ".join(call.identifiers),
                    state(call, now),
                    ", ".join(str(deadline.day or deadline.prose) for deadline in call.deadlines),
                    call.title,
                )
                for call in found
            ],
        )


def _whole(call: Call, now_is: State) -> dict[str, Any]:
    """A call with all that is stored of it; `state` is by the clock, `status` the source's word."""
    deadlines = [deadline.model_dump(mode="json", exclude={"id", "call_id"}) for deadline in call.deadlines]
    facts = call.model_dump(mode="json", exclude={"id"}) | {"state": now_is, "deadlines": deadlines}
    return {name: facts[name] for name in ("state", *CallRecord.model_fields)} | facts
