"""What a call must pass to be told to an officer: one chain of named gates, for the digest and for its explanation."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from statistics import pstdev

from sqlmodel import Session

from config.organisation import Organisation
from config.schema import Geography, Officer
from notifier.geography import geographies, programmes_of_partners
from notifier.history import Told, Version, is_news, merge, told
from notifier.items import BRUSSELS, Item
from notifier.sections import Section, section_of
from store.decisions import set_aside, standing
from store.models import Decision, Stage
from store.stages import PURSUED, CallStage, current_stages
from store.states import State

FOCUS = 0.3
"""How many deviations of all scores a deviation of a call's strength in an area counts, to an officer of that area
alone. One of several areas shares it among them: some area is strong in nearly every call. Measured: docs/matching.md."""
SETTLED = frozenset(CallStage) - PURSUED - {CallStage.SEEN}


class Gate(StrEnum):
    """What can keep a call out of a digest, in the order in which it is asked."""

    RULE = "rule"
    CLOSED = "closed"
    AREAS = "areas"
    GEOGRAPHY = "geography"
    LANGUAGE = "language"
    KIND = "kind"
    MINIMUM = "minimum"
    SET_ASIDE = "set_aside"
    TOLD = "told"
    REMINDER = "reminder"
    """It is here for its reminders alone, and none is due."""
    HORIZON = "horizon"
    LIMIT = "limit"


@dataclass(frozen=True)
class Reader:
    """An officer at a moment: what they asked for, what they were told, decided and left to others.

    `at_once`: for the mail that is sent at once, which tells of the very best calls, each a single time.
    """

    officer: Officer
    organisation: Organisation
    now: datetime
    heard: Mapping[int, Sequence[Told]]
    versions: Mapping[int, Sequence[Version]]
    aside: Mapping[int, Decision]
    stages: Mapping[int, Stage]
    at_once: bool = False

    @property
    def today(self) -> date:
        return self.now.astimezone(BRUSSELS).date()

    @property
    def minimum(self) -> float:
        return self.officer.instant_from if self.at_once else self.officer.minimum

    @cached_property
    def areas(self) -> frozenset[str]:
        """The areas asked for, with those that serve the lines asked for."""
        lines = set(self.officer.lines)
        serving = (area.id for area in self.organisation.areas if lines.intersection(area.lines))
        return frozenset((*self.officer.areas, *serving))

    @property
    def has_areas(self) -> bool:
        return bool(self.officer.areas or self.officer.lines)

    @cached_property
    def by_programme(self) -> Mapping[str, frozenset[Geography]]:
        return programmes_of_partners(self.organisation)

    def geographies_of(self, item: Item) -> frozenset[Geography] | None:
        """Where the call's partners or beneficiaries are, with the partners that it names; None: it does not say."""
        stated = geographies(item.sources, self.by_programme)
        if stated is None:
            return None
        named = {one["id"] for one in item.match.named}
        return stated | {partner.geography for partner in self.organisation.partners if partner.id in named}

    def pursues(self, item: Item) -> bool:
        """Whether somebody here has shortlisted or is preparing it."""
        stage = self.stages.get(item.call_id)
        return stage is not None and stage.stage in PURSUED


def reader_of(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    versions: Mapping[int, Sequence[Version]],
    *,
    at_once: bool = False,
) -> Reader:
    return Reader(
        officer=officer,
        organisation=organisation,
        now=now,
        heard=told(session, organisation.key, officer.id),
        versions=versions,
        aside=set_aside(standing(session, organisation.key), officer.id),
        stages=current_stages(session, organisation.key),
        at_once=at_once,
    )


def touches(reader: Reader, item: Item) -> bool:
    return not reader.has_areas or any(area["id"] in reader.areas for area in item.match.areas)


def languages_of(item: Item) -> frozenset[str]:
    """The languages in which the sources have the call's title or text (ISO 639-1)."""
    return frozenset(language for call in item.sources for language in (*call.titles, *call.texts))


def _timely(_: Reader, item: Item) -> bool:
    return item.live and item.enterable


def _where_asked(reader: Reader, item: Item) -> bool:
    if not reader.officer.geography:
        return True
    stated = reader.geographies_of(item)
    return stated is None or not stated.isdisjoint(reader.officer.geography)


def _readable(reader: Reader, item: Item) -> bool:
    return not reader.officer.languages or not languages_of(item).isdisjoint(reader.officer.languages)


def _of_kind(reader: Reader, item: Item) -> bool:
    return not reader.officer.kinds or item.call.kind in reader.officer.kinds


