"""How fresh what we know is: the last reading of each source."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from config.organisation import Organisation
from config.schema import Source
from store.models import CrawlRun
from store.runs import last_runs


@dataclass(frozen=True)
class SourceHealth:
    """A source that is switched on and its last ended run.

    `kind` is the run's outcome (ok, partial, failed, empty), or `never` when there was none. `read_at` is when the
    source last gave calls (UTC), None when it never did: what is known of it is that old.
    """

    source: Source
    kind: str
    run: CrawlRun | None = None
    read_at: datetime | None = None

    @property
    def sound(self) -> bool:
        return self.kind == "ok"


def source_health(session: Session, organisation: Organisation) -> tuple[SourceHealth, ...]:
    """The health of each source that is switched on, in the order of the configuration."""
    runs = last_runs(session)
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
        )
        for source in organisation.sources
        if source.enabled
    )
