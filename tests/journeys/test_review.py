"""`funding review` as people start it: its address, its browser, what is missing, and how it is stopped."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

COMMAND = (sys.executable, "-u", "-c", "from cli import main; main()")
SECRET = "test-" * 8


def environment(home: Path, **more: str) -> dict[str, str]:
    return os.environ | {"FUNDING_HOME": str(home), **more}


@contextmanager
def started(home: Path, *arguments: str, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running command, and the first line that it prints."""
    process = subprocess.Popen(
        [*COMMAND, "review", "--port", "0", *arguments],
        env=environment(home, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


def refused(home: Path, *arguments: str, **more: str) -> str:
    done = subprocess.run(
        [*COMMAND, "review", "--no-browser", *arguments],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    said = done.stderr.strip()
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_says_its_address_and_stops_when_told(home: Path, told: signal.Signals) -> None:
    with started(home, "--no-browser", "--officer", "ecology") as (process, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{43}", address)
        with httpx.Client() as browser:
            assert browser.get(address.partition("?")[0]).status_code == 403
            assert browser.get(address).status_code == 200
            page = browser.get(httpx.URL(address).join("/officer"))
            assert 'value="ecology" checked' in page.text
        assert httpx.get(address).status_code == 403
        process.send_signal(told)
        out, errors = process.communicate(timeout=30)
        assert (process.returncode, out) == (0, "")
        assert address.partition("token=")[2] not in errors
        assert "Traceback" not in errors


def test_the_browser_is_opened_by_a_file_that_only_its_owner_reads(home: Path, tmp_path: Path) -> None:
    noted = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(
        f'#!/bin/sh\nprintf %s "$1" > {noted}.part && mv {noted}.part {noted}\n', encoding="utf-8"
    )
    browser.chmod(0o700)
    with started(home, BROWSER=f"{browser} %s") as (process, address):
        while not noted.exists():
            assert process.poll() is None
        opened = noted.read_text(encoding="utf-8")
        assert (
            address.partition("token=")[2] not in opened
        )  # the arguments of a program are seen by everybody
        page = Path(opened.removeprefix("file://"))
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        assert f"url={address}" in page.read_text(encoding="utf-8")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert not page.exists()


def test_a_port_in_use(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert refused(home, "--port", port) == f"port {port} is in use: choose another one by --port"


def test_others_come_in_by_signing_in_alone(home: Path) -> None:
    assert "FUNDING_SECRET" in refused(home, "--host", "0.0.0.0")
    assert "FUNDING_REVIEW_URL" in refused(home, "--sign-in", FUNDING_SECRET=SECRET)
    assert "--officer" in refused(home, "--host", "0.0.0.0", "--officer", "ecology", FUNDING_SECRET=SECRET)
    assert "`nobody` is no officer" in refused(home, "--officer", "nobody")


def test_behind_a_proxy_on_this_machine(home: Path) -> None:
    page = "https://review.example.org"
    given = {"FUNDING_SECRET": SECRET, "FUNDING_REVIEW_URL": page}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with started(home, "--sign-in", "--port", port, **given) as (process, address):
        assert address == page
        here = f"http://127.0.0.1:{port}"
        named = {"Host": "review.example.org"}
        assert httpx.get(here, headers=named).headers["location"] == "/sign-in"
        assert httpx.get(here, headers={"Host": "evil.example"}).status_code == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
