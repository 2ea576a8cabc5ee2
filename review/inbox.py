"""The inbox: the live calls that no rule hides, narrowed by filters and words, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, col, func, select

from config.organisation import LANGUAGES, Organisation
from notifier.headings import reason_name
from notifier.items import Item
from notifier.links import page_of_call
from notifier.sheet import Sheet, write_sheet
from notifier.words import Words
from review.activity import officer_name, stage_name, verdict_name
from review.errors import RefusedError
from review.filters import NONE, Filter, Sort, Unfit, filter_of
from review.finding import MOST_COUNTED, found_calls, pages_of, programmes
from review.history import named_in
from review.loading import read_items
from review.rendering import page
from review.site import Role, Site, TheSite, TheVisitor, Visitor
from store.assignments import NOBODY
from store.decisions import SUBJECTS, Reason, Standing, Subject, Verdict, votes
from store.models import Assignment, AuditEvent, Decision, SavedFilter, Stage
from store.saved_filters import MOST_FILTERS, TooManyError, delete_filter, filters_of, save_filter
from store.stages import CallStage

PAGE = 25
"""Calls on a page."""
MOST_PROGRAMMES = 500
LONGEST_NAME = 80
router = APIRouter()
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Card:
    """A call in a few lines. `name` and `seen` are what a form about several calls says of it; `chips` tell its stage,
    who looks after it and what officers made of it.
    """

    sheet: Sheet
    address: str
    name: str
    seen: int
    chips: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """What the fields of the filter offer, as (value, name)."""

    areas: Pairs
    lines: Pairs
    verdicts: Pairs
    sources: Pairs
    languages: Pairs
    stages: Pairs
    officers: Pairs
    decided: Pairs
    sorts: Pairs
    reasons: Pairs
    programmes: Sequence[str]


@router.get("/")
def inbox(request: Request, site: TheSite, visitor: TheVisitor) -> Response:
    asked, unfit = filter_of(request.url.query, site.organisation)
    with site.database.reading() as session:
        return _inbox(
            request, session, site, visitor, asked, [_left_out(visitor.words, one) for one in unfit]
        )


@router.post("/filters")
def filters(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    action: Annotated[str, Form()] = "save",
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
) -> Response:
    """Keep the filter that `query` means under `name`, or with `action` delete the one whose number is `key`."""
    if visitor.role is not Role.OFFICER:
        raise RefusedError(HTTPStatus.FORBIDDEN, "reader")
    if visitor.officer is None:
        raise RefusedError(HTTPStatus.FORBIDDEN, "officer")
    words, organisation, officer = visitor.words, site.organisation, visitor.officer.id
    asked, _ = filter_of(query, organisation)
    asked = asked.at(1)
    said = " ".join(name.split())
    fault = ""
    with site.database.writing() as session:
        if action == "delete":
            if key.isascii() and key.isdigit() and len(key) < len(str(2**31)):
                delete_filter(session, organisation.key, officer, int(key))
        elif not said or len(said) > LONGEST_NAME or not said.isprintable():
            most = words.number(LONGEST_NAME)
            fault = words.gettext("A saved filter has a name of 1 to %(most)s characters.", most=most)
        else:
            try:
                save_filter(session, organisation.key, officer, said, asked.query, site.clock())
            except TooManyError:
                most = words.number(MOST_FILTERS)
                fault = words.gettext(
                    "No more than %(most)s filters can be saved: delete one first.", most=most
                )
    if not fault:
        return RedirectResponse(asked.address, HTTPStatus.SEE_OTHER)
    with site.database.reading() as session:
        return _inbox(request, session, site, visitor, asked, [fault], HTTPStatus.UNPROCESSABLE_ENTITY)


def _inbox(
    request: Request,
    session: Session,
    site: Site,
    visitor: Visitor,
    asked: Filter,
    notices: Sequence[str],
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    organisation, words, now = site.organisation, visitor.words, site.clock()
    total, ids = found_calls(session, organisation, asked, now, PAGE)
    pages = pages_of(total, PAGE)
    place = min(asked.page, pages)
    saved = filters_of(session, organisation.key, visitor.officer.id) if visitor.officer else ()
    answer = page(
        request,
        "inbox.html.j2",
        status,
        asked=asked,
        notices=notices,
        total=total,
        most=MOST_COUNTED,
        cards=_cards(session, organisation, ids, words, now),
        place=place,
        pages=pages,
        address=asked.at(place).address,
        previous=asked.at(place - 1).address if place > 1 else "",
        following=asked.at(place + 1).address if place < pages else "",
        choices=_choices(session, organisation, words, asked),
        saved=[(one, _address(one, organisation)) for one in saved],
    )
    if request.method == "GET" and "HX-Request" in request.headers:
        answer.headers["HX-Push-Url"] = asked.at(place).address
    return answer


def _address(saved: SavedFilter, organisation: Organisation) -> str:
    return filter_of(saved.query, organisation)[0].address


def _cards(
    session: Session, organisation: Organisation, ids: Sequence[int], words: Words, now: datetime
) -> list[Card]:
    items = read_items(session, organisation, ids, now)
    chips = _chips(session, organisation, items, words)
    seen = _revisions(session, organisation, ids)
    return [
        Card(
            write_sheet(item, words, organisation, now),
            page_of_call("", item.call),
            f"{item.call.source}:{item.call.source_key}",
            seen.get(key, 0),
            tuple(filter(None, chips[key])),
        )
        for key in ids
        if (item := items.get(key)) is not None
    ]


def _revisions(session: Session, organisation: Organisation, ids: Sequence[int]) -> dict[int, int]:
    """`store.audit.revision_of` of many calls at once."""
    statement = (
        select(AuditEvent.call_id, func.max(col(AuditEvent.id)))
        .where(AuditEvent.organisation == organisation.key, col(AuditEvent.call_id).in_(ids))
        .group_by(col(AuditEvent.call_id))
    )
    return {call_id: last or 0 for call_id, last in session.exec(statement) if call_id is not None}


def _chips(
    session: Session, organisation: Organisation, items: Mapping[int, Item], words: Words
) -> dict[int, tuple[str, str, str]]:
    """By call: how far it has got, who looks after it, what officers together make of it; empty where nobody said."""
    face_of = {one.id: key for key, item in items.items() for one in item.sources if one.id is not None}

    def rows(table: Any, *where: Any) -> Sequence[Any]:
        known = (table.organisation == organisation.key, table.call_id.in_(face_of))
        return session.exec(select(table).where(*known, *where).order_by(table.id)).all()

    stages = {face_of[one.call_id]: one for one in rows(Stage, col(Stage.withdrawn_at).is_(None))}
    looking = {face_of[one.call_id]: one.officer for one in rows(Assignment)}
    last = {
        (one.officer, face_of[one.call_id]): Standing(one, face_of[one.call_id], changed_since=False)
        for one in rows(Decision, col(Decision.withdrawn_at).is_(None))
        if SUBJECTS[Verdict(one.verdict)] is Subject.RELEVANCE
    }
    made = {one.call_id: one for one in votes(last.values())}

    def chips(key: int) -> tuple[str, str, str]:
        vote, officer = made.get(key), looking.get(key, NOBODY)
        verdict = (
            verdict_name(words, Verdict.RELEVANT if vote.relevant else Verdict.NOT_RELEVANT) if vote else ""
        )
        reason = reason_name(words, vote.reason) if vote else ""
        return (
            stage_name(words, stages[key].stage) if key in stages else "",
            words.gettext("Looked after by %(name)s", name=officer_name(words, organisation, officer))
            if officer
            else "",
            f"{verdict} ({reason})" if reason else verdict,
        )

    return {key: chips(key) for key in items}


def _left_out(words: Words, one: Unfit) -> str:
    if not one.field:
        return words.gettext("The address holds more than a filter has room for: its end is left out.")
    return words.gettext(
        "%(value)s does not fit “%(field)s” and is left out.",
        value=words.quoted(one.value[:40]),
        field=one.field,
    )


def _choices(session: Session, organisation: Organisation, words: Words, asked: Filter) -> Choices:
    language = words.language
    languages = list(dict.fromkeys([*LANGUAGES, *filter(None, [asked.language])]))
    return Choices(
        areas=tuple((area.id, area.name[language]) for area in organisation.areas),
        lines=tuple((line.id, line.name[language]) for line in organisation.profile.lines),
        verdicts=(
            ("open", words.gettext("Open to us")),
            ("unknown", words.gettext("Eligibility to be checked")),
            ("unlikely", words.gettext("Unlikely for us")),
        ),
        sources=tuple((source.key, source.name) for source in organisation.sources),
        languages=tuple((one, _language_name(words, one)) for one in languages),
        stages=(
            (NONE, words.gettext("none yet")),
            *((stage.value, stage_name(words, stage)) for stage in CallStage),
        ),
        officers=(
            (NONE, words.gettext("nobody")),
            *((one.id, one.name[language]) for one in organisation.officers),
        ),
        decided=(
            (NONE, words.gettext("not decided")),
            *((one.value, verdict_name(words, one)) for one in (Verdict.RELEVANT, Verdict.NOT_RELEVANT)),
        ),
        sorts=(
            (Sort.RELEVANCE, words.gettext("the best first")),
            (Sort.DEADLINE, words.gettext("the next deadline first")),
            (Sort.BUDGET, words.gettext("the largest budget first")),
            (Sort.NEWEST, words.gettext("the newest first")),
        ),
        reasons=tuple((reason.value, reason_name(words, reason)) for reason in Reason if reason),
        programmes=programmes(session, MOST_PROGRAMMES),
    )


def _language_name(words: Words, language: str) -> str:
    return named_in(words, "", language).strip(" ()")
