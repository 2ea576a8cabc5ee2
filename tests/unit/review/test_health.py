"""Whether all is well is told to whoever asks, from this machine too, and nothing else is."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from review.app import create_app
from review.pages import pages
from review.serving import machine_app, shared_app
from review.site import Site
from store.database import Database
from tests.databases import new_postgresql
from tests.unit.review.entering import HOST, MACHINE_PAGE, PAGE, PROXY, SECRET, browser, events, site
from tests.unit.review.site import Anybody, visitor

OK = (200, {"status": "ok"})
PROXIED = {"proxy_header": "X-Email", "proxy_address": PROXY}
APPS: dict[str, Callable[[Database, Path], FastAPI]] = {
    "machine": lambda database, home: machine_app(site(database, home), 8642, None)[0],
    "link": lambda database, home: shared_app(site(database, home)),
    "proxy": lambda database, home: shared_app(site(database, home, None, **PROXIED)),
}


@pytest.mark.parametrize("entrance", APPS)
def test_a_probe_on_this_machine_needs_no_sign_in(database: Database, tmp_path: Path, entrance: str) -> None:
    found = browser(APPS[entrance](database, tmp_path), MACHINE_PAGE, "127.0.0.1")
    answer = found.get("/healthz")
    assert (answer.status_code, answer.json()) == OK
    assert found.head("/healthz").status_code == 200
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert events(database) == []


@pytest.mark.parametrize("entrance", APPS)
def test_nothing_else_is_open_by_it(database: Database, tmp_path: Path, entrance: str) -> None:
    found = browser(APPS[entrance](database, tmp_path), MACHINE_PAGE, "127.0.0.1")
    for path in ("/healthz/", "/healthz/calls", "/healthzz", "/metrics", "/metrics/", "/"):
        assert found.get(path).status_code in (303, 401, 403, 404), path
    assert found.post("/healthz").status_code == 403
    assert found.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_by_its_name_too(database: Database, tmp_path: Path) -> None:
    answer = browser(APPS["link"](database, tmp_path), PAGE).get("/healthz", headers={"Host": f"{HOST}:443"})
    assert (answer.status_code, answer.json()) == OK


@pytest.fixture
def gone() -> Iterator[Site]:
    """A review whose database changes under it."""
    with new_postgresql() as url:
        database = Database(url)
        yield site(database, Path("nowhere"), secret=SECRET)
        database.close()


def test_a_table_that_is_gone_is_said_by_a_word(gone: Site) -> None:
    asked = browser(create_app(gone, Anybody(visitor()), pages(gone)), MACHINE_PAGE)
    assert asked.get("/healthz").status_code == 200
    with gone.database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE alembic_version RENAME TO test_away")
    answer = asked.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database"})


def test_a_damaged_file_is_said_by_a_word(tmp_path: Path, made_sqlite: Path) -> None:
    file = shutil.copy(made_sqlite, tmp_path / "funding.db")
    database = Database(f"sqlite:///{file}")
    asked = browser(APPS["machine"](database, tmp_path), MACHINE_PAGE)
    database.close()
    Path(file).write_bytes(b"TEST: no database" * 1000)
    answer = asked.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database"})
    assert "funding.db" not in answer.text
    database.close()
