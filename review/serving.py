"""The review on a socket, until it is told to stop."""

import errno
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI

from config.errors import ConfigurationError
from config.schema import Officer
from config.settings import Settings
from review.access import MachineAccess
from review.app import create_app
from review.pages import pages
from review.proxy import ProxyAccess
from review.roster import Roster
from review.sign_in import LinkAccess
from review.site import Site

MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names of this machine for itself: with any other, a foreign name was made to lead here (DNS rebinding)."""
MOST_CONNECTIONS = 500


def listen(host: str, port: int) -> socket.socket:
    """Take `port` of `host`, or a free one where it is 0. Raises ConfigurationError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except socket.gaierror as error:
        raise ConfigurationError(f"--host {host}: there is no such address") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(f"port {port} is in use: choose another one by --port") from error
        raise ConfigurationError(f"{host}, port {port}: {error.strerror}") from error


def machine_app(site: Site, port: int, officer: Officer | None) -> tuple[FastAPI, str]:
    """The review for whoever is at this machine, and the token that lets them in."""
    access = MachineAccess(port, officer)
    return _app(site, access, MACHINE), access.token


def shared_app(site: Site) -> FastAPI:
    """The review for those who sign in, by mail or through the proxy. Raises ConfigurationError."""
    settings = site.settings
    check_shared(settings)
    access = ProxyAccess(settings) if settings.proxy_header else LinkAccess(settings)
    hosts = MACHINE | {urlsplit(settings.review_url).hostname or ""}
    return _app(site, access, hosts)


def check_shared(settings: Settings) -> None:
    """Raises ConfigurationError, which says what is missing before others may be let in."""
    if not settings.secret.get_secret_value():
        raise ConfigurationError(
            "whoever is not at this machine signs in, which takes FUNDING_SECRET: 32 characters of chance or more"
        )
    if not settings.review_url:
        raise ConfigurationError(
            "whoever is not at this machine signs in, which takes FUNDING_REVIEW_URL: the address that they see"
        )
    if settings.proxy_header and not settings.proxy_address:
        raise ConfigurationError(
            "FUNDING_PROXY_HEADER takes FUNDING_PROXY_ADDRESS: the IP address from which alone it is believed"
        )


def _app(
    site: Site,
    access: MachineAccess | LinkAccess | ProxyAccess,
    hosts: frozenset[str],
) -> FastAPI:
    roster = Roster(access, site.settings.config / site.settings.organisation)
    return create_app(site, roster, [*pages(site), access.router], hosts)


class Server(uvicorn.Server):
    """uvicorn that says when it answers, and logs no addresses: neither of whoever asks nor of what they ask for.

    It believes no header about whoever asks: what reads one checks that it is the proxy's.
    """

    def __init__(self, app: FastAPI, started: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                ws="none",
                log_config=None,  # as the whole process: config.logs
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=MOST_CONNECTIONS,
                timeout_keep_alive=5,
                timeout_graceful_shutdown=10,
            )
        )
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._say_started()
