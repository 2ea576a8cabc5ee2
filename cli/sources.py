"""`funding sources`: the portals, how their last reading went, and what a look at them finds."""

from dataclasses import dataclass
from typing import Any

import typer

from cli.checking import check
from cli.output import AsJson, Today, installation, print_json, print_table
from config.clock import clock, local_day
from config.schema import Source
from notifier.health import SourceHealth, health_of
from notifier.health_words import health_state
from notifier.words import words_in
from store.checks import verified_live
from store.runs import detection_lags

sources = typer.Typer(help="The portals: on or off and why, and how their last reading went.")


@sources.callback(invoke_without_command=True)
def show(context: typer.Context, today: Today = None, as_json: AsJson = False) -> None:
    if context.invoked_subcommand is not None:
        return
    with installation() as (_, database, organisation), database.reading() as session:
        verified, lags = verified_live(session), detection_lags(session)
        rows = [
            _Row(
                health,
                state=_state(health.source, verified),
                remark=_reason(health.source) or health_state(words_in("en"), health, clock(today)),
                lag=lags.get(health.source.key),
            )
            for health in health_of(session, organisation.sources)
        ]
    if as_json:
        print_json([row.as_json() for row in rows])
        return
    print_table(
        "Sources",
        ("key", "state", "last read", "outcome", "seen#", "new#", "lag#", "remark"),
        [row.as_cells() for row in rows],
        wrap=True,
    )


def _reason(source: Source) -> str:
    return f"Cannot be switched on. {source.reason}" if source.forbidden else source.reason


def _state(source: Source, verified: set[str]) -> str:
    """`unverified`: neither a recording nor a look at the portal has shown that its answers are read as they are."""
    if not source.enabled:
        return "off"
    return "on" if source.verified or source.key in verified else "unverified"


@dataclass(frozen=True)
class _Row:
    """`lag` in days from publication to when a call was first seen: the median."""

    health: SourceHealth
    state: str
    remark: str
    lag: float | None

    def as_json(self) -> dict[str, Any]:
        source, run = self.health.source, self.health.run
        return {
            "key": source.key,
            "name": source.name,
            "state": self.state,
            "reason": source.reason,
            "address": source.address,
            "page": source.page,
            "cadence": source.cadence,
            "delay": source.delay,
            "remark": self.remark,
            "usual": self.health.usual,
            "lost": self.health.lost,
            "lag_days": self.lag,
            "last_run": run.model_dump(exclude={"id", "source"}) if run else None,
        }

    def as_cells(self) -> tuple[Any, ...]:
        run = self.health.run
        if run is None:
            return (self.health.source.key, self.state, "never", None, None, None, None, self.remark)
        read = local_day(run.ended_at) if run.ended_at else None
        lag = None if self.lag is None else f"{self.lag:g} d"
        return (self.health.source.key, self.state, read, run.outcome, run.seen, run.new, lag, self.remark)


sources.command("check")(check)
