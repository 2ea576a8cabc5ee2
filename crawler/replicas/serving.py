"""Serves the replica of a portal on a loopback port, in a thread or until interrupted."""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import uvicorn
from starlette.datastructures import Headers, QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Seen:
    """A request that a replica got. `at` is in seconds of a monotonic clock, good only for differences."""

    method: str
    path: str
    query: Mapping[str, str]
    user_agent: str
    at: float


class RequestLog:
    """Middleware that appends every request, answered or refused, to `seen`."""

    def __init__(self, app: ASGIApp, seen: list[Seen]) -> None:
        self.app = app
        self.seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            query = dict(QueryParams(scope["query_string"]))
            user_agent = Headers(scope=scope).get("user-agent", "")
            self.seen.append(Seen(scope["method"], scope["path"], query, user_agent, time.monotonic()))
        await self.app(scope, receive, send)


class _Server(uvicorn.Server):
    """uvicorn that says when it serves."""

    def __init__(self, app: ASGIApp, started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(app, lifespan="off", log_level="warning", timeout_graceful_shutdown=3)
        )
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()


class Replica:
    """A replica in a thread of this process, for as long as a `with` block lasts.

    `port` 0 takes a free one. A port in use: OSError. `host`: another address of this machine, as another host.
    """

    def __init__(self, app: ASGIApp, port: int = 0, host: str = HOST) -> None:
        self._app = app
        self._port = port
        self._host = host

    def __enter__(self) -> Self:
        listener = _listen(self._port, self._host)
        self.address = _address(listener)
        ready = threading.Event()
        self._server = _Server(self._app, ready.set)

        def run() -> None:
            try:
                self._server.run(sockets=[listener])
            finally:
                listener.close()
                ready.set()

        self._thread = threading.Thread(target=run, name=f"replica {self.address}", daemon=True)
        self._thread.start()
        ready.wait()
        if not self._server.started:
            raise RuntimeError(f"the replica at {self.address} did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()


def serve(app: ASGIApp, port: int, announce: Callable[[str], None]) -> None:
    """Serves until interrupted (SIGINT). `announce` gets the address once requests are answered there."""
    with _listen(port) as listener, suppress(KeyboardInterrupt):
        _Server(app, lambda: announce(_address(listener))).run(sockets=[listener])


def _listen(port: int, host: str = HOST) -> socket.socket:
    return socket.create_server((host, port))


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"
