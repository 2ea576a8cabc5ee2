"""What feeds and calendars of many calls hold, as `notifier.scope` has it: of the live calls alone anything is read."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlmodel import Session

from config.organisation import Organisation
from config.schema import PolicyArea
from notifier.feeds import LONGEST
from notifier.items import Item
from notifier.scope import Scope
from review.api_models import Search
from review.listing import Listed, listed, newest, read_listed

AT_ONCE = 500
"""Calls that are asked for in one statement."""


def newest_scope(
    session: Session, organisation: Organisation, area: PolicyArea | None, now: datetime
) -> Scope:
    """The calls that a feed has room for: all, or those that touch `area`."""
    some = newest(session, organisation, _search(area), now, LONGEST)
    return _scope(organisation, area, _read(session, organisation, some, now))


def live_scope(session: Session, organisation: Organisation, area: PolicyArea | None, now: datetime) -> Scope:
    """All live calls that no rule excludes, or those of them that touch `area`, by their rank among all."""
    some = [one for one in listed(session, organisation, _search(area), now) if one.rank]
    return _scope(organisation, area, _read(session, organisation, some, now))


def _search(area: PolicyArea | None) -> Search:
    return Search(area=area.id if area else None)


def _scope(organisation: Organisation, area: PolicyArea | None, items: Iterator[Item]) -> Scope:
    if area is None:
        return Scope("all", organisation.profile.name, tuple(items), ())
    return Scope(f"area/{area.id}", area.name, tuple(items), ())


def _read(
    session: Session, organisation: Organisation, some: Sequence[Listed], now: datetime
) -> Iterator[Item]:
    remaining = iter(some)
    while part := list(islice(remaining, AT_ONCE)):
        yield from read_listed(session, organisation, part, now)
