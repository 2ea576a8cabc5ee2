"""Whether anything was stored since somebody last looked: cheaper to ask than what there is."""

from collections.abc import Hashable
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from store.models import CallVersion, CrawlRun, Decision, Match, SameCall, Stage
from store.spans import CallSpan


def revision(session: Session, organisation: str, now: datetime) -> Hashable:
    """Another one than before as soon as a call, its match or what officers decided is shown in another way.

    What a crawl corrects without making a new version of it shows when the crawl ends. A deadline that passes is a change
    too.
    """
    return tuple(tuple(row) for one in _marks(organisation, now) for row in session.execute(one))


def _marks(organisation: str, now: datetime) -> tuple[Select[*tuple[Hashable, ...]], ...]:
    same = select(func.count(), func.sum(col(SameCall.call_id)), func.sum(col(SameCall.face_id)))
    # All matches are written at once: any of them tells of the others.
    ours = col(Match.organisation) == organisation
    ranking = select(col(Match.matched_at), col(Match.model), col(Match.profile_hash)).where(ours)
    return (
        select(func.max(col(CallVersion.id))),
        select(func.max(col(CrawlRun.id)), func.count(col(CrawlRun.ended_at))),
        same.select_from(SameCall),
        select(func.count()).select_from(Match).where(ours),
        ranking.order_by(col(Match.call_id).desc()).limit(1),
        *(_said(table, organisation) for table in (Decision, Stage)),
        select(func.max(col(CallSpan.until))).where(col(CallSpan.until) < now),
    )


def _said(table: type[Decision] | type[Stage], organisation: str) -> Select[*tuple[Hashable, ...]]:
    """Rows are added, taken back, and in the end deleted."""
    counted = select(func.max(col(table.id)), func.count(), func.count(col(table.withdrawn_at)))
    return counted.where(col(table.organisation) == organisation)
