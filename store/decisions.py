"""What officers decide about calls: every word is kept, the last one of each officer counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Annotated

from pydantic import StringConstraints, model_validator
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from store.models import Call, Decision
from store.records import Stated
from store.same_calls import faces, last_on, same_as


class Verdict(StrEnum):
    """`open` is a word on eligibility, "wrong, it is open": it overrides the rule and leaves relevance undecided.

    `muted` is none on the call: the officer wants to hear no more of it, and the ranking learns nothing from that.
    """

    RELEVANT = "relevant"
    NOT_RELEVANT = "not_relevant"
    OPEN = "open"
    MUTED = "muted"


class Subject(StrEnum):
    """What a verdict is about. Of each officer and call, the last word on each subject counts."""

    RELEVANCE = "relevance"
    ELIGIBILITY = "eligibility"
    MAIL = "mail"


SUBJECTS = {
    Verdict.RELEVANT: Subject.RELEVANCE,
    Verdict.NOT_RELEVANT: Subject.RELEVANCE,
    Verdict.OPEN: Subject.ELIGIBILITY,
    Verdict.MUTED: Subject.MAIL,
}


class Reason(StrEnum):
    """Why a call is dismissed."""

    THEME = "theme"
    ROLE = "role"
    TERRITORY = "territory"
    TOO_SMALL = "too_small"
    TOO_LATE = "too_late"
    NO_PARTNER = "no_partner"
    OTHER = "other"
    NONE = ""


class DecisionRecord(Stated):
    """What an officer says of a call. Raises pydantic.ValidationError where a reason goes with no dismissal."""

    verdict: Verdict
    reason: Reason = Reason.NONE
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""

    @model_validator(mode="after")
    def _reasons_are_for_dismissals(self) -> "DecisionRecord":
        if self.reason and self.verdict is not Verdict.NOT_RELEVANT:
            raise ValueError("a reason says why a call is not relevant")
        return self


@dataclass(frozen=True)
class Standing:
    """A decision that counts, of which call it counts (the face where several sources state it), and whether that
    call has got another version since.
    """

    decision: Decision
    face_id: int
    changed_since: bool

    @property
    def subject(self) -> Subject:
        return SUBJECTS[Verdict(self.decision.verdict)]


@dataclass(frozen=True)
class Vote:
    """What the officers together make of a call.

    A call is relevant as soon as one of them wants it, since one department is enough to apply; it is dismissed when
    all who decided dismissed it. `reason` is then the one named most often, empty where nobody named one.
    """

    call_id: int
    relevant: bool
    reason: Reason
    officers: tuple[str, ...]


def decide(
    session: Session, organisation: str, officer: str, call: Call, said: DecisionRecord, now: datetime
) -> Decision:
    """Keep what `officer` says of `call` as it stands now."""
    assert call.id is not None
    decision = Decision(
        organisation=organisation,
        officer=officer,
        call_id=call.id,
        call_version=call.version,
        verdict=said.verdict,
        reason=said.reason,
        note=said.note,
        decided_at=now,
    )
    session.add(decision)
    session.flush()
    return decision


def withdraw(session: Session, organisation: str, officer: str, call: Call, now: datetime) -> Decision | None:
    """Take back the last word of `officer` on `call`: the one before it counts again. None when there is none."""
    last = last_decision(session, organisation, officer, call)
    if last is not None:
        last.withdrawn_at = now
        session.add(last)
    return last


def last_decision(session: Session, organisation: str, officer: str, call: Call) -> Decision | None:
    """The last word of `officer` on `call`, or on the same call in another source."""
    theirs = select(Decision).where(*_counting(organisation), Decision.officer == officer)
    return last_on(session, theirs, Decision, call)


def standing(session: Session, organisation: str, call: Call | None = None) -> list[Standing]:
    """The decisions that count, on all calls or on `call`, in the order in which they were taken.

    Of each officer and call that is the last one on each subject.
    """
    face_of = faces(session)
    statement = (
        select(Decision, Call.version)
        .join(Call, col(Call.id) == Decision.call_id)
        .where(*_counting(organisation))
        .order_by(col(Decision.id))
    )
    if call is not None:
        statement = statement.where(col(Decision.call_id).in_(same_as(call, face_of)))
    last: dict[tuple[str, int, Subject], Standing] = {}
    for decision, version in session.exec(statement):
        face_id = face_of.get(decision.call_id, decision.call_id)
        one = Standing(decision, face_id, version != decision.call_version)
        key = (decision.officer, face_id, one.subject)
        last.pop(key, None)  # so that the order is that of the last words
        last[key] = one
    return list(last.values())


def votes(found: Iterable[Standing]) -> list[Vote]:
    """The decisions on relevance, a call each, by the number of the call."""
    on_relevance = [one for one in found if one.subject is Subject.RELEVANCE]
    on_relevance.sort(key=lambda one: one.face_id)
    return [_vote(face_id, list(group)) for face_id, group in groupby(on_relevance, lambda one: one.face_id)]


def _vote(call_id: int, group: Sequence[Standing]) -> Vote:
    relevant = any(one.decision.verdict == Verdict.RELEVANT for one in group)
    # Of reasons named equally often the latest one: `most_common` keeps the order in which it met them.
    named = Counter(Reason(one.decision.reason) for one in reversed(group) if one.decision.reason)
    reason = Reason.NONE if relevant or not named else named.most_common(1)[0][0]
    return Vote(call_id, relevant, reason, tuple(sorted({one.decision.officer for one in group})))


def overrides(found: Iterable[Standing]) -> frozenset[int]:
    """The calls of which an officer says that they are open, whatever a rule says."""
    return frozenset(one.face_id for one in found if one.decision.verdict == Verdict.OPEN)


def set_aside(found: Iterable[Standing], officer: str) -> dict[int, Decision]:
    """What `officer` wants to hear no more of, by call: dismissed or muted, the later of the two."""
    unwanted = (Verdict.NOT_RELEVANT, Verdict.MUTED)
    return {
        one.face_id: one.decision
        for one in found
        if one.decision.officer == officer and one.decision.verdict in unwanted
    }


def _counting(organisation: str) -> tuple[ColumnElement[bool], ...]:
    return col(Decision.organisation) == organisation, col(Decision.withdrawn_at).is_(None)
