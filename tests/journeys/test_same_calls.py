"""One opportunity of three portals: crawled from their replicas, identified, ranked, told and shown once."""

import json
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import html  # type: ignore[import-untyped]
from sqlalchemy import event
from sqlmodel import select
from starlette.types import ASGIApp

from cli import main
from config.clock import clock
from config.organisation import Organisation, load_organisation
from config.settings import Settings
from crawler.identity import identify_calls
from crawler.replicas import bdns, cido, eu_portal, raisc
from crawler.replicas.sample import RECORDS, load_records
from crawler.replicas.serving import Replica
from jobs.weekly import weekly_run
from matcher.matching import match_calls
from notifier.selection import select_all
from store.database import Database
from store.models import Call
from tests.conftest import AMB
from tests.sources.bdns.portals import run

TODAY = date(2026, 8, 22)
COPIES = {
    ("raisc", "TEST-26-002"),
    ("cido", "https://www.infosubvenciones.es/bdnstrans/GE/es/convocatorias/TEST-5"),
}


@pytest.fixture
def amb() -> Organisation:
    return load_organisation(AMB)


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of the three registers, the copies crawled before the call itself."""
    path = tmp_path_factory.mktemp("registers") / "funding.db"
    database = Database(f"sqlite:///{path}")
    apps: dict[str, ASGIApp] = {
        source: module.create_app(load_records(RECORDS / f"{source}.jsonl"))
        for source, module in (("cido", cido), ("raisc", raisc), ("bdns", bdns))
    }
    for source, app in apps.items():
        assert run(source, app, database, TODAY).outcome == "ok"
    database.close()
    return path


@pytest.fixture
def crawled(registers: Path, home: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{shutil.copy(registers, home)}")
    yield database
    database.close()


def test_three_portals_are_one_opportunity(crawled: Database, amb: Organisation) -> None:
    assert identify_calls(crawled, amb)
    report = match_calls(crawled, amb, clock(TODAY))
    with crawled.reading() as session:
        assert report.calls == len(session.exec(select(Call.id)).all()) - len(COPIES)
        overview = select_all(session, amb, clock(TODAY))
        (item,) = [item for item in (*overview.items, *overview.hidden) if item.call.source_key == "TEST-5"]
        assert {(copy.source, copy.source_key) for copy in item.also} == COPIES
        assert [copy.source for copy in item.also] == ["raisc", "cido"]
        shown = {(one.call.source, one.call.source_key) for one in (*overview.items, *overview.hidden)}
        assert shown.isdisjoint(COPIES)


def test_an_unchanged_world_writes_nothing(crawled: Database, amb: Organisation) -> None:
    assert identify_calls(crawled, amb)
    statements: list[str] = []
    event.listen(crawled.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert not identify_calls(crawled, amb)
    assert {one.split()[0] for one in statements} <= {"SELECT", "BEGIN"}


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    monkeypatch.setattr(sys, "argv", ["funding", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code in (0, None)
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("crawled")
def test_commands_name_the_other_sources(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A crawl of any source identifies the calls of all."""
    with Replica(eu_portal.create_app(load_records(RECORDS / "eu_portal.jsonl")[:3])) as replica:
        monkeypatch.setenv("FUNDING_ADDRESS_EU_PORTAL", replica.address)
        told(monkeypatch, capsys, "crawl", "eu_portal", "--today", TODAY.isoformat(), "--json")
    rows = told(monkeypatch, capsys, "calls", "--status", "all", "--today", TODAY.isoformat(), "--json")
    by_key = {(row["source"], row["source_key"]): row for row in rows}
    face = by_key["bdns", "TEST-5"]
    assert face["same_as"] is None
    assert {(copy["source"], copy["source_key"]) for copy in face["also"]} == COPIES
    for copy in COPIES:
        assert by_key[copy]["same_as"] == {"source": "bdns", "source_key": "TEST-5"}
        assert by_key[copy]["also"] == []
    one = told(monkeypatch, capsys, "calls", "show", "bdns:TEST-5", "--today", TODAY.isoformat(), "--json")
    assert one["also"] == face["also"]


def test_the_weekly_run_identifies(crawled: Database, home: Path, eu_portal_alone: Path) -> None:
    """With the registers switched off the calls of earlier runs are still told once."""
    with Replica(eu_portal.create_app(load_records(RECORDS / "eu_portal.jsonl")[:3])) as replica:
        settings = Settings(home=home, config=eu_portal_alone, address={"eu_portal": replica.address})
        weekly_run(settings, crawled, load_organisation(eu_portal_alone / "amb"), TODAY)
    page = html.fromstring((home / "summary.html").read_bytes())
    titles = [title.text_content() for title in page.cssselect("li.call h3")]
    with crawled.reading() as session:
        stated = [
            call.title
            for call in session.exec(select(Call))
            if "TEST-5" in call.page or call.source_key == "TEST-26-002"
        ]
    assert len(stated) == 3
    assert sum(title in stated for title in titles) == 1
