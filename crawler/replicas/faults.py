"""What may come between a portal and its reader: wrapped around any replica."""

import asyncio
import gzip
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOGIN_PAGE = (
    "<!doctype html><html><title>Sign in</title><form><input name=user><input type=password></form></html>"
)
BOMB = gzip.compress(bytes(100 * 1024 * 1024))
"""A hundred kilobytes that unpack to a hundred megabytes."""


class Fault(StrEnum):
    NEVER_ANSWERS = "never answers"
    RESET = "breaks off"
    FORBIDDEN = "403"
    MISSING = "404"
    BUSY = "429"
    BUSY_FOR_A_SECOND = "429 with Retry-After"
    BROKEN = "500"
    EMPTY = "an empty answer"
    LOGIN = "a login page"
    TRUNCATED = "half an answer"
    WRONG_SCHEMA = "another schema"
    HUGE = "20 MB of nothing"
    BOMB = "a gzip bomb"
    ELSEWHERE = "a redirect to another host"
    PRIVATE = "a redirect to a private address"
    LYING = "a total that lies"


_TOTAL = re.compile(
    rb'("(?:totalResults|totalElements|totalNoticeCount|hitCount|nbHits|count|total)": ?"?|facet-item-count=")(\d+)'
)
"""What the portals call the number of rows that a query has."""
LIE = 7
"""So many rows more than there are."""


def _json(body: bytes, **headers: str) -> Response:
    return Response(body, media_type="application/json", headers=headers)


ANSWERS: dict[Fault, Callable[[], Response]] = {
    Fault.FORBIDDEN: lambda: PlainTextResponse("Forbidden", 403),
    Fault.MISSING: lambda: PlainTextResponse("Not found", 404),
    Fault.BUSY: lambda: PlainTextResponse("Too many requests", 429),
    Fault.BUSY_FOR_A_SECOND: lambda: PlainTextResponse(
        "Too many requests", 429, headers={"Retry-After": "1"}
    ),
    Fault.BROKEN: lambda: PlainTextResponse("Internal server error", 500),
    Fault.EMPTY: lambda: _json(b""),
    Fault.LOGIN: lambda: Response(LOGIN_PAGE, media_type="text/html"),
    Fault.WRONG_SCHEMA: lambda: _json(b'{"unexpected": [1, 2, 3]}'),
    Fault.HUGE: lambda: _json(b" " * (20 * 1024 * 1024)),
    Fault.BOMB: lambda: _json(BOMB, **{"Content-Encoding": "gzip"}),
    Fault.ELSEWHERE: lambda: RedirectResponse("http://elsewhere.invalid/"),
    Fault.PRIVATE: lambda: RedirectResponse("http://10.0.0.1/"),
}


class Faulty:
    """A replica whose answers all suffer from `fault`; robots.txt is spared, or nothing would be asked at all."""

    def __init__(self, app: ASGIApp, fault: Fault) -> None:
        self.app = app
        self.fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/robots.txt":
            await self.app(scope, receive, send)
        elif self.fault is Fault.NEVER_ANSWERS:
            await asyncio.Event().wait()
        elif self.fault in (Fault.TRUNCATED, Fault.RESET):
            await self.app(scope, receive, self._halved(send))
        elif self.fault is Fault.LYING:
            await self.app(scope, receive, self._lying(send))
        else:
            await Request(scope, receive).body()
            await ANSWERS[self.fault]()(scope, receive, send)

    def _halved(self, send: Send) -> Callable[[Message], Awaitable[None]]:
        """Half of each body: as a whole answer, or with a length that is never reached."""

        async def halve(message: Message) -> None:
            if message["type"] == "http.response.start" and self.fault is Fault.TRUNCATED:
                headers = [(name, value) for name, value in message["headers"] if name != b"content-length"]
                message = {**message, "headers": headers}
            if message["type"] == "http.response.body":
                body = message.get("body", b"")
                message = {**message, "body": body[: len(body) // 2]}
            await send(message)

        return halve

    @staticmethod
    def _lying(send: Send) -> Callable[[Message], Awaitable[None]]:
        """Every total is too large; the length of a body is left to the server, since the lie may be a figure longer."""

        def lie(found: re.Match[bytes]) -> bytes:
            return found[1] + str(int(found[2]) + LIE).encode()

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (name, str(int(value) + LIE).encode() if name.lower() == b"x-wp-total" else value)
                    for name, value in message["headers"]
                    if name.lower() != b"content-length"
                ]
                message = {**message, "headers": headers}
            if message["type"] == "http.response.body":
                message = {**message, "body": _TOTAL.sub(lie, message.get("body", b""))}
            await send(message)

        return tell


class Shifting:
    """A portal whose rows move while it is read: from request number `after` on, each source is as in `later`."""

    def __init__(self, first: ASGIApp, later: ASGIApp, after: int) -> None:
        self.first, self.later, self.after = first, later, after
        self.asked: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked[scope["path"].split("/")[1]] += 1
        source = scope.get("path", "/").split("/")[1]
        await (self.first if self.asked[source] <= self.after else self.later)(scope, receive, send)
