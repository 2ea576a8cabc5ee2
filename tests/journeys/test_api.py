"""The API as its own OpenAPI describes it, asked what it does not foresee; and the programs that may ask."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from review.serving import machine_app
from store.access import Access, issue
from store.database import Database
from tests.journeys.test_call_sheet import Funding
from tests.unit.notifier.builders import NOW, match, matched, record, store
from tests.unit.review.entering import events, site
from tests.unit.review.test_serving import served


def test_it_answers_as_it_says(database: Database, tmp_path: Path) -> None:
    """Schemathesis asks on a real socket what the description allows and what it does not, and follows ids."""
    matched(database, record("TEST-1", published="2026-01-02", grant_max_cents=5_00))
    store(database, record("TEST-2", "2026-02-01"), record("TEST-3", status="unknown"))
    match(database, ("TEST-2", 2.0), ("TEST-3", 1.0))
    here = site(database, tmp_path)
    with database.writing() as session:
        token = issue(session, here.organisation.key, Access.PROGRAM, "test-program", NOW)
    app, _ = machine_app(here, 8642, None)
    with served(app) as address:
        command = [
            *(str(Path(sys.executable).parent / "schemathesis"), "run", f"{address}/api/openapi.json"),
            *("--header", f"Authorization: Bearer {token}", "--checks", "all", "--max-examples", "3"),
            *("--seed", "1", "--generation-database", "none", "--no-color"),
            *("--workers", "4"),  # one an operation
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 selected / 4 total" in done.stdout


@pytest.fixture
def funding(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Funding:
    assert home.is_dir()
    return Funding(monkeypatch, capsys)


def test_a_program_gets_a_token_once_and_loses_it(funding: Funding, home: Path) -> None:
    token = funding("clients", "add", "test-program", "--days", "30", "--today", "2026-03-02").out.strip()
    assert len(token) == 43
    assert token.encode() not in (home / "funding.db").read_bytes()
    again = funding("clients", "add", "test-program", "--today", "2026-03-02", columns=200)
    assert (again.code, again.out) == (1, "")
    assert "`test-program` has a token already" in again.err
    listed = funding("clients", "list", "--today", "2026-03-02", columns=200).out
    assert "good" in listed
    assert "2026-04-01" in listed
    assert token not in listed
    (late,) = json.loads(funding("clients", "list", "--json", "--today", "2026-05-02").out)
    assert (late["name"], late["state"], late["last_used"]) == ("test-program", "expired", None)
    assert funding("clients", "revoke", "test-program", "--today", "2026-03-03").code == 0
    assert "revoked" in funding("clients", "list", columns=200).out
    assert funding("clients", "add", "test-program", "--today", "2026-03-03").code == 0
    kept = events(Database(f"sqlite:///{home / 'funding.db'}"))
    assert kept == [
        ("", "client_added", {"name": "test-program", "days": 30}),
        ("", "client_revoked", {"name": "test-program"}),
        ("", "client_added", {"name": "test-program"}),
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add", "two words"), 1, "`two words` is no name for a program"),
        (("add", "x" * 65), 1, "is no name for a program"),
        (("add", "officer@example.org"), 1, "is no name for a program"),
        (("add", "test", "--days", "0"), 2, "--days"),
        (("revoke", "nobody"), 1, "`nobody` has no token"),
    ],
)
def test_a_mistake_is_a_sentence(funding: Funding, arguments: tuple[str, ...], code: int, words: str) -> None:
    done = funding("clients", *arguments, columns=300)
    assert done.code == code
    assert words in done.err
