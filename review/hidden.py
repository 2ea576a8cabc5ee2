"""The calls that a rule hides: how many by each rule, the words that decide, and the way back."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from config.organisation import Organisation
from notifier.links import page_of_call
from notifier.reasons import evidence
from notifier.sheet import Sheet, write_sheet
from notifier.words import Words
from review.activity import officer_name
from review.loading import read_items
from review.rendering import page
from review.site import TheSite, TheVisitor
from store.audit import revision_of
from store.decisions import Verdict, standing
from store.models import Call, Match, SameCall
from store.states import State, entry_deadline, state

PAGE = 50
"""Calls on a page."""
router = APIRouter()


@dataclass(frozen=True)
class Count:
    """How many calls a rule hides, by its id."""

    key: str
    reason: str
    calls: int


@dataclass(frozen=True)
class Shown:
    """A call with what is quoted of it, where its page is, and what a form about it says."""

    sheet: Sheet
    quotations: tuple[str, ...]
    address: str
    seen: int


@dataclass(frozen=True)
class Overruled:
    """A call of which an officer says that it is open. `own`: the visitor said so, and can take it back."""

    shown: Shown
    who: str
    on: str
    note: str
    own: bool


@router.get("/hidden")
def hidden_page(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    rule: Annotated[str, Query()] = "",
    number: Annotated[str, Query(alias="page")] = "1",
) -> Response:
    """A page of the live calls that `rule`, or any, hides, the best ranked first."""
    organisation, words, now = site.organisation, visitor.words, site.clock()
    with site.database.reading() as session:
        overruled = [
            one for one in standing(session, organisation.key) if one.decision.verdict == Verdict.OPEN
        ]
        found = hidden_calls(session, organisation, now)
        for one in overruled:
            found.pop(one.face_id, None)
        counts = _counts(found, organisation, words)
        chosen = rule if any(rule == count.key for count in counts) else ""
        wanted = [call_id for call_id, key in found.items() if not chosen or key == chosen]
        pages = max(1, -(-len(wanted) // PAGE))
        place = _page(number, pages)
        ids = list(islice(wanted, (place - 1) * PAGE, place * PAGE))
        items = read_items(session, organisation, [*ids, *(one.face_id for one in overruled)], now)
        sheets = {key: write_sheet(item, words, organisation, now) for key, item in items.items()}
        shown = {
            key: Shown(
                sheet,
                evidence(words, sheet.item.match),
                page_of_call("", sheet.item.call),
                revision_of(session, organisation.key, sheet.item.call),
            )
            for key, sheet in sheets.items()
        }
        own = visitor.officer.id if visitor.officer else ""
        return page(
            request,
            "hidden.html.j2",
            counts=counts,
            rule=chosen,
            back=f"/hidden?{urlencode({'rule': chosen, 'page': place})}",
            total=len(found),
            shown=[shown[key] for key in ids if key in shown],
            place=place,
            pages=pages,
            overruled=[
                Overruled(
                    shown=shown[one.face_id],
                    who=officer_name(words, organisation, one.decision.officer),
                    on=words.on(one.decision.decided_at, now),
                    note=one.decision.note,
                    own=one.decision.officer == own,
                )
                for one in overruled
                if one.face_id in shown
            ],
        )


def hidden_calls(session: Session, organisation: Organisation, now: datetime) -> dict[int, str]:
    """The live calls that a rule excludes, the best ranked first, each with its rule; no copies.

    Of the calls only what tells whether they are live is read: there can be very many.
    """
    statement = (
        select(Match.call_id, Match.rule, Call)
        .join(Call, col(Call.id) == Match.call_id)
        .outerjoin(SameCall, col(SameCall.call_id) == Match.call_id)
        .where(
            Match.organisation == organisation.key,
            Match.verdict == "not_open",
            col(SameCall.call_id).is_(None),
        )
        .options(load_only(col(Call.id), col(Call.status)))  # type: ignore[arg-type]
        .order_by(col(Match.score).desc(), col(Match.call_id))
    )
    elsewhere = _open_elsewhere(session, now)
    return {
        call_id: rule
        for call_id, rule, call in session.exec(statement)
        if state(call, now) is not State.CLOSED or call_id in elsewhere
    }


def _open_elsewhere(session: Session, now: datetime) -> set[int]:
    """The faces of which another source knows a deadline ahead: they are live whatever their own say."""
    statement = (
        select(SameCall.face_id, Call)
        .join(Call, col(Call.id) == SameCall.call_id)
        .options(load_only(col(Call.id), col(Call.status)))  # type: ignore[arg-type]
    )
    return {face_id for face_id, copy in session.exec(statement) if entry_deadline(copy, now) is not None}


def _counts(found: dict[int, str], organisation: Organisation, words: Words) -> list[Count]:
    """By rule in the order of the configuration; rules that are no longer there come last."""
    calls = Counter(found.values())
    known = [
        Count(rule.id, rule.reason[words.language], calls.pop(rule.id))
        for rule in organisation.rules
        if rule.id in calls
    ]
    gone = [
        Count(key, words.gettext("By what the call states, a body like ours cannot apply."), n)
        for key, n in calls.items()
    ]
    return [*known, *gone]


def _page(asked: str, pages: int) -> int:
    """The page that was asked for, if it is one: whatever else stands in the address is the first."""
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < len("1000000") else 1
    return min(max(1, wanted), pages)
