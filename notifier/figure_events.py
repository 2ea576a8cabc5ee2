"""What happened to calls and when: the steps of the funnel, as the store holds them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum

from sqlmodel import Session, col, select

from config.clock import PEOPLE, local_day
from store.decisions import SUBJECTS, Subject, Verdict
from store.deliveries import DeliveryState
from store.models import AuditEvent, Decision, Delivery, DeliveryItem, Stage
from store.stages import CallStage

EARLIEST = date(2000, 1, 1)
"""Before it there is nothing to count, and an earlier day is a slip of the pen."""


class PeriodError(ValueError):
    """A period that there is none of. `fault`: day (not a day), order (ends before it begins), bounds."""

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True)
class Period:
    """From the `first` to the `last` day, both of them in it, as days are in Madrid."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time.min, PEOPLE).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        """The instant (UTC) from which on it is over."""
        return datetime.combine(self.last + timedelta(days=1), time.min, PEOPLE).astimezone(UTC)


class Step(IntEnum):
    """The funnel: a call that takes a step has taken those before it."""

    SEEN = 1
    RELEVANT = 2
    SHORTLISTED = 3
    SUBMITTED = 4
    AWARDED = 5


STEPS: Mapping[CallStage, Step] = {
    CallStage.SEEN: Step.SEEN,
    CallStage.SHORTLISTED: Step.SHORTLISTED,
    CallStage.PREPARING: Step.SHORTLISTED,
    CallStage.SUBMITTED: Step.SUBMITTED,
    CallStage.REJECTED: Step.SUBMITTED,
    CallStage.AWARDED: Step.AWARDED,
}
ENDS = frozenset({CallStage.AWARDED, CallStage.REJECTED})


@dataclass(frozen=True)
class Event:
    """That a call took a step on a day; of a call that several sources state, `call_id` is the face."""

    call_id: int
    day: date
    step: Step


@dataclass(frozen=True)
class Amount:
    day: date
    cents: int
    currency: str


@dataclass
class Stages:
    """What stands of the stages, by call."""

    events: list[Event] = field(default_factory=list)
    rejected: dict[int, date] = field(default_factory=dict)
    asked: dict[int, Amount] = field(default_factory=dict)
    won: dict[int, Amount] = field(default_factory=dict)


def read_period(first: str, last: str, today: date) -> Period:
    """The period from `first` to `last` (ISO 8601), where not said from the beginning of this year to today.

    Raises PeriodError for what is no day, ends before it begins, or lies before `EARLIEST` or after this year.
    """
    try:
        begins = date.fromisoformat(first) if first else today.replace(month=1, day=1)
        ends = date.fromisoformat(last) if last else today
    except ValueError:
        raise PeriodError("day") from None
    if not (EARLIEST <= begins <= latest(today) and EARLIEST <= ends <= latest(today)):
        raise PeriodError("bounds")
    if ends < begins:
        raise PeriodError("order")
    return Period(begins, ends)


def latest(today: date) -> date:
    """The last day that a period may have: the end of this year."""
    return today.replace(month=12, day=31)


def shown(session: Session, organisation: str, face_of: Mapping[int, int], period: Period) -> Iterator[Event]:
    """Calls that stood in a digest that went out, or that somebody did anything with in the review."""
    told = (
        select(DeliveryItem.call_id, Delivery.sent_at)
        .join(Delivery, col(Delivery.id) == DeliveryItem.delivery_id)
        .where(
            Delivery.organisation == organisation,
            Delivery.state == DeliveryState.SENT,
            col(Delivery.sent_at) >= period.begins,
            col(Delivery.sent_at) < period.ends,
        )
        .distinct()
    )
    touched = select(AuditEvent.call_id, AuditEvent.happened_at).where(
        AuditEvent.organisation == organisation,
        col(AuditEvent.call_id).is_not(None),
        col(AuditEvent.happened_at) >= period.begins,
        col(AuditEvent.happened_at) < period.ends,
    )
    for call_id, at in (*session.exec(told), *session.exec(touched)):
        assert call_id is not None
        assert at is not None
        yield Event(face_of.get(call_id, call_id), local_day(at), Step.SEEN)


def read_decisions(
    session: Session, organisation: str, face_of: Mapping[int, int]
) -> tuple[dict[int, date], list[Event]]:
    """By call the day of its first decision on relevance, and that each call somebody decided on was seen.

    A decision that its officer replaced by another one was taken all the same.
    """
    statement = (
        select(Decision.call_id, Decision.verdict, Decision.decided_at)
        .where(Decision.organisation == organisation, col(Decision.withdrawn_at).is_(None))
        .order_by(col(Decision.decided_at))
    )
    first: dict[int, date] = {}
    seen = []
    for call_id, verdict, at in session.exec(statement):
        face_id, day = face_of.get(call_id, call_id), local_day(at)
        seen.append(Event(face_id, day, Step.SEEN))
        if SUBJECTS[Verdict(verdict)] is Subject.RELEVANCE:
            first.setdefault(face_id, day)
    return first, seen


def read_stages(session: Session, organisation: str, face_of: Mapping[int, int]) -> Stages:
    """The stages that stand. A call has one end, and one amount each: the last that was noted."""
    statement = (
        select(Stage)
        .where(Stage.organisation == organisation, col(Stage.withdrawn_at).is_(None))
        .order_by(col(Stage.id))
    )
    by_call: defaultdict[int, list[Stage]] = defaultdict(list)
    for row in session.exec(statement):
        by_call[face_of.get(row.call_id, row.call_id)].append(row)
    found = Stages()
    for call_id, rows in by_call.items():
        end = next((row for row in reversed(rows) if row.stage in ENDS), None)
        for row in rows:
            if row.stage in ENDS and end is not None and row.stage != end.stage:
                continue
            day = row.day or local_day(row.noted_at)
            found.events.append(Event(call_id, day, STEPS[CallStage(row.stage)]))
            if row.stage == CallStage.REJECTED:
                found.rejected[call_id] = day
            amounts = {CallStage.SUBMITTED: found.asked, CallStage.AWARDED: found.won}.get(
                CallStage(row.stage)
            )
            if amounts is not None and row.cents is not None:
                amounts[call_id] = Amount(day, row.cents, row.currency)
    return found
