"""Nothing that is done for one organisation shows or changes what another one has in the same database."""

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Mount
from typer.main import get_command

import config.settings
from cli import COMMANDS, build
from config.organisation import load_organisation
from config.settings import Settings
from notifier.signing import Purpose, token
from review.access import MachineAccess
from review.app import create_app
from review.pages import pages
from review.sign_in import LinkAccess
from review.site import Site
from store.access import Access
from store.database import Database
from tests.isolation import isolated
from tests.journeys.test_cli import Done, Funding
from tests.journeys.two_organisations import (
    BOTH,
    CALLS,
    NOW,
    ONE,
    OTHER,
    fill,
    raw_token,
    rows_of,
    write_configuration,
)
from tests.unit.review.site import all_routes

TODAY = ("--today", "2026-08-22")
SECRET = "test-" * 8
HOST = "https://review.example.org"
COMMAND_LINES = (
    ("calls", "show", "TEST-1"),
    ("calls",),
    ("clients", "add", "test-program"),
    ("clients", "list"),
    ("clients", "revoke", "test-program"),
    ("decide", "TEST-2", "relevant", "--officer", BOTH, "--note", "TEST"),
    ("decide", "TEST-2", "--undo", "--officer", BOTH),
    ("digest", "--explain", BOTH, "TEST-1"),
    ("digest", "--preview", "--no-browser"),
    ("digest",),
    ("doctor",),
    ("evaluate", "--gold", "gold.csv"),
    ("export", "json", "--output", "export.json"),
    ("export", "xlsx", "--officer", BOTH, "--output", "export.xlsx"),
    ("export", "atom", "--output", "export.atom"),
    ("learn", "--history"),
    ("learn",),
    ("learn", "--rollback"),
    ("match",),
    ("officers", "add", "test_new", "--email", "new@example.org", "--language", "en"),
    ("officers", "export", BOTH),
    ("officers", "list"),
    ("officers", "pause", BOTH),
    ("officers", "resume", BOTH),
    ("portfolio", "export", "portfolio.csv"),
    ("portfolio", "import", "portfolio.csv"),
    ("report", "--output", "report"),
    ("schedule", "--dry-run"),
    ("sources",),
    ("summary", "--output", "summary.html"),
    ("retention",),
    ("officers", "erase", BOTH, "--yes"),
)
LEFT_OUT = {
    "crawl": "writes calls, which are common to all",
    "run": "crawl, match, summary and digest, one after the other",
    "worker": "the same, as they fall due",
    "backup": "the whole database, for whoever runs it",
    "restore": "the whole database, for whoever runs it",
    "database copy": "the whole database, for whoever runs it",
    "review": "its pages, in the test below",
    "replica": "opens no database",
    "new-source": "opens no database",
    "demo": "has a database of its own",
    "sources check": "meets portals, which are common to all",
    "organisation list": "opens no database",
    "organisation check": "opens no database",
    "organisation new": "opens no database",
}


@dataclass
class World:
    """Both organisations. `before` is what the other one has."""

    folder: Path
    home: Path
    database: Database
    before: dict[str, list[tuple[Any, ...]]]

    def site(self, key: str = "one") -> Site:
        settings = Settings(
            home=self.home, config=self.folder, organisation=key, secret=SECRET, review_url=HOST
        )
        return Site(settings, self.database, load_organisation(self.folder / key), lambda: NOW)

    def unchanged(self) -> None:
        assert rows_of(self.database, "other") == self.before


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    folder, home = tmp_path / "config", tmp_path / "home"
    write_configuration(folder)
    database = Database(f"sqlite:///{home / 'funding.db'}")
    fill(database)
    before = rows_of(database, "other")
    assert all(before.values()), "a table of an organisation's without a row: add one to two_organisations.py"
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with isolated():
        yield World(folder, home, database, before)
    database.close()


