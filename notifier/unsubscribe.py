"""Ending the mails by a link in them: signed, acted on by POST alone, known to nobody but its recipient."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from config.organisation import Organisation
from config.schema import Language, Officer
from config.settings import Settings
from notifier.signing import Purpose, TokenError, holder_of, token
from notifier.templating import templates
from notifier.words import words_in
from store.database import Database
from store.mail_stops import Cause, standing_stop, stop

LONGEST_BODY = 1024
"""Bytes. A mail program sends `List-Unsubscribe=One-Click`, and the button of the page nothing."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address is the key
    "X-Content-Type-Options": "nosniff",
}


def one_click_address(settings: Settings, organisation: Organisation, officer: Officer) -> str:
    """The https address in `officer`'s mails that ends them by one POST; empty where the review is not set up for it."""
    secret = settings.secret.get_secret_value()
    if urlsplit(settings.review_url).scheme != "https" or not secret:
        return ""
    signed = token(Purpose.UNSUBSCRIBE, organisation.key, officer.id, officer.email, secret)
    return f"{settings.review_url.rstrip('/')}/unsubscribe/{signed}"


def unsubscribe(
    session: Session, organisation: Organisation, token: str, secret: str, now: datetime
) -> Officer:
    """Send no more mail to the holder of `token`; a second time changes nothing. Raises TokenError."""
    officer = holder_of(Purpose.UNSUBSCRIBE, organisation, token, secret)
    stands = standing_stop(session, organisation.key, officer.id, officer.email, now)
    if stands is None or stands.cause != Cause.UNSUBSCRIBED:
        stop(session, organisation.key, officer.id, Cause.UNSUBSCRIBED, now, address=officer.email)
    return officer


def unsubscribe_routes(
    database: Database, organisation: Organisation, secret: str, clock: Callable[[], datetime]
) -> list[Route]:
    """`/unsubscribe/<token>`: POST acts (RFC 8058: without cookie or sign-in), GET shows a button and changes nothing."""

    def ask(request: Request) -> Response:
        try:
            officer = holder_of(Purpose.UNSUBSCRIBE, organisation, request.path_params["token"], secret)
        except TokenError:
            return _unknown(organisation)
        return _page(organisation, officer.language, "ask")

    def end(given: str) -> Response:
        try:
            with database.writing() as session:
                officer = unsubscribe(session, organisation, given, secret, clock())
        except TokenError:
            return _unknown(organisation)
        return _page(organisation, officer.language, "done")

    async def act(request: Request) -> Response:
        if not await _is_short(request):
            return PlainTextResponse(
                "Too large", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers=HEADERS
            )
        return await run_in_threadpool(end, request.path_params["token"])

    return [
        Route("/unsubscribe/{token}", ask, methods=["GET"]),
        Route("/unsubscribe/{token}", act, methods=["POST"]),
    ]


async def _is_short(request: Request) -> bool:
    """Read the body, no further than it may be long."""
    length = 0
    async for part in request.stream():
        length += len(part)
        if length > LONGEST_BODY:
            return False
    return True


def _unknown(organisation: Organisation) -> Response:
    return _page(organisation, organisation.profile.language, "unknown", HTTPStatus.NOT_FOUND)


def _page(
    organisation: Organisation, language: Language, state: str, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    page = templates(language).get_template("unsubscribe.html.j2")
    content = page.render(words=words_in(language), organisation=organisation, state=state)
    return HTMLResponse(content, status_code=status, headers=HEADERS)
