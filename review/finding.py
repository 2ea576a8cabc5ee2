"""The calls that a filter leaves, found by the database: there can be a hundred thousand."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_
from sqlmodel import Session, col, func, select

from config.organisation import Organisation
from notifier.items import BRUSSELS
from review.filters import NONE, Filter, Sort
from review.live import NOT_OPEN, by_rank, entry_day, live_matches
from store.decisions import SUBJECTS, Subject, Verdict
from store.models import Assignment, Decision, Match, SameCall, Stage
from store.search import matching
from store.spans import CallSpan, MatchArea

MOST_COUNTED = 2_000
"""Calls that are counted, and that can be turned to page by page: more than are open at any time, fewer than are kept."""
ON_RELEVANCE = tuple(verdict for verdict, subject in SUBJECTS.items() if subject is Subject.RELEVANCE)


def found_calls(
    session: Session, organisation: Organisation, asked: Filter, now: datetime, per_page: int
) -> tuple[int, Sequence[int]]:
    """How many live calls that no rule excludes `asked` leaves, without copies, and those of its page in its order.

    They are counted up to one more than MOST_COUNTED, which says that there are more than that.
    """
    wanted = _wanted(session, organisation, asked, now)
    counted = select(func.count()).select_from(wanted.limit(MOST_COUNTED + 1).subquery())
    total = session.execute(counted).scalar_one()
    place = min(asked.page, pages_of(total, per_page))
    ids = wanted.order_by(*_order(asked, now)).offset((place - 1) * per_page).limit(per_page)
    return total, session.execute(ids).scalars().all()


def pages_of(total: int, per_page: int) -> int:
    return max(1, -(-min(total, MOST_COUNTED) // per_page))


def programmes(session: Session, at_most: int) -> Sequence[str]:
    """Those of calls that are not closed for good, in their order: each is the next one in the index, found by its own."""
    name = CallSpan.programme
    named = select(func.min(name).label("name")).where(name != "").cte(recursive=True)
    following = select(func.min(name)).where(name > named.c.name).scalar_subquery()
    named = named.union_all(select(following).where(named.c.name.is_not(None)))
    statement = select(named.c.name).where(named.c.name.is_not(None)).limit(at_most)
    return session.execute(statement).scalars().all()


def _wanted(session: Session, organisation: Organisation, asked: Filter, now: datetime) -> Select[Any]:
    statement = live_matches(organisation, now, Match.call_id).where(col(Match.verdict) != NOT_OPEN)
    return statement.where(*_conditions(session, organisation, asked, now))


def _order(asked: Filter, now: datetime) -> tuple[Any, ...]:
    best = by_rank(now)
    match asked.sort:
        case Sort.DEADLINE:
            return (entry_day(now).asc().nulls_last(), *best)
        case Sort.BUDGET:
            return (col(CallSpan.euro_cents).desc().nulls_last(), *best)
        case Sort.NEWEST:
            return (col(CallSpan.first_seen_at).desc().nulls_last(), *best)
        case _:
            return best


def _conditions(
    session: Session, organisation: Organisation, asked: Filter, now: datetime
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.q and (words := matching(session, asked.q)) is not None:
        found.append(_in_any_source(words))
    if asked.area:
        found.append(_touches([asked.area]))
    if asked.line:
        found.append(_touches([area.id for area in organisation.areas if asked.line in area.lines]))
    if asked.programme:
        found.append(col(CallSpan.programme) == asked.programme)
    if asked.days is not None:
        last = now.astimezone(BRUSSELS).date() + timedelta(days=asked.days)
        found.append(entry_day(now) <= last)
    if asked.budget is not None:
        found.append(col(CallSpan.euro_cents) >= asked.budget * 100)
    if asked.verdict:
        known = ["open", "unlikely", NOT_OPEN]
        told = col(Match.verdict)
        found.append(told == asked.verdict if asked.verdict in known else told.not_in(known))
    if asked.source:
        found.append(_in_any_source(select(CallSpan.call_id).where(CallSpan.source == asked.source)))
    if asked.language:
        found.append(col(CallSpan.languages).contains(f" {asked.language} ", autoescape=True))
    return [*found, *_by_officers(organisation.key, asked)]


def _touches(areas: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(col(MatchArea.match_id) == Match.id, col(MatchArea.area).in_(areas))


def _in_any_source(calls: Select[Any]) -> ColumnElement[bool]:
    """Of `calls`, or the face of one of them."""
    found = calls.cte().select()  # looked for once
    faces = select(SameCall.face_id).where(col(SameCall.call_id).in_(found))
    return or_(col(Match.call_id).in_(found), col(Match.call_id).in_(faces))


def _by_officers(organisation: str, asked: Filter) -> list[ColumnElement[bool]]:
    found = []
    if asked.stage:
        kept = (Stage.organisation == organisation, col(Stage.withdrawn_at).is_(None))
        found.append(_last_word(Stage, kept, col(Stage.stage), asked.stage))
    if asked.officer:
        said = (Assignment.organisation == organisation,)
        if asked.officer == NONE:
            anybody = _faces_of(
                Assignment, col(Assignment.id).in_(_last(Assignment, said)), col(Assignment.officer) != ""
            )
            found.append(col(Match.call_id).not_in(anybody))
        else:
            found.append(_last_word(Assignment, said, col(Assignment.officer), asked.officer))
    if asked.decided:
        counts = (
            Decision.organisation == organisation,
            col(Decision.withdrawn_at).is_(None),
            col(Decision.verdict).in_(ON_RELEVANCE),
        )
        last = col(Decision.id).in_(_last(Decision, counts, Decision.officer))
        wanted = _faces_of(Decision, last, Decision.verdict == Verdict.RELEVANT)
        if asked.decided != Verdict.RELEVANT:
            found.append(col(Match.call_id).not_in(wanted))
        if asked.decided == Verdict.RELEVANT:
            found.append(col(Match.call_id).in_(wanted))
        elif asked.decided == NONE:
            found.append(col(Match.call_id).not_in(_faces_of(Decision, *counts)))
        else:
            found.append(col(Match.call_id).in_(_faces_of(Decision, *counts)))
    return found


def _last_word(table: Any, kept: Sequence[Any], column: Any, wanted: str) -> ColumnElement[bool]:
    if wanted == NONE:
        return col(Match.call_id).not_in(_faces_of(table, *kept))
    return col(Match.call_id).in_(_faces_of(table, table.id.in_(_last(table, kept)), column == wanted))


def _last(table: Any, kept: Sequence[Any], *by: Any) -> Select[Any]:
    """The ids of the last rows of each call, in whichever source it was looked at."""
    return (
        select(func.max(table.id))
        .outerjoin(SameCall, col(SameCall.call_id) == table.call_id)
        .where(*kept)
        .group_by(func.coalesce(SameCall.face_id, table.call_id), *by)
    )


def _faces_of(table: Any, *where: Any) -> Select[Any]:
    face = func.coalesce(SameCall.face_id, table.call_id)
    return (
        select(face)
        .select_from(table)
        .outerjoin(SameCall, col(SameCall.call_id) == table.call_id)
        .where(*where)
    )
