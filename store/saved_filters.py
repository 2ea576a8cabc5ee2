"""Views of the inbox that officers keep, each under a name of its own."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from store.errors import StoreError
from store.models import SavedFilter

MOST_FILTERS = 50
"""Of one officer: more are no list that anybody reads."""


class TooManyError(StoreError):
    """The officer keeps as many filters as there may be."""


def filters_of(session: Session, organisation: str, officer: str) -> Sequence[SavedFilter]:
    """By name."""
    statement = select(SavedFilter).where(
        SavedFilter.organisation == organisation, SavedFilter.officer == officer
    )
    return session.exec(statement.order_by(col(SavedFilter.name))).all()


def save_filter(
    session: Session, organisation: str, officer: str, name: str, query: str, now: datetime
) -> SavedFilter:
    """Keep `query` under `name`, in the place of what stood there. Raises TooManyError."""
    known = filters_of(session, organisation, officer)
    found = next((one for one in known if one.name == name), None)
    if found is None:
        if len(known) >= MOST_FILTERS:
            raise TooManyError(f"at most {MOST_FILTERS} filters can be saved")
        found = SavedFilter(organisation=organisation, officer=officer, name=name, query=query, saved_at=now)
    found.query, found.saved_at = query, now
    session.add(found)
    session.flush()
    return found


def delete_filter(session: Session, organisation: str, officer: str, filter_id: int) -> bool:
    """Whether there was such a filter of that officer."""
    known = filters_of(session, organisation, officer)
    found = next((one for one in known if one.id == filter_id), None)
    if found is None:
        return False
    session.delete(found)
    session.flush()
    return True
