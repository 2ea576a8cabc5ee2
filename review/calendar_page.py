"""The deadlines of a month, day by day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated

from babel.dates import format_skeleton
from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session, col, func, select

from config.organisation import Organisation
from notifier.items import BRUSSELS
from notifier.links import page_of_call
from notifier.reasons import verdict_label
from notifier.sheet import Sheet, write_sheet
from notifier.words import BABEL_LOCALES, Words
from review.activity import stage_name
from review.loading import read_items
from review.published import feed_address
from review.rendering import page
from review.site import TheSite, TheVisitor
from store.models import Deadline, Match, SameCall
from store.stages import PURSUED, current_stages
from store.states import moment

MOST = 200
"""Deadlines on a page."""
MINIMUM = 85.0
"""Share of all calls that must rank below one that is shown, for a visitor who has not asked for another one."""
YEARS = (2000, 2999)
MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])", re.ASCII)
router = APIRouter()


@dataclass(frozen=True)
class Month:
    first: date

    @property
    def last(self) -> date:
        return self.following.first - timedelta(days=1)

    @property
    def following(self) -> "Month":
        return Month((self.first + timedelta(days=31)).replace(day=1))

    @property
    def preceding(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1))

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    def name(self, words: Words) -> str:
        """`març del 2026`."""
        return words.smooth(format_skeleton("yMMMM", self.first, locale=BABEL_LOCALES[words.language]))


@dataclass(frozen=True)
class Due:
    """A deadline of a call. `at` is its hour, and which stage or cut-off it is; `stage` how far we are with the call."""

    day: date
    sheet: Sheet
    address: str
    at: str
    eligibility: str
    stage: str
    past: bool


@dataclass(frozen=True)
class Day:
    day: date
    name: str
    due: tuple[Due, ...]


@router.get("/calendar")
def calendar_page(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    month: Annotated[str, Query()] = "",
    area: Annotated[str, Query()] = "",
    show: Annotated[str, Query()] = "",
) -> Response:
    """The deadlines of `month` (`2026-03`) of the calls that touch `area`; `show=all`: low ranks too."""
    organisation, words, now = site.organisation, visitor.words, site.clock()
    today = now.astimezone(BRUSSELS).date()
    shown = _month(month, today)
    chosen = area if any(area == one.id for one in organisation.areas) else ""
    minimum = visitor.officer.minimum if visitor.officer else MINIMUM
    with site.database.reading() as session:
        deadlines = _deadlines(
            session, organisation, shown, area=chosen, minimum=0.0 if show == "all" else minimum
        )
        due = _due(session, organisation, deadlines[:MOST], words, now)
    days = [Day(day, words.weekday(day), tuple(those)) for day, those in groupby(due, lambda one: one.day)]
    return page(
        request,
        "calendar.html.j2",
        month=shown,
        days=days,
        more=max(0, len(deadlines) - MOST),
        area=chosen,
        show="all" if show == "all" else "",
        minimum=words.percent(round(100 - minimum)),
        today=today,
        is_first=shown.first.year <= YEARS[0],
        is_last=shown.first.year >= YEARS[1],
        subscribe=feed_address(site, visitor.officer, "/feeds/deadlines.ics"),
    )


def _month(asked: str, today: date) -> Month:
    """The month that was asked for; this one for whatever is none."""
    found = MONTH.fullmatch(asked)
    year = int(found["year"]) if found else 0
    if found and YEARS[0] <= year <= YEARS[1]:
        return Month(date(year, int(found["month"]), 1))
    return Month(today.replace(day=1))


def _deadlines(
    session: Session, organisation: Organisation, month: Month, *, area: str, minimum: float
) -> list[tuple[int, Deadline]]:
    """(face, deadline) by day, the best ranked first. Calls that a rule excludes have none, those pursued always have.

    What another source states is a deadline of the face too, unless the face states the same day.
    """
    face = func.coalesce(col(SameCall.face_id), col(Deadline.call_id))
    statement = (
        select(Match.call_id, Match.percentile, Match.areas, Deadline)
        .select_from(Deadline)
        .outerjoin(SameCall, col(SameCall.call_id) == Deadline.call_id)
        .join(Match, col(Match.call_id) == face)
        .where(
            Match.organisation == organisation.key,
            Match.verdict != "not_open",
            col(Deadline.day).between(month.first, month.last),
        )
        .order_by(
            col(Deadline.day),
            col(Match.score).desc(),
            col(Match.call_id),
            col(SameCall.face_id).is_not(None),
            col(Deadline.position),
        )
    )
    pursued = {
        call_id for call_id, one in current_stages(session, organisation.key).items() if one.stage in PURSUED
    }
    found: dict[tuple[int, date | None, int | None], Deadline] = {}
    for call_id, percentile, areas, deadline in session.exec(statement):
        wanted = percentile >= minimum or call_id in pursued
        if wanted and (not area or any(one["id"] == area for one in areas)):
            found.setdefault((call_id, deadline.day, deadline.stage), deadline)
    return [(call_id, deadline) for (call_id, _, _), deadline in found.items()]


def _due(
    session: Session,
    organisation: Organisation,
    deadlines: Sequence[tuple[int, Deadline]],
    words: Words,
    now: datetime,
) -> list[Due]:
    items = read_items(session, organisation, {call_id for call_id, _ in deadlines}, now)
    sheets = {call_id: write_sheet(item, words, organisation, now) for call_id, item in items.items()}
    stages = current_stages(session, organisation.key)
    found = []
    for call_id, deadline in deadlines:
        sheet, instant = sheets[call_id], moment(deadline)
        assert deadline.day is not None
        stage = stages.get(call_id)
        found.append(
            Due(
                day=deadline.day,
                sheet=sheet,
                address=page_of_call("", sheet.item.call),
                at=_at(words, deadline),
                eligibility=verdict_label(words, sheet.item.match),
                stage=stage_name(words, stage.stage) if stage else "",
                past=instant is not None and instant < now,
            )
        )
    return found


def _at(words: Words, deadline: Deadline) -> str:
    """`17:00 (Brussel·les)`, after the stage where that is not the first; empty for the whole day of a single stage."""
    clock = f"{deadline.at:%H:%M} ({words.place(deadline.zone)})" if deadline.at else ""
    if deadline.stage and deadline.stage > 1:
        return ", ".join(filter(None, (words.gettext("stage %(stage)s", stage=deadline.stage), clock)))
    return clock
