"""Which calls an officer hears of now, and which stand in the summary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session, select

from config.organisation import Organisation
from config.schema import Officer
from notifier.gates import JUDGED, Gate, Place, Reader, in_own_order, matters, place_of, reader_of
from notifier.health import SourceHealth, source_health
from notifier.history import Version, later_versions
from notifier.items import BRUSSELS, Item, folded, model_of, ranked_items, unfolded
from notifier.sections import CLOSING, URGENT, Section
from store.models import Match

__all__ = [
    "BRUSSELS",
    "CLOSING",
    "Item",
    "Outlook",
    "Overview",
    "Section",
    "Selection",
    "Survey",
    "read_outlook",
    "select_all",
    "select_digest",
    "select_instant",
    "select_reminders",
    "survey",
    "unfolded",
]


@dataclass(frozen=True)
class Selection:
    """What one digest tells: items by section (empty sections are left out), best first.

    `more`: calls that were as good but did not fit; `hidden`: those that a rule excludes; `ranked`: live calls that
    the ranks count among, and `own_ranked` those of them that the officer's own ranks do; `model`: what ranked them.
    """

    sections: Mapping[Section, tuple[Item, ...]]
    more: int
    hidden: int
    ranked: int
    own_ranked: int
    health: tuple[SourceHealth, ...]
    model: str = ""

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections.values() for item in section)

    @property
    def calls(self) -> tuple[Item, ...]:
        """The items, and those that are told with them."""
        return unfolded(self.items)


@dataclass(frozen=True)
class Survey:
    """A selection, and by call where each one stands to the officer: those that are told, and what stops the others."""

    reader: Reader
    selection: Selection
    places: Mapping[int, Place]


@dataclass(frozen=True)
class Overview:
    """All that is matched: `items` by rank, each with those like it, `hidden` by a rule, and how many are closed.

    `model`: what ranked them.
    """

    items: tuple[Item, ...]
    hidden: tuple[Item, ...]
    closed: int
    health: tuple[SourceHealth, ...]
    model: str = ""


@dataclass(frozen=True)
class Outlook:
    """What all officers have in common at a moment: every match as it stands, how it changed, and the sources.

    Read once, it serves any number of them, even when its session is closed. `orders`: the items in the order of those
    who follow certain areas, as far as it was asked for.
    """

    items: Sequence[Item]
    versions: Mapping[int, Sequence[Version]]
    health: tuple[SourceHealth, ...]
    orders: dict[tuple[bool, frozenset[str]], Sequence[Item]] = field(default_factory=dict)


def read_outlook(session: Session, organisation: Organisation, now: datetime) -> Outlook:
    return Outlook(
        items=ranked_items(session, organisation, now),
        versions=later_versions(session, select(Match.call_id).where(Match.organisation == organisation.key)),
        health=source_health(session, organisation),
    )


def select_digest(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    outlook: Outlook | None = None,
) -> Selection:
    """The calls that `officer` is told of at `now`: at most `officer.limit`, each in one section."""
    return survey(session, organisation, officer, now, outlook, whole=False).selection


def select_instant(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    outlook: Outlook | None = None,
) -> Selection:
    """The calls that cannot wait: those from `officer.instant_from` on of which the officer was never told."""
    return survey(session, organisation, officer, now, outlook, at_once=True, whole=False).selection


def select_reminders(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    outlook: Outlook | None = None,
) -> Selection:
    """The reminders that cannot wait for the next digest: of what was shortlisted and closes within a week."""
    found = select_digest(session, organisation, officer, now, outlook)
    urgent = tuple(
        item
        for item in found.sections.get(Section.REMINDER, ())
        if item.days_left is not None and item.days_left <= URGENT
    )
    return replace(found, sections={Section.REMINDER: urgent} if urgent else {}, more=0)


def select_all(session: Session, organisation: Organisation, now: datetime) -> Overview:
    """Every match of the organisation as it stands at `now`."""
    outlook = read_outlook(session, organisation, now)
    live = [_with_latest(item, outlook.versions.get(item.call_id, [])) for item in outlook.items if item.live]
    return Overview(
        items=tuple(folded([item for item in live if not item.excluded])),
        hidden=tuple(item for item in live if item.excluded),
        closed=len(outlook.items) - len(live),
        health=outlook.health,
        model=model_of(outlook.items),
    )


def survey(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    outlook: Outlook | None = None,
    *,
    at_once: bool = False,
    whole: bool = True,
) -> Survey:
    """Send every match through the gates, and share the mail among those that pass.

    `outlook`: that of `now`, where it was read already. Not `whole`: only those matches that the selection can tell or
    count, which is all that a digest needs.
    """
    outlook = outlook or read_outlook(session, organisation, now)
    reader = reader_of(session, organisation, officer, now, outlook.versions, at_once=at_once)
    ordered = outlook.orders.get(key := (reader.has_areas, reader.areas)) or in_own_order(
        reader, outlook.items
    )
    outlook.orders[key] = ordered
    found = [place_of(reader, item) for item in ordered if whole or matters(reader, item)]
    eligible: dict[Section, list[Item]] = {section: [] for section in Section}
    for place in found:
        if place.gate is None and place.section is not None:
            eligible[place.section].append(place.item)
    waiting = {section: folded(those, by_change=True) for section, those in eligible.items()}
    chosen = _share(waiting, officer.limit)
    selection = Selection(
        sections=chosen,
        more=sum(map(len, eligible.values())) - sum(len(unfolded(those)) for those in chosen.values()),
        hidden=sum(_hidden_by_a_rule(place) for place in found),
        ranked=sum(item.rank > 0 for item in outlook.items),
        own_ranked=sum(item.own_rank > 0 for item in ordered),
        health=outlook.health,
        model=model_of(outlook.items),
    )
    places = {place.item.call_id: place for place in found}
    for section, those in waiting.items():
        for number, item in enumerate(those, start=1):
            gate = None if number <= len(chosen.get(section, ())) else Gate.LIMIT
            for one in unfolded([item]):
                place = places[one.call_id]
                places[one.call_id] = replace(place, gate=gate, number=number, places=len(those))
    return Survey(reader, selection, places)


def _hidden_by_a_rule(place: Place) -> bool:
    """Whether nothing but a rule keeps a call out. It also ranks it low: that must not hide that it was hidden."""
    return place.gate is not None and Gate.RULE in place.failed and place.failed <= JUDGED


def _with_latest(item: Item, versions: Sequence[Version]) -> Item:
    if not versions:
        return item
    return replace(item, changes=versions[-1].changes, changed_at=versions[-1].seen_at)


def _share(eligible: Mapping[Section, list[Item]], limit: int) -> dict[Section, tuple[Item, ...]]:
    """The best of each section in turn until `limit` is reached; sections that stay empty are left out."""
    taken = dict.fromkeys(eligible, 0)
    for _ in range(min(limit, sum(map(len, eligible.values())))):
        waiting = [section for section, items in eligible.items() if len(items) > taken[section]]
        taken[min(waiting, key=taken.__getitem__)] += 1
    return {section: tuple(items[: taken[section]]) for section, items in eligible.items() if taken[section]}
