"""Ending the mails by a link in them: signed, acted on by POST alone, known to nobody but its recipient."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from config.organisation import Organisation
from config.schema import Language, Officer
from config.settings import Settings
from notifier.templating import templates
from notifier.words import words_in
from store.database import Database
from store.mail_stops import Cause, hash_of, standing_stop, stop

LONGEST_BODY = 1024
"""Bytes. A mail program sends `List-Unsubscribe=One-Click`, and the button of the page nothing."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address is the key
    "X-Content-Type-Options": "nosniff",
}


class TokenError(ValueError):
    """A token that this installation did not sign, or not for this officer at this address."""


@dataclass(frozen=True)
class Holder:
    """Whom a token is for. `address` is the beginning of `store.mail_stops.hash_of` the address it was sent to."""

    organisation: str
    officer: str
    address: str


def token(organisation: str, officer: str, address: str, secret: str) -> str:
    """What only whoever got the mail knows: URL-safe, without the address, good as long as the officer has it."""
    signed = _serializer(secret).dumps([organisation, officer, _short_hash(address)])
    return signed if isinstance(signed, str) else signed.decode("ascii")


def verify(token: str, secret: str) -> Holder:
    """Whom `token` is for. Raises TokenError."""
    try:
        organisation, officer, address = _serializer(secret).loads(token)
    except BadData as error:
        raise TokenError("no token of this installation") from error
    return Holder(organisation, officer, address)


def _serializer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="unsubscribe")


def _short_hash(address: str) -> str:
    return hash_of(address)[:16]


def one_click_address(settings: Settings, organisation: Organisation, officer: Officer) -> str:
    """The https address in `officer`'s mails that ends them by one POST; empty where the review is not set up for it."""
    secret = settings.secret.get_secret_value()
    if urlsplit(settings.review_url).scheme != "https" or not secret:
        return ""
    return f"{settings.review_url.rstrip('/')}/unsubscribe/{token(organisation.key, officer.id, officer.email, secret)}"


def holder_of(organisation: Organisation, token: str, secret: str) -> Officer:
    """The officer who got `token` at the address that is still theirs. Raises TokenError."""
    held = verify(token, secret)
    officer = organisation.officer(held.officer)
    if held.organisation != organisation.key or officer is None or held.address != _short_hash(officer.email):
        raise TokenError("a token of somebody who is not here any more")
    return officer


def unsubscribe(
    session: Session, organisation: Organisation, token: str, secret: str, now: datetime
) -> Officer:
    """Send no more mail to the holder of `token`; a second time changes nothing. Raises TokenError."""
    officer = holder_of(organisation, token, secret)
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
            officer = holder_of(organisation, request.path_params["token"], secret)
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
