"""How long the inbox and a search take while many look and some decide, beside the bare queries for their calls.

    python -m tests.benchmarks.review [CALLS] [SECONDS] [DATABASE_URL]

10,000 made-up calls unless told otherwise, in a new SQLite database unless an empty one, or one that was filled so, is given. The review is served in
a process of its own, which lets everybody in; 20 readers ask without a pause, 2 writers decide on a call after the other.
Bare is the statement that finds the first 25 calls, asked by as many threads at once and nobody writing.
"""

import multiprocessing
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle, islice
from pathlib import Path
from statistics import median, quantiles

import httpx
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.settings import Settings
from review.app import create_app
from review.pages import pages
from review.serving import Server, listen
from review.site import Site
from store.database import Database
from store.models import Match
from store.search import matching
from store.spans import CallSpan
from tests.benchmarks.filling import fill, fill_matches, sqlite
from tests.databases import new_postgresql
from tests.memory import peak
from tests.unit.notifier.builders import NOW, organisation
from tests.unit.review.site import CSRF, Anybody, visitor

READERS, WRITERS = 20, 2
SEARCHES = ("air quality", "bicycles", "TEST-7", "noise river")
ADDRESSES = {
    "inbox": ("/", "/?page=2", "/?area=mobility", "/?days=60&sort=deadline"),
    "search": tuple(f"/?q={words.replace(' ', '+')}" for words in SEARCHES),
}


@dataclass(frozen=True)
class Taken:
    """Seconds that each ask took: of the readers, of the bare queries beside, and of those who decided meanwhile."""

    ours: Sequence[float]
    bare: Sequence[float]
    deciding: Sequence[float]


def matched(number: int) -> dict[str, object]:
    return {
        "score": (number + 1) * 7_919 % 100_003 / 1_000,
        "areas": [{"id": ("water", "mobility")[number % 2], "score": 1.0, "terms": ["air"]}],
        "verdict": ("unknown", "unlikely", "not_open", "open")[number % 4],
    }


def serve(url: str, home: Path, port: socket.socket) -> None:
    site = Site(Settings(home=home), Database(url), organisation(), lambda: NOW)
    app = create_app(site, Anybody(visitor()), pages(site))
    Server(app, started=lambda: None).run(sockets=[port])


@contextmanager
def served(url: str, home: Path) -> Iterator[tuple[str, int]]:
    """The address of the review, and its process; until it answers, its socket keeps whoever asks waiting."""
    port = listen("127.0.0.1", 0)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, home, port))
    process.start()
    assert process.pid is not None
    try:
        yield f"http://127.0.0.1:{port.getsockname()[1]}", process.pid
    finally:
        process.terminate()
        process.join()
        port.close()


def timed(seconds: float, asks: Sequence[Callable[[int], None]]) -> list[float]:
    """Seconds that each ask took, with one thread for each of `asks`, over and over."""
    took: list[float] = []
    end = time.monotonic() + seconds

    def work(ask: Callable[[int], None]) -> None:
        for number in count():
            begun = time.monotonic()
            if begun >= end:
                return
            ask(number)
            took.append(time.monotonic() - begun)

    threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def reader(client: httpx.Client, addresses: Sequence[str]) -> Callable[[int], None]:
    return lambda number: _fine(client.get(addresses[number % len(addresses)]))


def writer(client: httpx.Client, keys: Iterator[int]) -> Callable[[int], None]:
    form = {"csrf": CSRF, "seen": "0", "action": "relevant"}
    return lambda _: _fine(client.post(f"/calls/test_portal/TEST-{next(keys)}/decide", data=form))


def _fine(answer: httpx.Response) -> None:
    if answer.status_code not in (200, 303):
        raise RuntimeError(f"{answer.url}: {answer.status_code}")


def bare(database: Database, words: str = "") -> Callable[[int], None]:
    def ask(_: int) -> None:
        with database.reading() as session:
            statement: SelectOfScalar[int] = (
                select(Match.call_id)
                .join(CallSpan, col(CallSpan.call_id) == Match.call_id)
                .where(Match.organisation == "test", Match.verdict != "not_open", CallSpan.live)
                .where(CallSpan.since < NOW, CallSpan.until >= NOW)
                .order_by(col(Match.score).desc())
                .limit(25)
            )
            if words and (found := matching(session, words)) is not None:
                statement = statement.where(col(Match.call_id).in_(found))
            session.execute(statement).all()

    return ask


def measure(database: Database, calls: int, seconds: float, home: Path) -> tuple[dict[str, Taken], float]:
    """Inbox and search, and the megabytes that the review held at most."""
    fill_matches(database, matched)
    keys = iter(range(calls))
    bares = {
        "inbox": timed(seconds, [bare(database) for _ in range(READERS)]),
        "search": timed(seconds, [bare(database, words) for words in islice(cycle(SEARCHES), READERS)]),
    }
    found = {}
    url = database.url.render_as_string(hide_password=False)
    with served(url, home) as (address, process), httpx.Client(base_url=address, timeout=120) as client:
        client.get("/")
        for name, addresses in ADDRESSES.items():
            wrote: list[float] = []
            writers = [writer(client, keys) for _ in range(WRITERS)]
            side = threading.Thread(target=lambda w=writers, to=wrote: to.extend(timed(seconds, w)))
            side.start()
            took = timed(seconds, [reader(client, addresses) for _ in range(READERS)])
            side.join()
            found[name] = Taken(took, bares[name], wrote)
        return found, peak(process)


def rows(calls: int, folder: Path) -> Iterator[tuple[str, float, float, float]]:
    """What was measured, seconds of ours and of bare within which 95 of 100 are answered, megabytes at most."""
    yield from _rows("SQLite", sqlite(folder, calls), calls, folder)


def postgresql_rows(calls: int, folder: Path) -> Iterator[tuple[str, float, float, float]]:
    with new_postgresql() as url:
        database = Database(url)
        fill(database, calls)
        yield from _rows("PostgreSQL", database, calls, folder)


def _rows(
    engine: str, database: Database, calls: int, folder: Path
) -> Iterator[tuple[str, float, float, float]]:
    found, memory = measure(database, calls, 10, folder)
    database.close()
    for name, taken in found.items():
        yield f"{name}, {engine}", p95(taken.ours), p95(taken.bare), memory


def p95(took: Sequence[float]) -> float:
    return quantiles(took, n=20)[18]


def report(name: str, took: Sequence[float], beside: Sequence[float] = ()) -> None:
    ratio = f" {p95(took) / p95(beside):8.1f} times bare" if beside else ""
    print(
        f"{name:18} {len(took):6} asked, p50 {median(took) * 1e3:8.1f} ms, p95 {p95(took) * 1e3:8.1f} ms{ratio}"
    )


def main(calls: str = "10000", seconds: str = "5", url: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'funding.db'}")
        fill(database, int(calls))
        found, memory = measure(database, int(calls), float(seconds), Path(folder))
        print(
            f"{calls} calls, {database.engine.dialect.name}, {READERS} readers, {WRITERS} writers, {memory:.0f} MB at most"
        )
        for name, taken in found.items():
            report(f"{name}, bare", taken.bare)
            report(name, taken.ours, taken.bare)
            report(f"{name}, deciding", taken.deciding)
        database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
