"""What became of calls in a period, counted for the plan's evaluation: `docs/figures.md` says what each figure means."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from sqlmodel import Session, col, func, select

from config.clock import local_day
from config.organisation import Organisation
from notifier.figure_events import Event, Period, Stages, Step, read_decisions, read_stages, shown
from notifier.figure_facts import Dimension, Facts, read_facts
from store.decisions import Reason, Standing, Verdict, standing
from store.models import Call, Match, SameCall
from store.same_calls import faces


@dataclass
class Group:
    """Calls by the steps that they took, and what was asked for and won with them: whole cents by currency.

    `key` is that of the configuration, or as the source writes it; empty where nothing is stated.
    """

    key: str = ""
    counts: Counter[Step] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    won: Counter[str] = field(default_factory=Counter)

    def count(self, furthest: Step) -> None:
        self.counts.update(step for step in Step if step <= furthest)


@dataclass(frozen=True)
class Wait:
    """The median of whole days that `calls` calls waited for a decision; None where there is no call."""

    days: float | None
    calls: int


@dataclass(frozen=True)
class Figures:
    """What happened in `period`.

    `rejected`: calls that ended so; `unpriced`: those submitted, and awarded, of which nobody noted the amount.
    `published` and `found`: from publication, and where it is not stated from when a call was first seen, to its first
    decision. `dismissals` counts decisions; `hidden` and `overridden` calls, by the rule.
    """

    period: Period
    total: Group
    groups: Mapping[Dimension, tuple[Group, ...]]
    rejected: int
    unpriced: Mapping[Step, int]
    published: Wait
    found: Wait
    dismissals: Mapping[Reason, int]
    hidden: Mapping[str, int]
    overridden: Mapping[str, int]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to count yet, but for what rules hide."""
        return not self.total.counts

    @property
    def currencies(self) -> tuple[str, ...]:
        """Those of any amount, the euro first."""
        found = self.total.asked.keys() | self.total.won.keys()
        return tuple(sorted(found, key=lambda one: (one != "EUR", one)))


def count_figures(session: Session, organisation: Organisation, period: Period) -> Figures:
    """The figures of `period`, by a number of queries that does not grow with the calls."""
    face_of = faces(session)
    said = standing(session, organisation.key)
    stages = read_stages(session, organisation.key, face_of)
    first_decided, decided = read_decisions(session, organisation.key, face_of)
    events = [
        *shown(session, organisation.key, face_of, period),
        *decided,
        *(
            Event(one.face_id, local_day(one.decision.decided_at), Step.RELEVANT)
            for one in said
            if one.decision.verdict == Verdict.RELEVANT
        ),
        *stages.events,
    ]
    events = [event for event in events if period.holds(event.day)]
    facts = read_facts(session, organisation, face_of, {event.call_id for event in events})
    furthest: dict[int, Step] = {}
    for event in events:
        furthest[event.call_id] = max(event.step, furthest.get(event.call_id, Step.SEEN))
    waited = {call_id: (facts[call_id], day) for call_id, day in first_decided.items() if period.holds(day)}
    return Figures(
        period=period,
        total=_total(furthest, stages, period),
        groups=_grouped(furthest, facts, stages, period) | {Dimension.YEAR: _by_year(events, stages, period)},
        rejected=sum(map(period.holds, stages.rejected.values())),
        unpriced=_unpriced(furthest, stages),
        published=_wait((known.published, day) for known, day in waited.values()),
        found=_wait((known.first_seen, day) for known, day in waited.values() if not known.published),
        dismissals=_dismissals(said, period),
        hidden=_hidden(session, organisation.key, period),
        overridden=Counter(facts[call_id].rule for call_id in _overridden(said, period)),
    )


def _total(furthest: Mapping[int, Step], stages: Stages, period: Period) -> Group:
    group = Group()
    for call_id, step in furthest.items():
        group.count(step)
        _add_amounts(group, call_id, stages, period)
    return group


def _grouped(
    furthest: Mapping[int, Step], facts: Mapping[int, Facts], stages: Stages, period: Period
) -> dict[Dimension, tuple[Group, ...]]:
    """By each dimension but the year, the groups with most calls first; what is not stated comes last."""
    groups: dict[Dimension, dict[str, Group]] = {one: {} for one in Dimension if one is not Dimension.YEAR}
    for call_id, step in furthest.items():
        for dimension, known in groups.items():
            for key in facts[call_id].keys[dimension] or ("",):
                group = known.setdefault(key, Group(key))
                group.count(step)
                _add_amounts(group, call_id, stages, period)
    return {
        dimension: tuple(
            sorted(
                known.values(), key=lambda group: (not group.key, [-group.counts[s] for s in Step], group.key)
            )
        )
        for dimension, known in groups.items()
    }


def _by_year(events: Iterable[Event], stages: Stages, period: Period) -> tuple[Group, ...]:
    """Each year's own funnel, for the part of the year in the period."""
    furthest: defaultdict[int, dict[int, Step]] = defaultdict(dict)
    for event in events:
        of_year = furthest[event.day.year]
        of_year[event.call_id] = max(event.step, of_year.get(event.call_id, Step.SEEN))
    years = []
    for year, of_year in sorted(furthest.items()):
        part = Period(max(period.first, date(year, 1, 1)), min(period.last, date(year, 12, 31)))
        group = _total(of_year, stages, part)
        group.key = str(year)
        years.append(group)
    return tuple(years)


def _add_amounts(group: Group, call_id: int, stages: Stages, period: Period) -> None:
    for amounts, into in ((stages.asked, group.asked), (stages.won, group.won)):
        amount = amounts.get(call_id)
        if amount is not None and period.holds(amount.day):
            into[amount.currency] += amount.cents


def _unpriced(furthest: Mapping[int, Step], stages: Stages) -> dict[Step, int]:
    return {
        step: sum(got >= step and call_id not in amounts for call_id, got in furthest.items())
        for step, amounts in ((Step.SUBMITTED, stages.asked), (Step.AWARDED, stages.won))
    }


def _wait(found: Iterable[tuple[date | None, date]]) -> Wait:
    """A call that is decided on before it is published has waited for no day."""
    days = [max(0, (decided - since).days) for since, decided in found if since is not None]
    return Wait(median(days) if days else None, len(days))


def _dismissals(said: Iterable[Standing], period: Period) -> dict[Reason, int]:
    """The most frequent first."""
    found = Counter(
        Reason(one.decision.reason)
        for one in said
        if one.decision.verdict == Verdict.NOT_RELEVANT and period.holds(local_day(one.decision.decided_at))
    )
    return dict(found.most_common())


def _overridden(said: Iterable[Standing], period: Period) -> frozenset[int]:
    return frozenset(
        one.face_id
        for one in said
        if one.decision.verdict == Verdict.OPEN and period.holds(local_day(one.decision.decided_at))
    )


def _hidden(session: Session, organisation: str, period: Period) -> dict[str, int]:
    """By rule, the calls first seen in the period that it hides now, the most frequent first."""
    statement = (
        select(Match.rule, func.count(col(Match.id)))
        .join(Call, col(Call.id) == Match.call_id)
        .outerjoin(SameCall, col(SameCall.call_id) == Match.call_id)
        .where(
            Match.organisation == organisation,
            Match.verdict == "not_open",
            col(Call.first_seen_at) >= period.begins,
            col(Call.first_seen_at) < period.ends,
            col(SameCall.call_id).is_(None),
        )
        .group_by(col(Match.rule))
        .order_by(func.count(col(Match.id)).desc(), col(Match.rule))
    )
    return dict(session.exec(statement).all())
