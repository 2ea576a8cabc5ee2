"""`funding review`: the calls, alive, in the browser."""

import logging
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer

from cli.output import complain, installation, say
from config.clock import clock
from config.errors import ConfigurationError
from config.logs import configure_logs
from config.officers import find_officer
from config.settings import Settings
from notifier.transport import is_loopback
from review.metrics import ACCESS
from review.serving import Server, check_shared, listen, machine_app, shared_app
from review.site import Site

OPENING = """<!doctype html>
<meta charset="utf-8"><meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={address}">
<title>funding review</title><a href="{address}">funding review</a>
"""


def review(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8642,
    browser: Annotated[bool, typer.Option(help="Whether to open the browser.")] = True,
    officer: Annotated[
        str, typer.Option(metavar="ID", help="Who decides at this machine; else it is chosen on a page.")
    ] = "",
    host: Annotated[
        str, typer.Option(help="Other than this machine: whoever comes signs in, see docs/review.md.")
    ] = "127.0.0.1",
    sign_in: Annotated[
        bool, typer.Option("--sign-in", help="Sign in here too: for a proxy on this machine.")
    ] = False,
) -> None:
    """Look at the calls, decide on them, and see what became of them: in the browser, until it is stopped.

    The address that is printed lets in one browser on this machine.
    """
    is_shared = sign_in or not is_loopback(host)
    if is_shared and officer:
        raise ConfigurationError("--officer is for this machine alone: elsewhere each officer signs in")
    # What stops a service ends this as Ctrl+C does: answers under way are finished, and the database is closed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with installation() as (settings, database, organisation), suppress(KeyboardInterrupt):
        deciding = find_officer(organisation, officer) if officer else None
        site = Site(settings, database, organisation, clock)
        _write_logs()
        if is_shared:
            check_shared(settings)
        with listen(host, port) as listener:
            if is_shared:
                _warn(settings)
                Server(shared_app(site), lambda: say(settings.review_url)).run(sockets=[listener])
                return
            bound = listener.getsockname()[1]
            app, token = machine_app(site, bound, deciding)
            address = f"http://{f'[{host}]' if ':' in host else host}:{bound}/?token={token}"
            with _opening(settings.home, address, wanted=browser) as open_browser:

                def announce() -> None:
                    say(address)
                    open_browser.start()

                Server(app, announce).run(sockets=[listener])


def _write_logs() -> None:
    """A service has a line for each request; a terminal is for what whoever sits there has to know."""
    configure_logs()
    if sys.stderr.isatty():
        logging.getLogger(ACCESS).setLevel(logging.WARNING)


def _warn(settings: Settings) -> None:
    if not settings.review_url.startswith("https:"):
        complain("FUNDING_REVIEW_URL is not https: whoever listens on the way can take over a session")


@contextmanager
def _opening(home: Path, address: str, *, wanted: bool) -> Iterator[threading.Thread]:
    """What opens the browser. By a file that only its owner reads: the arguments of a program are seen by everybody.

    In a thread, as a browser on the terminal comes back only when it is left.
    """
    if not wanted:
        yield threading.Thread(target=lambda: None)
        return
    home.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", suffix=".html", prefix="review-", dir=home, encoding="utf-8") as file:
        file.write(OPENING.format(address=escape(address)))
        file.flush()
        page = Path(file.name).absolute().as_uri()
        yield threading.Thread(target=webbrowser.open, args=(page,), daemon=True)
