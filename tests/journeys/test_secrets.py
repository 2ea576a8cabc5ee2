"""No command shows a secret, whatever goes wrong: on the terminal, in a log, in the store or in a file."""

import json
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli import main
from crawler.replicas.city_facility import create_app
from crawler.replicas.sample import RECORDS, load_records
from crawler.replicas.serving import Replica

TODAY = ("--today", "2026-08-22")
PASSWORD = "SENTINEL-password"
SECRET = "SENTINEL-secret-of-more-than-32-characters"
SENTINEL = "SENTINEL"

AWAY = f"postgresql+psycopg://tracker:{PASSWORD}@127.0.0.1:9/funding?connect_timeout=2"
"""Nobody answers there."""
DATABASES = {
    "away": AWAY,
    "of an unknown kind": f"oracle9://tracker:{PASSWORD}@127.0.0.1:9/funding",
    "with a port that is none": f"postgresql+psycopg://tracker:{PASSWORD}@127.0.0.1:port/funding",
    "with a slash in its password": f"postgresql+psycopg://tracker:{PASSWORD}/9@127.0.0.1:9/funding",
    "with an option that is none": f"{AWAY}&sslmode=nonsense",
    "that is no address": f"tracker:{PASSWORD}",
}
SERVERS = {
    "away": f"smtp://tracker:{PASSWORD}@127.0.0.1:9",
    "with a port that is none": f"smtp://tracker:{PASSWORD}@127.0.0.1:port",
    "with a slash in its password": f"smtp://tracker:{PASSWORD}/9@127.0.0.1:9",
    "of an unknown kind": f"http://tracker:{PASSWORD}@127.0.0.1:9",
    "that is no address": f"tracker:{PASSWORD}",
}


@dataclass(frozen=True)
class Installation:
    """A home with secrets; `run` ends with the exit code of a command, 1 for a traceback, and all that was printed."""

    home: Path
    patch: pytest.MonkeyPatch
    printed: pytest.CaptureFixture[str]

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        given = {"FUNDING_HOME": str(self.home), "FUNDING_SECRET": SECRET, "COLUMNS": "400"} | environment
        for name, value in given.items():
            self.patch.setenv(name, value)
        self.patch.setattr(sys, "argv", ["funding", *arguments])
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        except ValueError:
            code = 1
            traceback.print_exc()
        said = "".join(self.printed.readouterr())
        assert SENTINEL not in said
        assert self.files_that_show_one() == []
        return code, said

    def files_that_show_one(self) -> list[str]:
        return [
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.is_file() and SENTINEL.encode() in path.read_bytes()
        ]


@pytest.fixture
def installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Installation:
    return Installation(tmp_path, monkeypatch, capfd)


def test_a_secret_that_is_shown_is_found(installation: Installation) -> None:
    (installation.home / "shown.log").write_text(AWAY, encoding="utf-8")
    assert installation.files_that_show_one() == ["shown.log"]


@pytest.mark.parametrize("database", DATABASES)
def test_a_database_that_cannot_be_used(installation: Installation, database: str) -> None:
    code, said = installation.run("doctor", "--json", FUNDING_DATABASE_URL=DATABASES[database])
    assert code == 1
    assert said


def test_a_crawl_and_its_log(installation: Installation) -> None:
    with Replica(create_app(load_records(RECORDS / "city_facility.jsonl"))) as portal:
        here = {"FUNDING_ADDRESS_CITY_FACILITY": portal.address, "FUNDING_SMTP_URL": SERVERS["away"]}
        code, said = installation.run("crawl", "city_facility", "--json", *TODAY, **here)
    assert (code, json.loads(said)["runs"][0]["outcome"]) == (0, "ok")
    assert list((installation.home / "logs").iterdir())


@pytest.mark.parametrize("server", SERVERS)
def test_a_mail_server_that_cannot_be_used(installation: Installation, server: str) -> None:
    code, said = installation.run("digest", *TODAY, FUNDING_SMTP_URL=SERVERS[server])
    assert code == 1
    assert said


def test_a_secret_that_is_too_short(installation: Installation) -> None:
    code, said = installation.run("doctor", FUNDING_SECRET=SENTINEL)
    assert code == 1
    assert "FUNDING_SECRET" in said
