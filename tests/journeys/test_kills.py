"""`kill -9` of every process, at random moments: no call and no mail is lost, none comes twice, no lock is left.

`KILLS` is how many there are of each victim, none by default; with `-s` it prints what came of them. Those of the sender at
each of its steps are in test_delivery_kills.py.
"""

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from crawler.replicas.eu_portal import create_app
from crawler.replicas.serving import Replica
from store.database import Database
from tests.journeys.killing import AFTER, Evidence, Scene, Tally, fill, served, write_configuration
from tests.journeys.postgresql_server import Server, own_server
from tests.journeys.processes import LONGEST, children, kill, wait_until
from tests.unit.notifier import mail_server

KILLS = int(os.environ.get("KILLS", "0"))
pytestmark = pytest.mark.skipif(
    not KILLS, reason="takes half a minute for each victim and kill: with KILLS=1 or more"
)
IN_A_ROW = 3
"""How often an installation is killed at most before its work is done to the end, and looked at."""
CRAWL = ("crawl", "eu_portal", "--today", "2026-08-22")
MATCH = ("match", "--today", "2026-08-22")
SCHEDULE = ("schedule",)
HANDING_OVER, WORKER = ("schedule", "--workers"), ("worker",)


@dataclass
class Unkilled:
    """What is there after a run that nobody killed, how long it took, and the home it was in."""

    evidence: Evidence
    seconds: float
    home: Path


@dataclass
class Place:
    """A portal, a mail server, and installations made from the same beginnings."""

    folder: Path
    environment: dict[str, str]
    mails: mail_server.MailServer
    numbers: Iterator[int] = field(default_factory=count)
    unkilled: dict[str, Unkilled] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(9))

    def sqlite(self, made: Path) -> Scene:
        home = self._home()
        shutil.copy(made, home / "funding.db")
        return self._scene(home, f"sqlite:///{home / 'funding.db'}")

    def postgresql(self, server: Server) -> Scene:
        home = self._home()
        server.execute(f"CREATE DATABASE {home.name} TEMPLATE made")
        return self._scene(home, server.url(home.name))

    def _home(self) -> Path:
        home = self.folder / f"home{next(self.numbers)}"
        home.mkdir()
        return home

    def _scene(self, home: Path, url: str) -> Scene:
        self.mails.arrived.clear()
        return Scene(home, url, self.environment, self.mails)

    def run_unkilled(self, name: str, scene: Callable[[], Scene], run: Callable[[Scene], None]) -> Unkilled:
        if name not in self.unkilled:
            here = scene()
            begun = time.monotonic()
            run(here)
            seconds = time.monotonic() - begun
            here.database.close()
            self.unkilled[name] = Unkilled(here.evidence(), seconds, here.home)
            here.database.close()
        return self.unkilled[name]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("kills")
    with Replica(create_app(AFTER)) as portal, mail_server.served(mail_server.MailServer()) as mails:
        environment = os.environ | {
            "FUNDING_CONFIG": str(write_configuration(folder / "config")),
            "FUNDING_ADDRESS_EU_PORTAL": portal.address,
            "FUNDING_SMTP_URL": mails.url,
            "FUNDING_MAILS_PER_MINUTE": "100000",
        }
        yield Place(folder, environment, mails)


@pytest.fixture(scope="module")
def made(place: Place, made_sqlite: Path) -> Path:
    """The file of a database from which every installation on SQLite begins."""
    file = place.folder / "made.db"
    shutil.copy(made_sqlite, file)
    database = Database(f"sqlite:///{file}")
    fill(database, place.folder / "config")
    database.close()
    return file


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Server]:
    with own_server() as server:
        server.execute("CREATE DATABASE made")
        database = Database(server.url("made"))
        fill(database, place.folder / "config")
        database.close()
        yield server


@pytest.fixture(scope="module")
def table() -> Iterator[list[Tally]]:
    rows: list[Tally] = []
    yield rows
    print("\n| victim | kills | calls lost | mails lost | duplicates | locks left |")  # noqa: T201  asked for with -s
    print("|---|---|---|---|---|---|", *rows, sep="\n")  # noqa: T201
    print(f"mails in doubt that came again as they were: {sum(row.again for row in rows)}")  # noqa: T201


@contextmanager
def counted(victim: str, table: list[Tally]) -> Iterator[Tally]:
    tally = Tally(victim)
    table.append(tally)
    yield tally
    assert tally.faults == 0, str(tally)


