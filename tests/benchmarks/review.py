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
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from statistics import quantiles

import httpx
from sqlalchemy import insert
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from config.settings import Settings
from review.app import create_app
from review.pages import pages
from review.serving import Server, listen
from review.site import Site
from store.calls import save
from store.database import Database
from store.models import Call, Match
from store.records import CallRecord
from store.search import matching
from store.spans import CallSpan
from tests.unit.notifier.builders import NOW, organisation, record
from tests.unit.review.site import CSRF, Anybody, visitor

READERS, WRITERS = 20, 2
AT_ONCE = 1_000
SUBJECTS = (
    "air",
    "water",
    "buses",
    "housing",
    "bicycles",
    "waste",
    "energy",
    "noise",
    "parks",
    "rivers",
    "data",
)
SEARCHES = ("air quality", "bicycles", "TEST-7", "noise river")
ADDRESSES = {
    "inbox": ("/", "/?page=2", "/?area=mobility", "/?days=60&sort=deadline"),
    "search": tuple(f"/?q={words.replace(' ', '+')}" for words in SEARCHES),
}


def fill(database: Database, calls: int) -> None:
    with database.reading() as session:
        if session.exec(select(func.count()).select_from(Call)).one() == calls:
            return
    for first in range(0, calls, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, calls))
        with database.writing() as session:
            save(session, [made_up(number) for number in numbers], None, NOW)
    with database.writing() as session:
        ids = session.exec(select(Call.id)).all()
        for first in range(0, calls, AT_ONCE):
            session.execute(insert(Match), [matched(key) for key in ids[first : first + AT_ONCE] if key])


def made_up(number: int) -> CallRecord:
    first, second = SUBJECTS[number % len(SUBJECTS)], SUBJECTS[number // 7 % len(SUBJECTS)]
    text = f"Made-up call {number}: cities care for {first} quality and {second} together. " * 12
    day = (NOW + timedelta(days=number % 400 - 100)).date().isoformat()
    title = {"en": f"Made-up: {first} and {second}, {number}"}
    return record(
        f"TEST-{number}", day, titles=title, texts={"en": text}, programme=f"Programme {number % 40}"
    )


def matched(key: int) -> dict[str, object]:
    return {
        "organisation": "test",
        "call_id": key,
        "call_version": 1,
        "profile_hash": "",
        "model": "test",
        "score": key * 7_919 % 100_003 / 1_000,
        "percentile": 50.0,
        "areas": [{"id": ("mobility", "water")[key % 2], "score": 1.0, "terms": ["air"]}],
        "projects": [],
        "roles": [],
        "verdict": ("open", "unknown", "unlikely", "not_open")[key % 4],
        "rule": "",
        "evidence": [],
        "conditions": {},
        "learnt": [],
        "named": [],
        "matched_at": NOW,
    }


def serve(url: str, home: Path, port: socket.socket) -> None:
    site = Site(Settings(home=home), Database(url), organisation(), lambda: NOW)
    app = create_app(site, Anybody(visitor()), pages(site))
    Server(app, started=lambda: None).run(sockets=[port])


@contextmanager
def served(url: str, home: Path) -> Iterator[str]:
    """The address of the review; until it answers, its socket keeps whoever asks waiting."""
    port = listen("127.0.0.1", 0)
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, home, port))
    process.start()
    yield f"http://127.0.0.1:{port.getsockname()[1]}"
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


def report(name: str, took: Sequence[float], beside: Sequence[float] = ()) -> None:
    cuts = quantiles(took, n=20)
    ratio = f" {cuts[18] / quantiles(beside, n=20)[18]:8.1f} times bare" if beside else ""
    print(f"{name:18} {len(took):6} asked, p50 {cuts[9] * 1e3:8.1f} ms, p95 {cuts[18] * 1e3:8.1f} ms{ratio}")


def measure(calls: int, seconds: float, url: str, home: Path) -> None:
    database = Database(url)
    fill(database, calls)
    print(f"{calls} calls, {database.engine.dialect.name}, {READERS} readers, {WRITERS} writers")
    keys = iter(range(calls))
    words = cycle(["", *SEARCHES])
    next(words)
    bares = {
        "inbox": timed(seconds, [bare(database) for _ in range(READERS)]),
        "search": timed(seconds, [bare(database, next(words) or SEARCHES[0]) for _ in range(READERS)]),
    }
    with served(url, home) as address, httpx.Client(base_url=address, timeout=120) as client:
        client.get("/")
        for name, addresses in ADDRESSES.items():
            wrote: list[float] = []
            writers = [writer(client, keys) for _ in range(WRITERS)]
            side = threading.Thread(target=lambda w=writers, to=wrote: to.extend(timed(seconds, w)))
            side.start()
            took = timed(seconds, [reader(client, addresses) for _ in range(READERS)])
            side.join()
            report(f"{name}, bare", bares[name])
            report(name, took, bares[name])
            report(f"{name}, deciding", wrote)
    database.close()


def main(calls: str = "10000", seconds: str = "5", url: str = "") -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(int(calls), float(seconds), url or f"sqlite:///{Path(folder) / 'funding.db'}", Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
