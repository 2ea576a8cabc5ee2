"""Who said what of a call, and did what with it: decisions, stages, assignments and notes in the order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from config.organisation import Organisation
from notifier.headings import reason_name
from notifier.items import Item
from notifier.words import Words
from store.decisions import Verdict, standing
from store.models import Assignment, CallNote, Decision, Stage
from store.stages import CallStage


@dataclass(frozen=True)
class Entry:
    """That `who` did something `on` a day. `words` are the officer's own.

    `counts`: it is the last word on its subject; `withdrawn`: it was taken back; `outdated`: the call has got another
    version since, whose differences stand in its history.
    """

    at: datetime
    on: str
    who: str
    said: str
    words: str = ""
    counts: bool = False
    withdrawn: bool = False
    outdated: bool = False


@dataclass(frozen=True)
class Activity:
    """`entries` newest first; `stage` and `officer` are where it stands and who looks after it, empty for nobody."""

    entries: tuple[Entry, ...]
    stage: str
    officer: str


def activity(
    session: Session, organisation: Organisation, item: Item, words: Words, now: datetime
) -> Activity:
    seen = _Seen(session, organisation, item, words, now)
    entries = [*seen.decisions(), *seen.stages(), *seen.assignments(), *seen.notes()]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return Activity(tuple(entries), seen.stage, seen.officer)


def verdict_name(words: Words, verdict: str) -> str:
    return {
        Verdict.RELEVANT: words.gettext("Interesting"),
        Verdict.NOT_RELEVANT: words.gettext("Not for us"),
        Verdict.OPEN: words.gettext("Wrong, it is open"),
        Verdict.MUTED: words.gettext("Muted"),
    }[Verdict(verdict)]


def stage_name(words: Words, stage: str) -> str:
    return {
        CallStage.SEEN: words.gettext("Seen"),
        CallStage.SHORTLISTED: words.gettext("Shortlisted"),
        CallStage.PREPARING: words.gettext("In preparation"),
        CallStage.SUBMITTED: words.gettext("Submitted"),
        CallStage.AWARDED: words.gettext("Awarded"),
        CallStage.REJECTED: words.gettext("Rejected"),
    }[CallStage(stage)]


def officer_name(words: Words, organisation: Organisation, key: str) -> str:
    """The officer's name; the key of one who no longer is among them."""
    found = organisation.officer(key)
    return found.name[words.language] if found else key


class _Seen:
    """What was done to a call in all its sources, read kind by kind."""

    def __init__(
        self, session: Session, organisation: Organisation, item: Item, words: Words, now: datetime
    ) -> None:
        self._session, self._organisation, self._item = session, organisation, item
        self._words, self._now = words, now
        self._versions = {call.id: call.version for call in item.sources}
        self.stage = self.officer = ""

    def decisions(self) -> Iterator[Entry]:
        counting = {
            one.decision.id for one in standing(self._session, self._organisation.key, self._item.call)
        }
        statement = select(Decision).where(
            Decision.organisation == self._organisation.key, col(Decision.call_id).in_(self._versions)
        )
        for one in self._session.exec(statement):
            name, reason = verdict_name(self._words, one.verdict), reason_name(self._words, one.reason)
            yield Entry(
                at=one.decided_at,
                on=self._words.on(one.decided_at, self._now),
                who=self._name(one.officer),
                said=f"{name} ({reason})" if reason else name,
                words=one.note,
                counts=one.id in counting,
                withdrawn=one.withdrawn_at is not None,
                outdated=one.id in counting and self._is_outdated(one),
            )

    def stages(self) -> Iterator[Entry]:
        statement = select(Stage).where(
            Stage.organisation == self._organisation.key, col(Stage.call_id).in_(self._versions)
        )
        found = list(self._session.exec(statement.order_by(col(Stage.id))))
        last = next((one for one in reversed(found) if one.withdrawn_at is None), None)
        self.stage = stage_name(self._words, last.stage) if last else ""
        for one in found:
            yield Entry(
                at=one.noted_at,
                on=self._words.on(one.noted_at, self._now),
                who=self._name(one.officer),
                said=self._stage_said(one),
                counts=one is last,
                withdrawn=one.withdrawn_at is not None,
                outdated=one is last and self._is_outdated(one),
            )

    def assignments(self) -> Iterator[Entry]:
        statement = select(Assignment).where(
            Assignment.organisation == self._organisation.key, col(Assignment.call_id).in_(self._versions)
        )
        found = list(self._session.exec(statement.order_by(col(Assignment.id))))
        self.officer = self._name(found[-1].officer) if found and found[-1].officer else ""
        for one in found:
            name = self._name(one.officer)
            yield Entry(
                at=one.assigned_at,
                on=self._words.on(one.assigned_at, self._now),
                who=self._name(one.assigned_by),
                said=self._words.gettext("Assigned to %(name)s", name=name)
                if one.officer
                else self._words.gettext("Assigned to nobody"),
                counts=one is found[-1],
            )

    def notes(self) -> Iterator[Entry]:
        statement = select(CallNote).where(
            CallNote.organisation == self._organisation.key, col(CallNote.call_id).in_(self._versions)
        )
        for one in self._session.exec(statement):
            yield Entry(
                at=one.noted_at,
                on=self._words.on(one.noted_at, self._now),
                who=self._name(one.officer),
                said=self._words.gettext("Note"),
                words=one.text,
                counts=one.withdrawn_at is None,
                withdrawn=one.withdrawn_at is not None,
                outdated=one.withdrawn_at is None and self._is_outdated(one),
            )

    def _stage_said(self, one: Stage) -> str:
        facts = [
            self._words.money(one.cents, one.currency) if one.cents is not None else "",
            self._words.full_date(one.day) if one.day else "",
        ]
        name, more = stage_name(self._words, one.stage), ", ".join(filter(None, facts))
        return f"{name} ({more})" if more else name

    def _name(self, key: str) -> str:
        return officer_name(self._words, self._organisation, key)

    def _is_outdated(self, one: Decision | Stage | CallNote) -> bool:
        return self._versions.get(one.call_id) != one.call_version