def in_turns(tally: Tally, chance: random.Random) -> Iterator[int]:
    """How often to kill each installation, until there have been enough kills."""
    for _ in range(2 * KILLS + 8):
        if tally.kills >= KILLS:
            return
        yield min(KILLS - tally.kills, chance.randint(2, IN_A_ROW))
    raise AssertionError(f"{tally.kills} kills met a process that was at work")


def kill_crawl(scene: Scene, victim: str, seconds: float, chance: random.Random) -> bool:
    """Whether there was something left to kill at a moment in the `seconds` from its beginning on."""
    process = scene.start(*CRAWL)
    begun = time.monotonic()
    assert process.pid is not None
    parent = process.pid
    wait_until(lambda: bool(children(parent)) or process.exitcode is not None, "a crawl to begin")
    (crawl,) = children(parent)
    process.join(chance.uniform(0, seconds - (time.monotonic() - begun)))
    met = process.exitcode is None and kill(parent if victim == "its parent" else crawl)
    process.join(LONGEST)
    return met


@pytest.mark.parametrize("victim", ["crawl process", "its parent"])
def test_a_crawl(victim: str, place: Place, made: Path, table: list[Tally]) -> None:
    whole = place.run_unkilled("crawl", lambda: place.sqlite(made), lambda scene: scene.finish(*CRAWL))
    with counted(victim, table) as tally:
        for kills in in_turns(tally, place.chance):
            scene = place.sqlite(made)
            for _ in range(kills):
                tally.kills += kill_crawl(scene, victim, whole.seconds, place.chance)
            scene.finish(*CRAWL)
            scene.judge(whole.evidence, tally)
            scene.database.close()


def test_matching(place: Place, made: Path, table: list[Tally]) -> None:
    crawled = place.run_unkilled("crawl", lambda: place.sqlite(made), lambda scene: scene.finish(*CRAWL))
    stored = crawled.home / "funding.db"
    whole = place.run_unkilled("match", lambda: place.sqlite(stored), lambda scene: scene.finish(*MATCH))
    with counted("match", table) as tally:
        for kills in in_turns(tally, place.chance):
            scene = place.sqlite(stored)
            for _ in range(kills):
                process = scene.start(*MATCH)
                process.join(place.chance.uniform(0, whole.seconds))
                tally.kills += process.exitcode is None
                process.kill()
                process.join()
            scene.finish(*MATCH)
            scene.judge(whole.evidence, tally)
            scene.database.close()


def work_off(scene: Scene, *commands: tuple[str, ...]) -> None:
    with served(scene, commands) as services:
        wait_until(services.is_done, scene.log.read_text() if scene.log.exists() else "all to be done")


def test_the_schedule(place: Place, made: Path, table: list[Tally]) -> None:
    whole = place.run_unkilled(
        "schedule", lambda: place.sqlite(made), lambda scene: work_off(scene, SCHEDULE)
    )
    with counted("schedule", table) as tally:
        for kills in in_turns(tally, place.chance):
            kill_services(place, place.sqlite(made), SCHEDULE, whole, tally, kills)


@pytest.mark.parametrize("victim", ["worker", "schedule --workers", "postgresql"])
def test_workers(victim: str, place: Place, server: Server, table: list[Tally]) -> None:
    whole = place.run_unkilled(
        "workers", lambda: place.postgresql(server), lambda scene: work_off(scene, HANDING_OVER, WORKER)
    )
    commands = {"worker": WORKER, "schedule --workers": HANDING_OVER}
    with counted(victim, table) as tally:
        for kills in in_turns(tally, place.chance):
            scene = place.postgresql(server)
            kill_services(place, scene, commands.get(victim, server), whole, tally, kills)


def kill_services(
    place: Place,
    scene: Scene,
    victim: tuple[str, ...] | Server,
    whole: Unkilled,
    tally: Tally,
    kills: int,
) -> None:
    """Kill `victim` while it works, as often as said or until all is done; then look at what is there."""
    commands = [SCHEDULE] if victim == SCHEDULE else [HANDING_OVER, WORKER]
    with served(scene, commands) as services:
        for _ in range(kills):
            moment = time.monotonic() + place.chance.uniform(0, whole.seconds)
            wait_until(lambda: time.monotonic() > moment or services.is_done(), "a moment")  # noqa: B023
            if services.is_done():
                break
            tally.kills += 1
            if isinstance(victim, Server):
                victim.kill()
                victim.start()
            else:
                services.kill(victim)
            if victim != HANDING_OVER:
                scene.note_doubt()
        wait_until(services.is_done, f"all to be done in {scene.home}")
    scene.judge(whole.evidence, tally)
    scene.database.close()
