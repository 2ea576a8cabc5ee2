"""How fresh and how whole what we know is: the last reading of each source, beside what is usual there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import func
from sqlmodel import Session, col, select

from config.organisation import Organisation
from config.schema import Source
from store.models import CrawlRun
from store.runs import last_runs, trailing_runs

ENOUGH_RUNS = 3
"""Readings before which nothing is usual yet."""
ENOUGH_ROWS = 10
"""Rows, or records, below which a difference is chance: a list of three calls that has one today is no fault."""
WATCHED = ("deadlines", "texts", "budget_cents", "opening", "applicants", "conditions", "programme")
"""The fields whose loss would make calls that matter look as if they did not."""


@dataclass(frozen=True)
class SourceHealth:
    """A source and its last ended run.

    `kind` is the run's outcome (ok, partial, failed, empty), or `never` when there was none. `read_at` is when the
    source last gave calls (UTC), None when it never did: what is known of it is that old. `usual` is the median of the
    rows that earlier readings saw, None while there are too few; `lost` are the fields that most calls used to state
    and hardly one states now.
    """

    source: Source
    kind: str
    run: CrawlRun | None = None
    read_at: datetime | None = None
    usual: int | None = None
    lost: tuple[str, ...] = ()

    @property
    def thin(self) -> bool:
        """Whether there were less than half as many rows as usual: a part of the portal may be missing."""
        return self.run is not None and self.usual is not None and 2 * self.run.seen < self.usual

    @property
    def sound(self) -> bool:
        return self.kind == "ok" and not self.thin and not self.lost


def source_health(session: Session, organisation: Organisation) -> tuple[SourceHealth, ...]:
    """The health of each source that is switched on, in the order of the configuration."""
    return health_of(session, (source for source in organisation.sources if source.enabled))


def health_of(session: Session, sources: Iterable[Source]) -> tuple[SourceHealth, ...]:
    runs, trailing = last_runs(session), trailing_runs(session)
    read = select(CrawlRun.source, func.max(CrawlRun.ended_at)).where(
        col(CrawlRun.outcome).in_(("ok", "partial"))
    )
    read_at = dict(session.exec(read.group_by(CrawlRun.source)).all())
    return tuple(
        SourceHealth(
            source=source,
            kind=runs[source.key].outcome if source.key in runs else "never",
            run=runs.get(source.key),
            read_at=read_at.get(source.key),
            usual=usual_rows(trailing.get(source.key, [])),
            lost=lost_fields(runs[source.key], trailing[source.key]) if source.key in runs else (),
        )
        for source in sources
    )


def usual_rows(earlier: Sequence[CrawlRun]) -> int | None:
    """The median of the rows seen; None while there are too few readings or rows to speak of what is usual."""
    rows = [run.seen for run in earlier if run.outcome == "ok"]
    usual = int(median(rows)) if len(rows) >= ENOUGH_RUNS else 0
    return usual if usual >= ENOUGH_ROWS else None


def lost_fields(run: CrawlRun, earlier: Sequence[CrawlRun]) -> tuple[str, ...]:
    """The watched fields that half of the calls stated in most earlier readings, and now one in twenty at most."""
    whole = [before for before in earlier if before.records >= ENOUGH_ROWS]
    if run.records < ENOUGH_ROWS or len(whole) < ENOUGH_RUNS:
        return ()
    return tuple(
        field
        for field in WATCHED
        if _share(run, field) <= 1 / 20 and median(_share(before, field) for before in whole) >= 1 / 2
    )


def _share(run: CrawlRun, field: str) -> float:
    return run.coverage.get(field, 0) / run.records
