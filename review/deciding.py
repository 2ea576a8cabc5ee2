"""Deciding in the review: on one call or many, aware of what others decide at the same time, and taken back again."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from notifier.links import page_of_call
from notifier.words import Words
from review.act_form import Asked, ManyForm, OneForm, UnfitError, act_in, revision_in
from review.act_words import action_name, event_sentence, standing_of, title_of
from review.errors import RefusedError
from review.loading import face_of, find_call
from review.paths import local_path
from review.rendering import page
from review.site import Role, Site, TheSite, TheVisitor, Visitor, site_of, visitor_of
from store.acts import Act, perform, take_back
from store.audit import StaleError, refuse_stale, revision_of
from store.models import Call

router = APIRouter()
MOST_AT_ONCE = 200
IN_PLACE_OF_ALL = {"HX-Retarget": "#main", "HX-Reswap": "innerHTML"}
"""Tells htmx to show the answer instead of the main part, whatever the form wanted it for."""


class Became(StrEnum):
    """What came of what was asked for. `nothing`: there was nothing to take back."""

    DONE = "done"
    STALE = "stale"
    NOTHING = "nothing"
    UNKNOWN = "unknown"


@router.post("/calls/{source}/{source_key:path}/decide")
def decide(
    request: Request,
    source: str,
    source_key: str,
    form: Annotated[OneForm, Form()],
    site: TheSite,
    visitor: TheVisitor,
) -> Response:
    """Do one thing to one call, unless somebody did something to it since the visitor saw it."""
    officer, now = _officer_who_decides(visitor), site.clock()
    organisation, words = site.organisation, visitor.words
    with site.database.reading() as session:
        address = page_of_call("", _face(session, source, source_key))
    back = _back(request, form, address)
    try:
        seen, act = revision_in(words, form.seen), act_in(words, organisation, form, now)
    except UnfitError as error:
        return _unfit(request, str(error), back)
    with site.database.writing() as session:
        call = _face(session, source, source_key)
        became, since = _attempt(session, site, words, officer, call, seen, act)
    if became is Became.STALE:
        return _conflict(request, (source, source_key), form, since, back)
    if became is Became.NOTHING:
        return _unfit(request, words.gettext("You have done nothing here that could be taken back."), back)
    if "HX-Request" not in request.headers or "HX-Boosted" in request.headers:
        return RedirectResponse(back, HTTPStatus.SEE_OTHER)
    with site.database.reading() as session:
        stands = standing_of(session, organisation, visitor, _face(session, source, source_key), now)
        return page(request, "decided.html.j2", stands=stands, address=address, undone=act is None, back=back)


def _conflict(
    request: Request, key: tuple[str, str], form: OneForm, since: Sequence[str], back: str
) -> Response:
    """What somebody did since, and the same form once more, for whoever decides all the same. It takes the place of the
    whole main part, wherever the form stood.
    """
    site, visitor = site_of(request), visitor_of(request)
    with site.database.reading() as session:
        call = _face(session, *key)
        answer = page(
            request,
            "conflict.html.j2",
            HTTPStatus.CONFLICT,
            stands=standing_of(session, site.organisation, visitor, call, site.clock()),
            since=since,
            title=title_of(visitor.words, call),
            address=page_of_call("", call),
            asked=action_name(visitor.words, form.action),
            fields=form.model_dump(exclude={"seen", "back"}),
            back=back,
        )
    answer.headers.update(IN_PLACE_OF_ALL)
    return answer


def _unfit(request: Request, sentence: str, back: str) -> Response:
    answer = page(
        request, "decided_unfit.html.j2", HTTPStatus.UNPROCESSABLE_ENTITY, sentence=sentence, back=back
    )
    answer.headers.update(IN_PLACE_OF_ALL)
    return answer


@dataclass(frozen=True)
class Outcome:
    """Of the call `name`, which is `source:key`. `since` tells what others did to one that was left, and `seen` is its
    revision now.
    """

    name: str
    became: Became
    title: str = ""
    title_language: str = ""
    address: str = ""
    seen: int = 0
    since: tuple[str, ...] = ()


@router.post("/decide-many")
def decide_many(
    request: Request, form: Annotated[ManyForm, Form()], site: TheSite, visitor: TheVisitor
) -> Response:
    """Do one thing to several calls: those to which somebody did something since are left, and told."""
    officer = _officer_who_decides(visitor)
    back = _back(request, form, "/")
    try:
        act = _act_for_many(site, visitor, form)
    except UnfitError as error:
        return _unfit(request, str(error), back)
    outcomes: list[Outcome] = []
    met: set[int | None] = set()
    with site.database.writing() as session:
        for name in form.calls:
            source, _, key = name.partition(":")
            found = find_call(session, source, key)
            if found is None:
                outcomes.append(Outcome(name, Became.UNKNOWN))
                continue
            call = face_of(session, found)
            if call.id not in met:  # two sources of one call are one
                met.add(call.id)
                seen = form.revisions.get(name, 0)
                outcomes.append(_one_of_many(session, site, visitor.words, officer, name, call, seen, act))
    return page(
        request,
        "bulk.html.j2",
        groups={became.value: [one for one in outcomes if one.became is became] for became in Became},
        asked=action_name(visitor.words, form.action),
        undone=act is None,
        fields=form.model_dump(exclude={"seen", "call", "back"}),
        back=back,
    )


def _act_for_many(site: Site, visitor: Visitor, form: ManyForm) -> Act | None:
    words = visitor.words
    if not form.calls:
        raise UnfitError(words.gettext("No call is chosen."))
    if len(form.calls) > MOST_AT_ONCE:
        most = words.number(MOST_AT_ONCE)
        raise UnfitError(words.gettext("These are too many calls at once: choose at most %(n)s.", n=most))
    return act_in(words, site.organisation, form, site.clock())


def _one_of_many(
    session: Session,
    site: Site,
    words: Words,
    officer: str,
    name: str,
    call: Call,
    seen: int,
    act: Act | None,
) -> Outcome:
    became, since = _attempt(session, site, words, officer, call, seen, act)
    title, language = title_of(words, call)
    return Outcome(
        name=name,
        became=became,
        title=title,
        title_language=language,
        address=page_of_call("", call),
        seen=revision_of(session, site.organisation.key, call),
        since=since,
    )


def _attempt(
    session: Session, site: Site, words: Words, officer: str, call: Call, seen: int, act: Act | None
) -> tuple[Became, tuple[str, ...]]:
    """Do it, unless something was done to the call since revision `seen`: then what that was, in sentences."""
    organisation, now = site.organisation, site.clock()
    try:
        refuse_stale(session, organisation.key, call, seen)
    except StaleError as error:
        return Became.STALE, tuple(event_sentence(words, organisation, one, now) for one in error.since)
    if act is None:
        kept = take_back(session, organisation.key, officer, call, now)
    else:
        kept = perform(session, organisation.key, officer, call, act, now)
    return Became.DONE if kept else Became.NOTHING, ()


def _officer_who_decides(visitor: Visitor) -> str:
    if visitor.role is not Role.OFFICER:
        raise RefusedError(HTTPStatus.FORBIDDEN, "reader")
    if visitor.officer is None:
        raise RefusedError(HTTPStatus.FORBIDDEN, "officer")
    return visitor.officer.id


def _face(session: Session, source: str, source_key: str) -> Call:
    call = find_call(session, source, source_key)
    if call is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return face_of(session, call)


def _back(request: Request, form: Asked, otherwise: str) -> str:
    """The path to go on at: the one that the form names, else that of the page it stood on."""
    return local_path(form.back, local_path(_came_from(request), otherwise))


def _came_from(request: Request) -> str:
    """Empty for another site, and for the answer to a form, which is not to be asked for."""
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    if referrer.netloc != request.url.netloc or referrer.path.endswith(("/decide", "/decide-many")):
        return ""
    return f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
