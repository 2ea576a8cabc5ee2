"""Days on which a disk, a clock, a name, a server or a lock fails: what is said, and that nothing is lost.

Kills are in test_kills.py, other faults of the database in test_store_faults.py, those of portals in test_fault_matrix.py.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

from config.settings import Settings
from crawler.replicas.eu_portal import create_app
from crawler.replicas.serving import Replica
from jobs.installation import Installation
from jobs.plan import Task, Work, plan
from jobs.running import do, owed
from jobs.tasks import FUNCTIONS
from notifier.digest import send_digests
from store.database import BUSY_TIMEOUT, Database
from store.jobs import LONGEST_PAUSE
from store.models import Delivery, DeliveryItem
from tests.journeys.crawling import TABLES, contents
from tests.journeys.crawling import store as store_records
from tests.journeys.killing import AFTER, BEFORE, write_configuration
from tests.journeys.test_cli import TODAY, Done, Funding, funding, one_sentence
from tests.unit.notifier import mail_server

__all__ = ["funding"]

MONDAY = datetime(2026, 8, 24, 5, tzinfo=UTC)
"""A Monday's 07:00 in Madrid."""
HOUR, THREE_DAYS = timedelta(hours=1), timedelta(days=3)
CADENCES = ("weekly", "daily", "instant")
SOME_SECONDS = 2.0
LONG = int(os.environ.get("KILLS", "0")) >= 100
"""Whether there is time to wait for as long as the program does."""


