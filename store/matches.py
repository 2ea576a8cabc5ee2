"""Matches of one organisation: replaced as a whole, since every score depends on all calls."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from store.models import Match

AT_ONCE = 500
"""Matches that are written at a time: objects of all at once would take more memory than the ranking itself."""


def replace_matches(session: Session, organisation: str, matches: Iterable[Mapping[str, Any]]) -> None:
    """`matches`: the columns of `store.models.Match`, by name, but its id."""
    session.execute(delete(Match).where(col(Match.organisation) == organisation))
    remaining = iter(matches)
    while some := list(islice(remaining, AT_ONCE)):
        session.execute(insert(Match), some)


def matches_of(session: Session, organisation: str) -> list[Match]:
    """Best first."""
    statement = select(Match).where(Match.organisation == organisation)
    return list(session.exec(statement.order_by(col(Match.score).desc(), col(Match.id))))
