"""Feeds and calendars that programs subscribe to: admitted by a signed address, or by the session of whoever looks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session
from starlette.exceptions import HTTPException

from config.schema import Officer, PolicyArea
from notifier.calendar import subscribed_calendar
from notifier.feeds import write_feed
from notifier.items import BRUSSELS
from notifier.scope import Scope, calls_of_officer
from notifier.signing import Purpose, TokenError, holder_of, token
from notifier.words import Words, words_in
from review.conditional import Tags, conditional
from review.live_scopes import live_scope, newest_scope
from review.site import Role, Site, TheSite, TheVisitor
from store.revision import revision

HEADERS = {"Referrer-Policy": "no-referrer"}
"""The address is the key."""
METHODS = ["GET", "HEAD"]
"""Some feed readers ask for the headers first."""
Scoped = Callable[[Session, datetime], Scope]
router = APIRouter()


@dataclass(frozen=True)
class Subscriber:
    """Who reads: `address` is that of the token where one let them in, and empty where a session did."""

    officer: Officer | None
    words: Words
    address: str = ""

    @property
    def reader(self) -> str:
        return self.officer.id if self.officer else ""


def feed_address(site: Site, officer: Officer | None, path: str) -> str:
    """Where `officer` subscribes to `path` (`/feeds/all.atom`): good as long as they are listed with their address.

    Without a secret, or an officer, it is good for the visitor's own browser alone; without an address of the review it
    begins with `path`.
    """
    address = site.settings.review_url.rstrip("/") + path
    secret = site.settings.secret.get_secret_value()
    if not secret or officer is None:
        return address
    signed = token(Purpose.FEED, site.organisation.key, officer.id, officer.email, secret)
    return f"{address}?token={signed}"


def _holder(site: Site, given: str) -> Officer | None:
    """Whose token it is, if this installation signed it and they still are whom it was signed for."""
    secret = site.settings.secret.get_secret_value()
    try:
        return holder_of(Purpose.FEED, site.organisation, given, secret) if secret else None
    except TokenError:
        return None


def _admitted(
    request: Request,
    site: TheSite,
    visitor: TheVisitor,
    given: Annotated[str, Query(alias="token")] = "",
) -> Subscriber:
    """By the token if there is one, else by the session. Whoever has neither learns not even what there is."""
    if given:
        officer = _holder(site, given)
        if officer is not None:
            address = feed_address(site, officer, request.url.path)
            return Subscriber(officer, words_in(officer.language), address)
    elif visitor.role is not Role.NOBODY:
        return Subscriber(visitor.officer, visitor.words)
    raise HTTPException(HTTPStatus.NOT_FOUND)


TheSubscriber = Annotated[Subscriber, Depends(_admitted)]


@router.api_route("/feeds/all.{form}", methods=METHODS)
def everything(request: Request, site: TheSite, subscriber: TheSubscriber, form: str) -> Response:
    return _published(request, site, subscriber, form, _of_many(site, form))


@router.api_route("/feeds/deadlines.ics", methods=METHODS)
def deadlines(request: Request, site: TheSite, subscriber: TheSubscriber) -> Response:
    """The deadlines of whoever asks; of all calls for whoever is no officer."""
    officer = subscriber.officer
    scoped = _of_one(site, officer) if officer else _of_many(site, "ics")
    return _published(request, site, subscriber, "ics", scoped)


@router.api_route("/feeds/area/{area}.{form}", methods=METHODS)
def of_area(request: Request, site: TheSite, subscriber: TheSubscriber, area: str, form: str) -> Response:
    wanted = next((one for one in site.organisation.areas if one.id == area), None)
    if wanted is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _published(request, site, subscriber, form, _of_many(site, form, wanted))


@router.api_route("/feeds/officer/{officer}.{form}", methods=METHODS)
def of_officer(
    request: Request, site: TheSite, subscriber: TheSubscriber, officer: str, form: str
) -> Response:
    """What passes the gates of the officer's digest. An address that got about shows its owner's and nobody else's."""
    wanted = site.organisation.officer(officer)
    if wanted is None or (subscriber.address and wanted != subscriber.officer):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return _published(request, site, subscriber, form, _of_one(site, wanted))


def _of_many(site: Site, form: str, area: PolicyArea | None = None) -> Scoped:
    read = newest_scope if form == "atom" else live_scope
    return lambda session, now: read(session, site.organisation, area, now)


def _of_one(site: Site, officer: Officer) -> Scoped:
    """Ranks of an officer's own depend on every match, so all are read."""
    return lambda session, now: calls_of_officer(session, site.organisation, officer, now)


def _published(request: Request, site: Site, subscriber: Subscriber, form: str, scoped: Scoped) -> Response:
    """What `scoped` reads as `form`: atom or ics; nothing is read for whoever has it. Raises HTTPException."""
    if form not in WRITERS:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    media_type, write = WRITERS[form]
    now, tags = site.clock(), _tags_of(request)
    question = (request.url.path, subscriber.address, subscriber.reader, subscriber.words.language)
    with site.database.reading() as session:
        stored = revision(session, site.organisation.key, now)
        made_of = (site.organisation, stored, now.astimezone(BRUSSELS).date())
        if unchanged := tags.unchanged(request, question, made_of, HEADERS):
            return unchanged
        content = write(scoped(session, now), site, subscriber, now)
    answer = conditional(request, content, media_type, HEADERS)
    tags.keep(question, made_of, answer)
    return answer


def _tags_of(request: Request) -> Tags:
    kept = request.app.state
    if not hasattr(kept, "feed_tags"):
        kept.feed_tags = Tags()
    found: Tags = kept.feed_tags
    return found


def _feed(scope: Scope, site: Site, subscriber: Subscriber, now: datetime) -> bytes:
    address = subscriber.address if site.settings.review_url else ""
    return write_feed(scope, subscriber.words, site.organisation, now, address)


def _calendar(scope: Scope, site: Site, subscriber: Subscriber, now: datetime) -> bytes:
    words = subscriber.words
    return subscribed_calendar(scope.items, words, site.organisation, now, scope.deadlines_title(words))


WRITERS: Mapping[str, tuple[str, Callable[[Scope, Site, Subscriber, datetime], bytes]]] = {
    "atom": ("application/atom+xml", _feed),
    "ics": ("text/calendar", _calendar),
}
