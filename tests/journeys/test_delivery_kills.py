"""`kill -9` at every step of sending, and at random moments: nothing is lost, and nothing comes as another mail.

`KILLS` is how many random ones there are, 20 by default; with `-s` it prints what came of them.
"""

import multiprocessing
import os
import random
import re
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Event

import pytest

from store.database import Database
from tests.journeys.sending import OURS, send
from tests.unit.notifier.builders import NOW, match, record, store
from tests.unit.notifier.mail_server import MailServer, served

KILLS = int(os.environ.get("KILLS", "20"))
INSIDE = ("prepared", "claimed", "noted")
"""Steps at which the process kills itself; at those of the server, the server does."""
AT_SERVER = {"connected": "EHLO", "recipient": "RCPT", "accepted": "text"}


@dataclass
class World:
    """A server, a home, and one week after the other with a new call in each."""

    home: Path
    server: MailServer
    context: ForkServerContext
    weeks: int = 0
    killed: Counter[str] = field(default_factory=Counter)

    def begin_week(self) -> None:
        self.weeks += 1
        key = f"TEST-{self.weeks}"
        database = Database(f"sqlite:///{self.home / 'funding.db'}")
        store(database, record(key, "2040-01-31"), now=self.now)
        match(database, (key, 1000.0 - self.weeks))
        database.close()

    @property
    def now(self) -> datetime:
        return NOW + self.weeks * timedelta(weeks=1)

    def start(self, step: str = "") -> None:
        """Start a process, and wait until it is about to send."""
        ours, theirs = self.context.Pipe()
        self.process = self.context.Process(
            target=send, args=(self.home, self.server.url, self.now, step, theirs)
        )
        self.process.start()
        theirs.close()
        ours.recv()
        ours.close()

    def run(self) -> None:
        self.start()
        self.process.join()
        assert self.process.exitcode == 0

    def kill_at(self, step: str, place: int) -> None:
        """Kill the process at the step of its mail number `place`, or of its first."""
        self.begin_week()
        gone = Event()

        def kill() -> None:
            self.process.kill()
            gone.wait()  # an answer must not reach it any more

        if step in AT_SERVER:
            self.server.waits = {AT_SERVER[step]: _at(place, kill)}
        self.start(step)
        self.process.join()
        gone.set()
        self.server.waits = {}
        assert self.process.exitcode == -signal.SIGKILL
        self.killed[step] += 1

    def kill_after(self, seconds: float) -> None:
        """Kill the process after `seconds`, if it has not ended by then."""
        self.begin_week()
        self.start()
        Event().wait(seconds)
        self.process.kill()
        self.process.join()
        self.killed["random"] += self.process.exitcode == -signal.SIGKILL


def _at(place: int, act: Callable[[], None]) -> Callable[[], None]:
    times = Counter[str]()

    def count() -> None:
        times["met"] += 1
        if times["met"] == place:
            act()

    return count


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.journeys.sending_warm"])
    with served(MailServer()) as server:
        yield World(tmp_path, server, context)


def told(message: EmailMessage) -> set[str]:
    body = message.get_body(("plain",))
    assert body is not None
    return set(re.findall(r"TEST-\d+", str(body.get_content())))


def test_kills_lose_nothing_and_send_nothing_as_another_mail(world: World) -> None:
    chance = random.Random(5)
    world.begin_week()
    world.run()
    for step in (*INSIDE, *AT_SERVER):
        world.kill_at(step, 1)
    for step in ("recipient", "accepted"):
        world.kill_at(step, 2)
    begun = time.monotonic()
    world.begin_week()
    world.run()
    lasts = time.monotonic() - begun
    while world.killed["random"] < KILLS:
        world.kill_after(chance.uniform(0, lasts))
    # Where hardly a mail got out in all these weeks, more calls wait than one digest holds.
    for _ in range(2 + world.weeks // 100):
        world.begin_week()
        world.run()

    arrived = [message_from_bytes(mail, policy=default) for mail in world.server.arrived]
    by_id: dict[str, set[bytes]] = defaultdict(set)
    mails_of: dict[tuple[str, str], set[str]] = defaultdict(set)
    for mail, message in zip(world.server.arrived, arrived, strict=True):
        by_id[message["Message-ID"]].add(mail)
        for call in told(message):
            mails_of[message["To"], call].add(message["Message-ID"])
    owed = {(one.email, f"TEST-{n}") for one in OURS.officers for n in range(1, world.weeks + 1)}
    lost = owed - mails_of.keys()
    doubled = [told_in for told_in in mails_of.values() if len(told_in) > 1]
    again = len(arrived) - len(by_id)
    print(  # noqa: T201 - the table that is asked for with -s
        f"\n| kills {world.killed.total()} {dict(world.killed)} | mails {len(by_id)} | lost {len(lost)} "
        f"| duplicates with another Message-ID {len(doubled)} | same Message-ID again {again} |"
    )
    assert not lost
    assert not doubled
    assert all(len(mails) == 1 for mails in by_id.values())
    assert again <= world.killed["accepted"] + world.killed["random"]