@pytest.fixture
def run(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    funding = Funding(monkeypatch, capsys)

    def run(*arguments: str) -> Done:
        config.settings._load.cache_clear()  # noqa: SLF001 - every command is a process of its own
        given = {"FUNDING_CONFIG": str(world.folder), "FUNDING_ORGANISATION": "one", "FUNDING_SECRET": SECRET}
        return funding(*arguments, home=world.home, **given)

    return run


def with_today(arguments: tuple[str, ...], known: dict[str, set[str]]) -> tuple[str, ...]:
    name = " ".join(arguments[:2]) if " ".join(arguments[:2]) in known else arguments[0]
    return (*arguments, *TODAY) if "--today" in known[name] else arguments


def commands() -> dict[str, set[str]]:
    """Every command with its options."""
    return dict(_leaves(get_command(build(None)), ""))


def _leaves(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    inner = getattr(command, "commands", {})
    if not inner or getattr(command, "invoke_without_command", False):
        yield name, {option for one in command.params for option in one.opts}
    for key, one in inner.items():
        yield from _leaves(one, f"{name} {key}".strip())


def shown_in(path: Path) -> str:
    """All that can be read in a file: of workbooks their parts, of mails what is in them."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive:
            return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    if path.suffix == ".eml":
        mail = message_from_bytes(path.read_bytes(), policy=default)
        return "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")
    return path.read_text(encoding="utf-8", errors="replace")


def test_no_command_is_left_out() -> None:
    run = {" ".join(line[:2]) for line in COMMAND_LINES} | {line[0] for line in COMMAND_LINES}
    known = commands()
    assert set(known) - run - set(LEFT_OUT) == set()
    assert {name.partition(" ")[0] for name in known} == set(COMMANDS)


def test_no_command_shows_or_changes_what_another_has(world: World, run: Callable[..., Done]) -> None:
    Path("gold.csv").write_text(
        "reference,relevance\n" + "".join(f"{key},{number}\n" for number, key in enumerate(CALLS)),
        encoding="utf-8",
    )
    known = commands()
    seen = ""
    for line in COMMAND_LINES:
        done = run(*with_today(line, known))
        printed = done.stdout + done.stderr
        assert "Traceback" not in printed, line
        assert (done.returncode in (0, 3)) or line[0] in ("learn", "doctor"), (line, printed)
        assert OTHER not in printed, line
        world.unchanged()
        seen += printed
    written = [
        path
        for folder in (Path(), world.home)
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("funding.db")
    ]
    assert {path.suffix for path in written} >= {".html", ".xlsx", ".json", ".atom", ".csv"}
    for path in written:
        text = shown_in(path)
        assert OTHER not in text, path
        seen += text
    for own in (f"decided {ONE}", f"noted {ONE}", f"kept {ONE}", f"{ONE}_project", f"both@{ONE}.example.org"):
        assert own in seen, own  # what is looked for of the other one could have been seen


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of all that is served, of included routers too."""
    return {
        (method, route.path)
        for route in all_routes(app.routes)
        if not isinstance(route, Mount)
        for method in route.methods - {"HEAD"}
    }


def fields(world: World) -> dict[str, Any]:
    """What forms ask for, and what stands in addresses; ids are those of the other organisation."""
    (kept,) = world.before["saved_filter"]
    return {
        "source": "eu_portal",
        "source_key": "TEST-1",
        "form": "atom",
        "area": "mobility",
        "officer": BOTH,
        "action": "relevant",
        "key": str(kept[0]),
        "call": "eu_portal:TEST-1",
        "seen": "999999999",
        "name": "TEST",
        "language": "en",
        "address": f"{BOTH}@{OTHER}.example.org",
    }


def test_no_page_shows_or_changes_what_another_has(world: World) -> None:
    site = world.site()
    officer = site.organisation.officer(BOTH)
    access = MachineAccess(8642, officer)
    app = create_app(site, access, [*pages(site), access.router])
    browser = TestClient(app, base_url="http://127.0.0.1:8642", follow_redirects=False)
    assert browser.get("/", params={"token": access.token}).status_code == 200
    found = re.search(r'name="csrf" value="(\w+)"', browser.get("/officer").text)
    assert found is not None
    given = fields(world) | {"csrf": found[1]}
    listed = browser.get("/api/v1/calls", headers=bearer("one"))
    given |= {
        "id": re.findall(r'"id":\s*"([0-9a-f-]{36})"', listed.text)[0] if listed.status_code == 200 else "0"
    }
    seen = ""
    for method, path in sorted(routes_of(app)):
        for form in ("atom", "ics") if "{form}" in path else ("",):
            address = filled_path(path, given | {"form": form})
            for headers in ({}, bearer("one"), bearer("other")):
                answer = browser.request(
                    method, address, headers=headers, data=given if method == "POST" else None
                )
                assert answer.status_code < 500, (method, address)
                assert OTHER not in shown(answer), (method, address)
                seen += shown(answer)
            world.unchanged()
    browser.post("/filters", data=given | {"action": "delete"})
    world.unchanged()
    for own in (f"noted {ONE}", f"kept {ONE}", f"{ONE}", "TEST-2"):
        assert own in seen, own


def filled_path(path: str, given: dict[str, Any]) -> str:
    token_of_other = token(Purpose.UNSUBSCRIBE, "other", BOTH, f"{BOTH}@{OTHER}.example.org", SECRET)
    known = given | {"token": token_of_other}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(known[found[1]]), path)


def shown(answer: Any) -> str:
    if "spreadsheet" in answer.headers.get("content-type", ""):
        file = Path("answer.xlsx")
        file.write_bytes(answer.content)
        return shown_in(file)
    return f"{answer.text}{dict(answer.headers)}"


def bearer(organisation: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {raw_token(organisation, Access.PROGRAM)}"}


@pytest.mark.parametrize("key", ["one", "other"])
def test_keys_of_another_open_nothing(world: World, key: str) -> None:
    """Session, link, program, feed and the end of mails: each opens its own organisation and no other."""
    site = world.site()
    access = LinkAccess(site.settings)
    app = create_app(site, access, [*pages(site), access.router])
    own = key == "one"
    word = ONE if own else OTHER
    client = TestClient(app, base_url=HOST, follow_redirects=False)
    assert (client.get("/api/matches", headers=bearer(key)).status_code == 200) == own
    feed = token(Purpose.FEED, key, BOTH, f"{BOTH}@{word}.example.org", SECRET)
    assert client.get("/feeds/all.atom", params={"token": feed}).status_code == (200 if own else 404)
    end = token(Purpose.UNSUBSCRIBE, key, BOTH, f"{BOTH}@{word}.example.org", SECRET)
    assert client.post(f"/unsubscribe/{end}").status_code == (200 if own else 404)
    found = re.search(r'name="csrf" value="(\w+)"', client.get("/sign-in").text)
    assert found is not None
    link = f"/sign-in/{raw_token(key, Access.LINK)}"
    assert client.post(link, data={"csrf": found[1]}).status_code == (303 if own else 403)
    fresh = TestClient(app, base_url=HOST, follow_redirects=False)
    fresh.cookies.set(next(iter(client.cookies.keys())), raw_token(key, Access.SESSION))
    assert (fresh.get("/").status_code == 200) == own
    world.unchanged()
