"""The calls of the API's lists, found by the database: to answer with twenty, no text of the others is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import nsmallest

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, or_, select
from sqlmodel import Session, col, func

from config.organisation import Organisation
from notifier.common_grants import STATUSES
from notifier.items import Item
from review.api_models import Search
from review.live import NOT_OPEN, by_rank, live_matches
from review.loading import read_items
from store.models import Call, CallVersion, Match, SameCall
from store.spans import CallSpan, MatchArea
from store.states import State

STATES: Mapping[str, State] = {word: state for state, word in STATUSES.items()}


@dataclass(frozen=True)
class Listed:
    """A call of a list. `rank` is its place among the live calls that no rule excludes, from 1; 0 for the others."""

    call_id: int
    rank: int


@dataclass(frozen=True)
class Page:
    """The calls of a page of a list, and how many stand on all its pages."""

    calls: Sequence[Listed]
    total: int


def listed(session: Session, organisation: Organisation, search: Search, now: datetime) -> Sequence[Listed]:
    """What `search` asks for on all its pages, in the order of `notifier.scope.all_calls`."""
    live = _live(organisation, now)
    statement = select(live.c.call_id, live.c.rank).where(*_conditions(live, search))
    return [Listed(*row) for row in session.execute(statement.order_by(live.c.place))]


def listed_page(session: Session, organisation: Organisation, search: Search, now: datetime) -> Page:
    """As `listed`, of the page that `search` asks for."""
    live = _live(organisation, now)
    found = select(live.c.call_id, live.c.rank, func.count().over()).where(*_conditions(live, search))
    first = (search.page - 1) * search.page_size
    rows = session.execute(found.order_by(live.c.place).limit(search.page_size).offset(first)).all()
    if rows or not first:
        return Page([Listed(*row[:2]) for row in rows], rows[0][2] if rows else 0)
    counted = select(func.count()).select_from(live).where(*_conditions(live, search))
    return Page([], session.execute(counted).scalar_one())


def newest(
    session: Session, organisation: Organisation, search: Search, now: datetime, most: int
) -> Sequence[Listed]:
    """The calls of all pages that no rule excludes and that were new or changed last, in the order of `notifier.feeds`."""
    live = _live(organisation, now)
    found = select(live.c.call_id, live.c.rank).where(live.c.rank > 0, *_conditions(live, search)).subquery()
    latest = and_(col(CallVersion.call_id) == col(Call.id), col(CallVersion.number) == col(Call.version))
    statement = (
        select(found, col(CallVersion.seen_at), col(Call.source), col(Call.source_key))
        .join(Call, col(Call.id) == found.c.call_id)
        .join(CallVersion, latest)
    )
    # A crawl sees thousands at the same moment, and databases order texts each in a way of its own.
    rows = nsmallest(
        most,
        session.execute(statement),
        key=lambda row: (-row.seen_at.timestamp(), row.source, row.source_key),
    )
    return [Listed(*row[:2]) for row in rows]


def rank_of(session: Session, organisation: Organisation, call: Call, now: datetime) -> int:
    """As in the list; 0 for a call that does not stand there."""
    live = _live(organisation, now)
    return session.execute(select(live.c.rank).where(live.c.call_id == call.id)).scalar_one_or_none() or 0


def read_listed(
    session: Session, organisation: Organisation, some: Sequence[Listed], now: datetime
) -> Iterator[Item]:
    """The calls themselves, of a page."""
    items = read_items(session, organisation, [one.call_id for one in some], now)
    return (replace(items[one.call_id], rank=one.rank) for one in some)


def _live(organisation: Organisation, now: datetime) -> Subquery:
    """The live calls as `notifier.items` has them, each with its place in the list: those that a rule excludes last.

    `stated`: the call's own word for its state counts; else it is live by the deadline of another source.
    """
    stated = func.coalesce(CallSpan.live, False)
    hidden = case((col(Match.verdict) == NOT_OPEN, 1), else_=0)
    place = func.row_number().over(order_by=(hidden, *by_rank(now)))
    return live_matches(
        organisation,
        now,
        col(Match.call_id),
        col(Match.id).label("match_id"),
        col(Match.verdict),
        stated.label("stated"),
        place.label("place"),
        case((hidden == 0, place), else_=0).label("rank"),
    ).subquery()


def _conditions(live: Subquery, search: Search) -> Iterator[ColumnElement[bool]]:
    if search.status:
        yield _in_state(live, search.status)
    if search.area is not None:
        yield exists().where(col(MatchArea.match_id) == live.c.match_id, col(MatchArea.area) == search.area)
    if search.source is not None:
        own = select(col(Call.id)).where(col(Call.source) == search.source)
        faces = select(col(SameCall.face_id)).where(col(SameCall.call_id).in_(own))
        yield or_(live.c.call_id.in_(own), live.c.call_id.in_(faces))
    if search.verdict:
        yield live.c.verdict == search.verdict
    if search.updated_since:
        # The first version is seen with the call itself: this is `notifier.scope.updated_at`.
        yield exists().where(
            col(CallVersion.call_id) == live.c.call_id, col(CallVersion.seen_at) >= search.updated_since
        )


def _in_state(live: Subquery, status: str) -> ColumnElement[bool]:
    wanted = STATES.get(status, State.UNKNOWN)
    own = exists().where(col(Call.id) == live.c.call_id, col(Call.status) == wanted)
    by_word: ColumnElement[bool] = and_(live.c.stated, own)
    return or_(by_word, ~live.c.stated) if wanted is State.UNKNOWN else by_word
