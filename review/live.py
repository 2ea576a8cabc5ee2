"""The live calls as the database finds them: what `notifier.items` says of each, for lists of a hundred thousand."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from config.organisation import Organisation
from store.models import Match, SameCall
from store.spans import CallSpan

NOT_OPEN = "not_open"
_Copy = aliased(CallSpan)


def live_matches(organisation: Organisation, now: datetime, *columns: Any) -> Select[Any]:
    """Select `columns` of `Match` and of the span (`CallSpan`) of its call at `now`; copies are left out.

    The call's own word for its state counts. One that is closed for want of a deadline ahead is live by that of another
    source: it is not lost because its face does not know the deadline.
    """
    elsewhere = (
        exists()
        .where(col(SameCall.face_id) == Match.call_id, col(_Copy.call_id) == SameCall.call_id)
        .where(*_at(_Copy, now), col(_Copy.day).is_not(None))
    )
    dated = func.coalesce(CallSpan.dated, False)
    return (
        select(*columns)
        .select_from(Match)
        .outerjoin(CallSpan, and_(col(CallSpan.call_id) == Match.call_id, *_at(CallSpan, now)))
        .where(
            col(Match.organisation) == organisation.key,
            ~exists().where(col(SameCall.call_id) == Match.call_id),
            or_(col(CallSpan.live), and_(~dated, elsewhere)),
        )
    )


def by_rank(now: datetime) -> tuple[Any, ...]:
    """The order of `notifier.items.ranked_items`."""
    return col(Match.score).desc(), entry_day(now).asc().nulls_last(), col(Match.call_id)


def entry_day(now: datetime) -> ColumnElement[Any]:
    """The day by which a newcomer can enter; that of a copy where the call itself has no deadline ahead."""
    elsewhere = (
        select(func.min(_Copy.day))
        .join(SameCall, col(SameCall.call_id) == _Copy.call_id)
        .where(col(SameCall.face_id) == Match.call_id, *_at(_Copy, now))
        .correlate(Match)
        .scalar_subquery()
    )
    return case((col(CallSpan.dated), CallSpan.day), else_=elsewhere)


def _at(span: Any, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return span.since < now, span.until >= now
