"""A PostgreSQL server of a test's own, which can be killed."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.journeys.processes import children, kill, wait_until

SERVICE_USER = "postgres"
"""Who runs it where the test is root's: the server refuses to be."""


class Server:
    """Debian's PostgreSQL in `folder`, on a loopback port that stays the same when it is started again."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._log = folder / "log"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]
        self._identity: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(folder, SERVICE_USER)
            self._identity = {"user": SERVICE_USER, "group": SERVICE_USER, "extra_groups": []}
        self._run(
            "initdb", "--no-sync", "--auth=trust", "--username=postgres", f"--pgdata={self._data}"
        ).wait()

    def start(self) -> None:
        """Start it, and wait until it answers: after a kill it first goes through its log."""
        self._begin()
        wait_until(self._answers, "PostgreSQL to start")

    def kill(self) -> None:
        """`kill -9` of the server and of all that it has begun."""
        begun = children(self._process.pid)
        for process in (self._process.pid, *begun):
            kill(process)
        self._process.wait()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self._place, autocommit=True) as connection:
            done = connection.execute(statement.encode())
            return done.fetchall() if done.description else []

    @property
    def _place(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres connect_timeout=5"

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            self._begin()  # what the killed one had begun was about to end still, and kept its place until then
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _begin(self) -> None:
        settings = ("listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories=")
        given = [part for setting in settings for part in ("-c", setting)]
        self._process = self._run("postgres", "-D", str(self._data), *given)

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [self._programs / program, *arguments], cwd="/", stdout=log, stderr=log, **self._identity
            )


@contextmanager
def own_server() -> Iterator[Server]:
    """A server that runs. Where PostgreSQL is not installed the test is skipped, and fails in CI."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        reason = "no PostgreSQL to start: /usr/lib/postgresql holds none"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Not in the folder of the tests, which is closed to the server's user.
    with tempfile.TemporaryDirectory() as folder:
        server = Server(found[-1].parent, Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
