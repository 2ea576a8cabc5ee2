"""Deadlines as a calendar (RFC 5545): to subscribe to, and as what goes with a mail."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from icalendar import Alarm, Calendar, Event
from icalendar.prop import vText

from config.organisation import Organisation
from notifier.items import Item
from notifier.mail import Attachment
from notifier.permanent import authority, call_uuid
from notifier.plain import plain
from notifier.scope import updated_at
from notifier.sheet import Sheet, write_sheet
from notifier.words import Words
from store.models import Call, Deadline
from store.records import DeadlineModel, DeadlineRecord
from store.states import moment

REMINDERS = (14, 2)
"""Days before a deadline on which a calendar reminds of it."""
MORNING = timedelta(hours=9)
"""When it does so for a deadline without a time of day: counted from midnight, it would ring then."""
REFRESH = timedelta(hours=12)
"""How often a program that subscribes should ask again: sources are read once a day at most."""


@dataclass(frozen=True)
class _Entry:
    """A deadline of `call`; `name` tells it from the others of the call for as long as it exists."""

    call: Call
    name: str
    deadline: Deadline
    withdrawn: bool = False

    @property
    def instant(self) -> datetime:
        instant = moment(self.deadline)
        assert instant is not None
        return instant


def subscribed_calendar(
    items: Iterable[Item], words: Words, organisation: Organisation, now: datetime, name: str
) -> bytes:
    """The deadlines ahead of `items` under `name`, for a program that asks again by itself."""
    calendar = _calendar()
    for key in ("name", "x-wr-calname"):  # RFC 7986, and what was there before it
        calendar.add(key, vText(plain(name)))
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vText(f"PT{REFRESH // timedelta(hours=1)}H"))
    for item in items:
        for event in _events(item, words, organisation, now, updated_at(item)):
            calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def attached_calendar(
    items: Iterable[Item], words: Words, organisation: Organisation, now: datetime
) -> Attachment | None:
    """The deadlines ahead of `items`, those that were withdrawn since as cancelled; None where there are none."""
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    for item in items:
        for event in _events(item, words, organisation, now, stamp=now):
            calendar.add_component(event)
    if not calendar.events:
        return None
    params = {"charset": "utf-8", "method": "PUBLISH"}
    return Attachment("deadlines.ics", "text", "calendar", calendar.to_ical(), params)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//funding-tracker//deadlines//EN")
    calendar.add("version", "2.0")
    return calendar


def _events(
    item: Item, words: Words, organisation: Organisation, now: datetime, stamp: datetime
) -> Iterator[Event]:
    entries = list(_entries(item, now))
    if entries:
        sheet = write_sheet(item, words, organisation, now)
        for entry in entries:
            yield _event(entry, sheet, words, organisation, stamp)


def _entries(item: Item, now: datetime) -> Iterator[_Entry]:
    """The deadlines ahead as the call states them, or else the source whose deadline counts; then those withdrawn."""
    call = item.call
    if not _ahead(_named(call, call.deadlines), now):
        call = next((copy for copy in item.also if item.deadline in copy.deadlines), call)
    stands = _named(item.call, item.call.deadlines)
    for name, deadline in _ahead(_named(call, call.deadlines), now).items():
        yield _Entry(call, name, deadline)
    for name, deadline in _ahead(_named(item.call, _before(item)), now).items():
        if name not in stands:
            yield _Entry(item.call, name, deadline, withdrawn=True)


def _before(item: Item) -> list[Deadline]:
    """The deadlines as they were, if they changed."""
    changed = next((change for change in item.changes if change.field == "deadlines"), None)
    stated: list[dict[str, Any]] = (changed.before or []) if changed else []
    return [
        Deadline(position=place, **DeadlineRecord.model_validate(one).model_dump())
        for place, one in enumerate(stated)
    ]


def _named(call: Call, deadlines: Sequence[Deadline]) -> dict[str, Deadline]:
    """Dated deadlines by names that stay the same when one of them moves.

    A stage keeps its number, and a deadline that is alone is the first stage. Cut-offs have but their day: portals drop
    those that have passed, so that their places shift.
    """
    dated = [deadline for deadline in deadlines if deadline.day]
    cut_offs = call.deadline_model == DeadlineModel.MULTIPLE_CUT_OFF
    stages = Counter(deadline.stage for deadline in dated)
    named: dict[str, Deadline] = {}
    for deadline in dated:
        alone = len(dated) == 1
        if not cut_offs and (alone or (deadline.stage and stages[deadline.stage] == 1)):
            name = f"stage-{deadline.stage or 1}"
        else:
            name = f"cut-off-{deadline.day}"
        named.setdefault(name, deadline)
    return named


def _ahead(named: dict[str, Deadline], now: datetime) -> dict[str, Deadline]:
    return {name: one for name, one in named.items() if (instant := moment(one)) and instant >= now}


def _event(entry: _Entry, sheet: Sheet, words: Words, organisation: Organisation, stamp: datetime) -> Event:
    deadline, summary = entry.deadline, _summary(words, entry, sheet)
    whole_day = deadline.at is None
    event = Event()
    event.add("uid", f"{call_uuid(organisation, entry.call, entry.name)}@{authority(organisation)}")
    event.add("dtstamp", stamp)
    event.add("sequence", entry.call.version - 1)
    event.add("status", "CANCELLED" if entry.withdrawn else "CONFIRMED")
    event.add("dtstart", deadline.day if whole_day else entry.instant)
    event.add("summary", summary, parameters={"language": words.language})
    event.add("description", plain(_description(words, sheet)), parameters={"language": words.language})
    event.add("url", entry.call.page)
    event.add("transp", "TRANSPARENT")  # nobody is busy because a call closes
    if not entry.withdrawn:
        for days in REMINDERS:
            event.add_component(
                _alarm(summary, timedelta(days=-days) + (MORNING if whole_day else timedelta()))
            )
    return event


def _alarm(summary: str, before: timedelta) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", before)
    alarm.add("description", summary)
    return alarm


def _summary(words: Words, entry: _Entry, sheet: Sheet) -> str:
    title, stage = plain(sheet.title), entry.deadline.stage
    if stage and (stage > 1 or len(entry.call.deadlines) > 1):
        return words.gettext("Deadline of stage %(stage)s: %(title)s", stage=stage, title=title)
    return words.gettext("Deadline: %(title)s", title=title)


def _description(words: Words, sheet: Sheet) -> str:
    """The call in a few lines, for those who look at the entry."""
    facts = [
        words.gettext("%(label)s: %(fact)s", label=fact.label, fact=words.chained(fact.lines))
        for fact in sheet.facts(words)
    ]
    also = [f"{link.name} {link.deadline}".strip() for link in sheet.also if link.deadline]
    judged = f"{words.gettext('Eligibility:')} {sheet.eligibility}"
    lines = (sheet.english_title, sheet.identifier, *facts, *also, judged, sheet.why, sheet.address)
    return "\n".join(filter(None, lines))