@dataclass
class Disk:
    """A file system of its own in memory."""

    folder: Path

    def fill(self, room: int) -> None:
        """Leave `room` KB."""
        ballast = self.folder / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"0" * 4096)
        os.truncate(ballast, ballast.stat().st_size - room * 1024)

    def clear(self) -> None:
        (self.folder / "ballast").unlink()

    def remount(self, how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk, and not everywhere")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass
class World:
    """Commands in a home with some calls, with a portal that has more, and a mail server."""

    funding: Funding
    home: Path
    environment: dict[str, str]
    mails: mail_server.MailServer

    def __call__(self, *arguments: str, **environment: str) -> Done:
        days = TODAY if arguments[0] in ("crawl", "match", "digest") else ()
        return self.funding(*arguments, *days, home=self.home, **{**self.environment, **environment})

    def stored(self) -> str:
        with closing(Database(f"sqlite:///{self.home / 'funding.db'}")) as database:
            return repr(contents(database, *TABLES, "delivery"))

    def calls(self) -> int:
        with closing(Database(f"sqlite:///{self.home / 'funding.db'}")) as database:
            return len(contents(database, "call")["call"])

    def received(self) -> Counter[str]:
        """How often each mail came."""
        return Counter(message_from_bytes(mail)["Message-ID"] for mail in self.mails.arrived)


@contextmanager
def world_in(home: Path, funding: Funding, made_sqlite: Path, folder: Path) -> Iterator[World]:
    shutil.copy(made_sqlite, home / "funding.db")
    with closing(Database(f"sqlite:///{home / 'funding.db'}")) as database:
        store_records(BEFORE, database)
    configuration = write_configuration(folder / "config")
    with Replica(create_app(AFTER)) as portal, mail_server.served(mail_server.MailServer()) as mails:
        environment = {
            "FUNDING_CONFIG": str(configuration),
            "FUNDING_ADDRESS_EU_PORTAL": portal.address,
            "FUNDING_SMTP_URL": mails.url,
        }
        yield World(funding, home, environment, mails)


@pytest.fixture
def on_disk(disk: Disk, funding: Funding, made_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    with world_in(disk.folder, funding, made_sqlite, tmp_path) as world:
        yield world


@pytest.fixture
def world(funding: Funding, made_sqlite: Path, tmp_path: Path) -> Iterator[World]:
    home = tmp_path / "home"
    home.mkdir()
    with world_in(home, funding, made_sqlite, tmp_path) as world:
        yield world


DISK_IS_FULL = ("free some space", "No space left on device", "disk is full")


@pytest.mark.parametrize("room", [0, 100] if not LONG else [0, 48, 100, 200, 400])
def test_disk_full(room: int, on_disk: World, disk: Disk) -> None:
    """From the first byte on, or in the midst of it, with `room` KB left."""
    assert on_disk("match").returncode == 0
    before = on_disk.stored()
    for command in ("crawl", "match", "digest", "backup"):
        disk.fill(room)
        done = on_disk(command)
        disk.clear()
        if done.returncode == 0:
            continue
        assert any(words in one_sentence(done) for words in DISK_IS_FULL), (command, done)
        assert room or on_disk.stored() == before
    for command in ("crawl", "match", "digest", "backup"):
        assert on_disk(command).returncode == 0
    assert on_disk.calls() == len(AFTER)
    assert list(on_disk.received().values()) == [1, 1]


def test_disk_read_only(on_disk: World, disk: Disk) -> None:
    assert on_disk("match").returncode == 0
    before = on_disk.stored()
    disk.remount("ro")
    for command in ("crawl", "match", "digest", "backup"):
        done = on_disk(command)
        assert done.returncode == 1
        assert "may be written" in one_sentence(done)
    disk.remount("rw")
    assert on_disk.stored() == before
    for command in ("crawl", "match", "digest"):
        assert on_disk(command).returncode == 0
    assert list(on_disk.received().values()) == [1, 1]


def test_no_name_can_be_looked_up(world: World) -> None:
    before = world.stored()
    done = world("crawl", FUNDING_ADDRESS_EU_PORTAL="http://portal.invalid")
    assert done.returncode == 1
    assert "the portal could not be reached" in one_sentence(done)
    assert world.stored() == before
    assert world("match").returncode == 0
    done = world("digest", FUNDING_SMTP_URL="smtp://mail.invalid")
    assert done.returncode == 1
    assert "mail server mail.invalid:587: it cannot be reached" in one_sentence(done)
    done = world("match", FUNDING_DATABASE_URL="postgresql+psycopg://nobody@db.invalid/funding")
    assert done.returncode == 1
    assert "db.invalid" in one_sentence(done)
    for command in ("crawl", "match", "digest"):
        assert world(command).returncode == 0
    assert world.calls() == len(AFTER)
    assert list(world.received().values()) == [1, 1]


HOLD = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1])
other.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def held(home: Path) -> Iterator[Callable[[], None]]:
    """Another program holds the database until what is yielded is called."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home / "funding.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        try:
            yield other.stdin.close
        finally:
            other.stdin.close()


@pytest.mark.parametrize("command", ["crawl", "match", "digest"])
def test_database_locked_for_some_seconds_is_waited_for(command: str, world: World) -> None:
    assert world("match").returncode == 0
    begun = time.monotonic()
    with held(world.home) as let_go:
        timer = threading.Timer(SOME_SECONDS, let_go)
        timer.start()
        done = world(command)
        timer.join()
    assert (done.returncode, time.monotonic() - begun > SOME_SECONDS) == (0, True)
    assert world.calls() == len(AFTER if command == "crawl" else BEFORE)


@pytest.mark.skipif(not LONG, reason="waits a minute: with KILLS=100")
@pytest.mark.parametrize("command", ["crawl", "match", "digest"])
def test_database_locked_for_a_minute_is_told(command: str, world: World) -> None:
    assert world("match").returncode == 0
    before = world.stored()
    with held(world.home):
        begun = time.monotonic()
        done = world(command)
        assert BUSY_TIMEOUT / 1000 - 1 < time.monotonic() - begun < 60
        assert done.returncode == 1
        assert "another program holds it; end that program or try again later" in one_sentence(done)
    assert world.stored() == before
    assert world.received() == {}
    assert world(command).returncode == 0


def write_cadences(configuration: Path) -> None:
    """Three officers who hear of everything, in every week, on every day, and at once."""
    file = configuration / "amb" / "officers.toml"
    _, officer, _ = re.sub(r"(?m)^(areas|email) = .*$", "", file.read_text(encoding="utf-8")).split(
        "[[officer]]"
    )
    name = re.search(r'id = "(\w+)"', officer)
    assert name is not None
    file.write_text(
        "".join(
            "[[officer]]"
            + officer.replace(name[1], f"test_{cadence}").rstrip()
            + f'\nemail = "{cadence}@example.org"\n'
            f'cadence = "{cadence}"\n'
            for cadence in CADENCES
        ),
        encoding="utf-8",
    )


class Digests:
    """The digests of three officers as jobs, by a clock that is passed in."""

    def __init__(self, folder: Path, made_sqlite: Path, url: str) -> None:
        folder.mkdir()
        configuration = write_configuration(folder / "config")
        write_cadences(configuration)
        self.database = Database(f"sqlite:///{shutil.copy(made_sqlite, folder / 'funding.db')}")
        settings = Settings(
            home=folder,
            config=configuration,
            smtp_url=SecretStr(url),
            mails_per_minute=100_000,
            encoder="none",
        )
        self.here = Installation(settings, self.database)
        self.jobs = [job for job in plan(self.here.organisations()) if job.work.task is Task.DIGEST]
        store_records(AFTER[:10], self.database)
        FUNCTIONS[Task.MATCH](self.here, Work(Task.MATCH, "amb"), MONDAY - HOUR)
        self.look(MONDAY - HOUR)

    def look(self, now: datetime) -> list[str]:
        """Do what is owed at `now`; its outcomes."""
        due = [(job, owed(self.database, job, now)) for job in self.jobs]
        done = [do(self.here, job.work, due_at, now) for job, due_at in due if due_at]
        return [one.outcome for one in done if one]

    def told(self) -> Counter[tuple[str, int]]:
        """How often each officer was told of each call."""
        with self.database.reading() as session:
            statement = select(Delivery.officer, DeliveryItem.call_id).join(DeliveryItem)
            return Counter(session.exec(statement.where(Delivery.state == "sent")).all())


def test_mail_server_down_for_three_days(tmp_path: Path, made_sqlite: Path) -> None:
    up = mail_server.MailServer()
    with mail_server.served(up):
        ordinary = Digests(tmp_path / "ordinary", made_sqlite, up.url)
        ordinary.look(MONDAY)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    digests = Digests(tmp_path / "down", made_sqlite, f"smtp://127.0.0.1:{port}")
    now, outcomes = MONDAY, Counter[str]()
    while now < MONDAY + THREE_DAYS:
        outcomes.update(digests.look(now))
        now += HOUR / 2
    assert set(outcomes) == {"failed"}
    assert outcomes["failed"] > len(CADENCES)
    mails = mail_server.MailServer()
    with mail_server.served(mails, port):
        while now < MONDAY + THREE_DAYS + LONGEST_PAUSE + HOUR:
            digests.look(now)
            now += HOUR / 2
    assert (
        sorted(mails.recipients)
        == sorted(up.recipients)
        == [f"{cadence}@example.org" for cadence in sorted(CADENCES)]
    )
    assert digests.told() == ordinary.told()
    assert set(digests.told().values()) == {1}
    for one in (ordinary, digests):
        one.database.close()


@pytest.mark.parametrize("midnight", [MONDAY - 7 * HOUR, MONDAY + 17 * HOUR], ids=["of a week", "of a day"])
def test_clock_set_back_an_hour(tmp_path: Path, made_sqlite: Path, midnight: datetime) -> None:
    """Also over midnight in Madrid, where it goes back to a day or a week that is over."""
    mails = mail_server.MailServer()
    with mail_server.served(mails):
        digests = Digests(tmp_path / "home", made_sqlite, mails.url)
        organisation, settings = digests.here.organisation("amb"), digests.here.settings
        for now in (midnight + HOUR / 2, midnight - HOUR / 2, midnight + HOUR / 4, midnight + HOUR):
            sent = send_digests(digests.database, organisation, settings, now)
            assert not any(one.unsent for one in sent)
    assert max(Counter(message_from_bytes(mail)["Message-ID"] for mail in mails.arrived).values()) == 1
    assert set(digests.told().values()) == {1}
    assert {officer for officer, _ in digests.told()} == {f"test_{cadence}" for cadence in CADENCES}
    digests.database.close()


def test_clock_set_back_changes_no_call(world: World) -> None:
    assert world("crawl").returncode == 0
    before = world.stored()
    done = world.funding("crawl", "--today", "2026-08-21", "--json", home=world.home, **world.environment)
    (run,) = json.loads(done.stdout)["runs"]
    assert (done.returncode, run["outcome"], run["new"], run["changed"]) == (0, "ok", 0, 0)
    assert world.stored() == before
