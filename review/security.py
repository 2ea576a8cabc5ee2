"""What every request must stand before a page is reached, and every answer bears."""

import asyncio
from hmac import compare_digest
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from review.auditing import Refusals
from review.errors import RefusedError, error_page, unavailable
from review.headers import secure
from review.health import PATH as HEALTH
from review.language import language_of
from review.site import Role, Site, Visitor, site_of
from store.errors import StoreError

LONGEST_ADDRESS = 8 * 1024
"""Bytes of path and query."""
LONGEST_BODY = 64 * 1024
MOST_FIELDS = 1000
SLOWEST_BODY = 20.0
"""Seconds in which a body must have arrived."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""
UNGUARDED = ("/api/", "/unsubscribe/")
"""No browser is signed in there: what is asked for bears its own proof."""
BEFORE_DECIDING = ("/language", "/officer", "/sign-in", "/sign-out")
"""What those who may not decide may send."""


class Access(Protocol):
    """Who may enter."""

    def let_in(self, request: Request) -> Visitor | Response:
        """Whoever asks, or what they are answered instead of the page. Raises RefusedError, StoreError."""


class Guard:
    """The ASGI layer around all pages. `hosts` are the names under which this site is asked for; None: any."""

    def __init__(self, app: ASGIApp, site: Site, access: Access, hosts: frozenset[str] | None) -> None:
        self.app = app
        self._access = access
        self._hosts = hosts
        self._refusals = Refusals(site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        outgoing = _secured(request, send)
        why = ""
        try:
            body = await self._checked(request)
            found = await self._let_in(request)
            if isinstance(found, Visitor):
                request.state.visitor = found
                _check_form(request, body, found)
        except ClientDisconnect:
            return
        except RefusedError as error:
            found, why = error_page(request, HTTPStatus(error.status_code), error.why), error.why
        except HTTPException as error:
            found = error_page(request, HTTPStatus(error.status_code))
        except StoreError as error:
            found = unavailable(request, error)
        if isinstance(found, Response):
            await found(scope, receive, outgoing)
            if why:
                await run_in_threadpool(self._refusals.note, why)
        else:
            await self.app(scope, _replayed(body, receive), outgoing)

    async def _let_in(self, request: Request) -> Visitor | Response:
        """Whether it is well may be asked from this machine too, past a proxy, by whoever has no cookie."""
        if request.url.path == HEALTH:
            return Visitor(Role.NOBODY, language_of(request, site_of(request)), csrf="")
        return await run_in_threadpool(self._access.let_in, request)

    async def _checked(self, request: Request) -> bytes:
        """The whole body. Raises HTTPException for what is too long, too slow or meant for somebody else."""
        path = request.scope.get("raw_path") or request.url.path.encode()
        query = request.scope["query_string"]
        if len(path) + len(query) > LONGEST_ADDRESS:
            raise HTTPException(HTTPStatus.REQUEST_URI_TOO_LONG)
        if self._hosts is not None and _host_of(request) not in self._hosts:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "host")
        body = await _read(request)
        # No database takes the character NUL in a text, and nobody types it.
        if any(nul in part for part in (path, query, body) for nul in (b"%00", b"\0")):
            raise HTTPException(HTTPStatus.BAD_REQUEST)
        return body


def _host_of(request: Request) -> str:
    try:
        return urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
    except ValueError:
        return ""


async def _read(request: Request) -> bytes:
    length = request.headers.get("Content-Length", "0")
    if not length.isdecimal() or int(length) > LONGEST_BODY:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for part in request.stream():
                body += part
                if len(body) > LONGEST_BODY:
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
    return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What was read once, for the page that reads it again; then what comes after it."""
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return parts.pop() if parts else await receive()

    return receiving


def _check_form(request: Request, body: bytes, visitor: Visitor) -> None:
    """Raises RefusedError where a change is asked for by another site, by a forged form, or by who may not decide."""
    path = request.url.path
    if request.method in SAFE or path.startswith(UNGUARDED):
        return
    if not _is_of_this_site(request):
        raise RefusedError(HTTPStatus.FORBIDDEN, "origin")
    given = request.headers.get("X-CSRF-Token") or _field(request, body, "csrf")
    if not visitor.csrf or not compare_digest(given.encode("utf-8", "replace"), visitor.csrf.encode()):
        raise RefusedError(HTTPStatus.FORBIDDEN, "csrf")
    if not visitor.may_decide and not path.startswith(BEFORE_DECIDING):
        raise RefusedError(HTTPStatus.FORBIDDEN, "officer" if visitor.role is Role.OFFICER else "reader")


def _is_of_this_site(request: Request) -> bool:
    """By what the browser says of where the form stood. One that says nothing leaves it to the form's token."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


def _field(request: Request, body: bytes, name: str) -> str:
    if request.headers.get("Content-Type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        return ""
    try:
        fields = parse_qs(body.decode("latin-1"), max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE) from None
    return fields.get(name, [""])[0]


def _secured(request: Request, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            secure(request.url.path, headers)
            cookie: str = getattr(request.state, "new_cookie", "")
            if cookie:
                headers.append("Set-Cookie", cookie)
        await send(message)

    return sending
