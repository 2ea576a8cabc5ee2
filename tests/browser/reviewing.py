"""A review of made-up calls at an address of this machine, for a real browser."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fastapi import APIRouter

from config.organisation import Language, Organisation
from config.settings import Settings
from review.app import create_app
from review.serving import Server, listen
from review.site import Site
from store.database import Database
from tests.unit.notifier.builders import NOW, organisation
from tests.unit.review.site import Anybody, visitor


@contextmanager
def served(
    database: Database,
    home: Path,
    routers: Sequence[APIRouter],
    language: Language = "en",
    of: Organisation | None = None,
) -> Iterator[str]:
    """The address of a review of `database` into which everybody is let as the officer of mobility."""
    site = Site(Settings(home=home), database, of or organisation(), lambda: NOW)
    app = create_app(site, Anybody(visitor(language=language)), list(routers))
    with listen("127.0.0.1", 0) as listener:
        server = Server(app, started=lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()  # until it answers, the socket keeps whoever asks waiting
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