GATES: Mapping[Gate, Callable[[Reader, Item], bool]] = {
    Gate.RULE: lambda _, item: not item.excluded,
    Gate.CLOSED: _timely,
    Gate.AREAS: touches,
    Gate.GEOGRAPHY: _where_asked,
    Gate.LANGUAGE: _readable,
    Gate.KIND: _of_kind,
    Gate.MINIMUM: lambda reader, item: item.match.percentile >= reader.minimum,
    Gate.SET_ASIDE: lambda reader, item: item.call_id not in reader.aside,
}
"""The gates at which a call can be stopped by what it is, and whether it passes."""
TASTE = frozenset({Gate.AREAS, Gate.GEOGRAPHY, Gate.LANGUAGE, Gate.KIND})
JUDGED = frozenset({Gate.RULE, Gate.MINIMUM})
"""What the matcher says of a call: a person who shortlists it knows better."""


@dataclass(frozen=True)
class Place:
    """Where a call stands to an officer: what stops it, or in which section it is told.

    Of those that only the limit of the mail stops, both are said. `number` is its place among the `places` of the
    section, from 1; calls that are told together share one.
    """

    item: Item
    gate: Gate | None
    failed: frozenset[Gate] = field(default=frozenset())
    section: Section | None = None
    number: int = 0
    places: int = 0


def matters(reader: Reader, item: Item) -> bool:
    """Whether a call can be told at all, or counts as hidden by a rule: most rank too low for either."""
    return item.match.percentile >= reader.minimum or item.excluded or reader.pursues(item)


def place_of(reader: Reader, item: Item) -> Place:
    """Where a call stands before the limit of the mail is looked at."""
    failed = frozenset(gate for gate, passes in GATES.items() if not passes(reader, item))
    waived = _waived(reader, item)
    stopped = next((gate for gate in GATES if gate in failed - waived), None)
    if stopped is not None:
        return Place(item, stopped, failed)
    known = reader.heard.get(item.call_id, ())
    item, news = _since(reader, item, known)
    section = section_of(
        item,
        known,
        news=news,
        pursued=reader.pursues(item),
        settled=_settled(reader, item),
        opens_soon=_opens_soon(reader, item),
    )
    for_reminders_alone = bool(failed) and section not in (Section.REMINDER, Section.CHANGED)
    if reader.at_once and known:
        return Place(item, Gate.TOLD)
    if section is not None and not for_reminders_alone:
        return Place(item, None, failed, section)
    if failed:
        return Place(item, Gate.REMINDER, failed)
    return Place(item, Gate.TOLD if known else Gate.HORIZON)


def in_own_order(reader: Reader, items: Sequence[Item]) -> list[Item]:
    """The items, the best first: to an officer who follows areas, the strength in them counts too."""
    if not reader.has_areas or not items:
        return list(items)
    deviation = pstdev([item.match.score for item in items]) or 1.0

    def worth(item: Item) -> float:
        strengths = (float(area["score"]) for area in item.match.areas if area["id"] in reader.areas)
        share = FOCUS / max(1, len(reader.areas))
        return item.match.score / deviation + share * max(strengths, default=0.0)

    ordered, place = [], 0
    for item in sorted(items, key=worth, reverse=True):
        counts = item.rank > 0 and _timely(reader, item) and touches(reader, item)
        place += counts
        ordered.append(replace(item, own_rank=place) if counts else item)
    return ordered


def _waived(reader: Reader, item: Item) -> frozenset[Gate]:
    """What a person's decision to go for a call sets aside: everybody's is above the matcher, one's own above taste."""
    if reader.at_once or not reader.pursues(item):
        return frozenset()
    own = reader.stages[item.call_id].officer == reader.officer.id
    return JUDGED | TASTE if own else JUDGED


def _settled(reader: Reader, item: Item) -> bool:
    stage = reader.stages.get(item.call_id)
    return stage is not None and stage.stage in SETTLED


def _opens_soon(reader: Reader, item: Item) -> bool:
    opening = item.call.opening
    return opening is not None and opening <= reader.today + timedelta(days=reader.officer.horizon)


def _since(reader: Reader, item: Item, known: Sequence[Told]) -> tuple[Item, bool]:
    """`item` with what changed since the officer last heard of it, and whether that is news."""
    if not known:
        return item, False
    versions = reader.versions.get(item.call_id, ())
    fresh = [version for version in versions if not any(one.covers(version) for one in known)]
    changes = merge(fresh)
    seen_at = fresh[-1].seen_at if changes else None
    news = is_news(changes, reader.today, forthcoming=item.state is State.FORTHCOMING)
    return replace(item, changes=changes, changed_at=seen_at), news
