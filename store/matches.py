"""Matches of one organisation: replaced as a whole, since every score depends on all calls."""

from collections.abc import Iterable

from sqlalchemy import delete
from sqlmodel import Session, col, select

from store.models import Match


def replace_matches(session: Session, organisation: str, matches: Iterable[Match]) -> None:
    session.execute(delete(Match).where(col(Match.organisation) == organisation))
    session.add_all(matches)


def matches_of(session: Session, organisation: str) -> list[Match]:
    """Best first."""
    statement = select(Match).where(Match.organisation == organisation)
    return list(session.exec(statement.order_by(col(Match.score).desc(), col(Match.id))))
