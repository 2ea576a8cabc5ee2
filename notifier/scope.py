"""Which calls an export, a feed or a calendar holds: all, those of an area, or those of an officer."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from config.organisation import Organisation, Text
from config.schema import Officer, PolicyArea
from notifier.gates import GATES
from notifier.items import Item, unfolded
from notifier.selection import Overview, select_all, survey
from notifier.words import Words


@dataclass(frozen=True)
class Scope:
    """Live calls, each by itself: `items` the best first, `hidden` those that a rule excludes.

    `key` is what permanent ids of feeds are made of: `all`, `area/mobility`, `officer/ecology`. `name` is whose they are.
    """

    key: str
    name: Text
    items: tuple[Item, ...]
    hidden: tuple[Item, ...]

    @property
    def calls(self) -> tuple[Item, ...]:
        return (*self.items, *self.hidden)

    def title(self, words: Words) -> str:
        return words.gettext("Funding calls: %(name)s", name=self.name[words.language])

    def deadlines_title(self, words: Words) -> str:
        return words.gettext("Funding deadlines: %(name)s", name=self.name[words.language])


def all_calls(session: Session, organisation: Organisation, now: datetime) -> Scope:
    overview = select_all(session, organisation, now)
    return Scope("all", organisation.profile.name, _single(_ranked(overview)), _single(overview.hidden))


def calls_of_area(session: Session, organisation: Organisation, area: PolicyArea, now: datetime) -> Scope:
    """The calls that touch `area`, by their rank among all."""
    overview = select_all(session, organisation, now)

    def touching(items: Iterable[Item]) -> Iterable[Item]:
        return (item for item in items if any(one["id"] == area.id for one in item.match.areas))

    return Scope(
        f"area/{area.id}",
        area.name,
        _single(touching(_ranked(overview))),
        _single(touching(overview.hidden)),
    )


def calls_of_officer(session: Session, organisation: Organisation, officer: Officer, now: datetime) -> Scope:
    """The calls that pass the gates of the officer's digest, told before or not, in the officer's own order.

    None is hidden here: the officer asked for less than there is, and rules are but one of the reasons.
    """
    overview = select_all(session, organisation, now)
    latest = {item.call_id: item for item in (*unfolded(overview.items), *overview.hidden)}
    passing = (
        replace(latest[call_id], own_rank=place.item.own_rank)
        for call_id, place in survey(session, organisation, officer, now).places.items()
        if place.gate not in GATES
    )
    return Scope(f"officer/{officer.id}", officer.name, _single(passing), ())


def updated_at(item: Item) -> datetime:
    """When the call was first seen as it is now (UTC)."""
    return item.changed_at or item.call.first_seen_at


def _ranked(overview: Overview) -> list[Item]:
    return sorted(unfolded(overview.items), key=lambda item: item.rank)


def _single(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(replace(item, alike=()) for item in items)
