"""Looks at portals: every source against its own replica, and every way in which a portal may have changed."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from scrapy.spiderloader import SpiderLoader
from scrapy.utils.project import get_project_settings
from sqlmodel import select
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from config.clock import clock
from config.schema import Source
from config.settings import Settings
from crawler.checking import Check, Kind, check_source, judge, kept_of
from crawler.contract import contracts_of_replicas, load_contract, path_of
from crawler.looking import Job, Look, LookError, look
from crawler.parsers.ted import is_call
from crawler.replicas import city_facility, raisc, ted
from crawler.replicas import interreg_eu as interreg
from crawler.replicas.faults import Fault, Faulty
from crawler.replicas.sample import RECORDS, SAMPLE_DAY, Record, load_records
from crawler.replicas.serving import Replica
from crawler.replicas.world import addresses, create_world, replicas
from store.checks import last_checks, verified_live
from store.database import Database
from store.models import Call, CrawlRun, SourceCheck
from tests.conftest import NOWHERE
from tests.journeys.test_cli import Funding
from tests.sources.bdns.portals import Broken

SOURCES = replicas()
ALLOW_ALL = "User-agent: *\nAllow: /\n"


def source(key: str, **facts: Any) -> Source:
    """A source as an organisation's file might have it, met on this machine."""
    here = {"address": "http://127.0.0.1", "page": "http://127.0.0.1"}
    words = dict.fromkeys(("name", "access", "terms", "robots"), "TEST")
    return Source(**{"key": key, "cadence": "weekly", "enabled": True, **here, **words, **facts})


# Every source, as it is


@pytest.fixture(scope="module")
def contracts() -> dict[str, str]:
    return contracts_of_replicas(SOURCES)


@pytest.mark.parametrize("key", SOURCES)
def test_contract_on_disk_is_what_the_replica_gives(contracts: dict[str, str], key: str) -> None:
    assert path_of(key).read_text(encoding="utf-8") == contracts[key], f"python -m crawler.contract {key}"


@pytest.fixture(scope="module")
def met() -> tuple[dict[str, Look], dict[str, list[str]]]:
    """A look at each source's own replica, and the paths that it was asked for."""
    world = create_world(SOURCES)
    with Replica(world) as replica:
        jobs = [Job(source=key, today=SAMPLE_DAY) for key in SOURCES]
        looks = look(jobs, addresses(replica.address, SOURCES))
    apps = {route.path.strip("/"): route.app for route in world.routes if isinstance(route, Mount)}
    asked = {key: [request.path for request in apps[key].state.requests] for key in SOURCES}  # type: ignore[attr-defined]
    return dict(zip(SOURCES, looks, strict=True)), asked


@pytest.mark.parametrize("key", SOURCES)
def test_a_replica_keeps_its_contract_and_is_asked_little(
    met: tuple[dict[str, Look], dict[str, list[str]]], key: str
) -> None:
    looks, asked = met
    check = judge(
        source(key), load_contract(key), looks[key], kept_of(source(key), None, clock(), live=False)
    )
    assert [finding for finding in check.findings if finding.kind is not Kind.NO_ADDRESS] == []
    assert check.outcome == "ok"
    most = SpiderLoader.from_settings(get_project_settings()).load(key).look_requests  # type: ignore[attr-defined]
    assert 0 < len(asked[key]) <= most
    assert looks[key].records


# A portal that has changed


def checked(
    key: str,
    app: ASGIApp,
    home: Path,
    before: SourceCheck | None = None,
    terms: str = "",
    today: date = SAMPLE_DAY,
    **facts: Any,
) -> Check:
    """A check of the portal `app`, whose terms stand at the path `terms`."""
    with Replica(app) as portal:
        settings = Settings(home=home, address={key: portal.address})
        page = portal.address + terms if terms else None
        return check_source(source(key, terms_page=page, **facts), settings, before, today)


def drift(check: Check) -> set[tuple[str, str, str]]:
    return {(finding.part, finding.kind, finding.field) for finding in check.findings if finding.is_drift}


def remarks(check: Check) -> set[tuple[str, str, str]]:
    return {(finding.part, finding.kind, finding.field) for finding in check.findings if not finding.is_drift}


def records(key: str) -> list[Record]:
    return load_records(RECORDS / f"{key}.jsonl")


def interreg_eu(change: Callable[[Record], Record]) -> ASGIApp:
    return interreg.create_app([change(row) for row in records("interreg_eu")])


def without(name: str) -> Callable[[Record], Record]:
    return lambda row: {field: value for field, value in row.items() if field != name}


def socrata_rows(rows: list[Record]) -> ASGIApp:
    """RAISC with these rows, whatever is asked of it."""
    return Broken(
        raisc.create_app(records("raisc")),
        lambda path, query: path.endswith(".json") and "$select" not in query,
        JSONResponse(rows),
    )


def moved_columns(row: Record) -> Record:
    """Each value in the column beside its own."""
    return dict(zip(row, [*list(row.values())[1:], "TEST"], strict=True))


notices = [row for row in records("ted") if is_call(row) and row["publication-date"] > "2026-08-10"]

CHANGED: dict[str, tuple[str, Callable[[], ASGIApp], set[tuple[str, str, str]]]] = {
    "a field of another name": (
        "interreg_eu",
        lambda: interreg_eu(lambda row: without("title")(row) | {"heading": row["title"]}),
        {("fields", "gone", "title")},
    ),
    "a number as text": (
        "interreg_eu",
        lambda: interreg_eu(lambda row: row | {"filterDate": str(row["filterDate"])}),
        {("fields", "type", "filterDate")},
    ),
    "a field gone, and what is read from it": (
        "interreg_eu",
        lambda: interreg_eu(without("callDeadlineDate")),
        {("fields", "gone", "callDeadlineDate"), ("calls", "gone", "deadlines")},
    ),
    "hardly a row left": (
        "interreg_eu",
        lambda: interreg.create_app(records("interreg_eu")[:1]),
        {("rows", "fewer", "")},
    ),
    "no total": (
        "ted",
        lambda: Broken(
            ted.create_app([]),
            lambda path, _: path.endswith("search"),
            JSONResponse({"notices": notices}),
        ),
        {("rows", "undeclared", "")},
    ),
    "a page whose dates stand elsewhere": (
        "city_facility",
        lambda: city_facility.create_app([row | {"published": ""} for row in records("city_facility")]),
        {("fields", "gone", "published"), ("calls", "gone", "published")},
    ),
    "columns moved": (
        "raisc",
        lambda: socrata_rows([moved_columns(row) for row in records("raisc")]),
        {("calls", "rejected", ""), ("fields", "type", "import_total_convocat_ria")},
    ),
    "dates in another form": (
        "interreg_eu",
        lambda: interreg_eu(
            lambda row: row | {"callOpenDate": f"{date.fromisoformat(row['callOpenDate'][:10]):%d/%m/%Y}"}
        ),
        {("fields", "type", "callOpenDate"), ("calls", "gone", "opening")},
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_drift_is_told_field_by_field(name: str, tmp_path: Path) -> None:
    key, portal, expected = CHANGED[name]
    check = checked(key, portal(), tmp_path)
    assert check.outcome == "drift"
    assert expected <= drift(check)
    assert name == "columns moved" or drift(check) == expected


@pytest.fixture
def recorded(shared: Path) -> Callable[[str], list[Record]]:
    """Rows of RAISC as they were recorded, with the columns they should have; they are of 2022."""
    folder = shared / "recordings/raisc"
    columns = json.loads((folder / "column_order.json").read_text(encoding="utf-8"))

    def rows(name: str) -> list[Record]:
        answer = json.loads((folder / name).read_text(encoding="utf-8"))
        rows = [dict(zip(columns, row, strict=False)) for row in answer["data"]]
        return [row for row in rows if row.get("tipus_de_convocat_ria_codi") != "A"]

    return rows


def test_recorded_rows_whose_columns_were_moved_are_drift(
    recorded: Callable[[str], list[Record]], tmp_path: Path
) -> None:
    portal = socrata_rows(recorded("rows_shape_changed.json"))
    check = checked("raisc", portal, tmp_path, today=date(2022, 12, 1))
    assert (check.outcome, drift(check)) == (
        "drift",
        {("fields", "type", "seu_electr_nica"), ("calls", "rejected", "")},
    )
    (reason,) = (finding.after for finding in check.findings if finding.kind is Kind.REJECTED)
    assert reason.startswith("3 of 5: ")
    assert "have the columns moved" in reason


def test_recorded_rows_as_they_were_are_none(recorded: Callable[[str], list[Record]], tmp_path: Path) -> None:
    portal = socrata_rows(recorded("rows_array_form.json"))
    check = checked("raisc", portal, tmp_path, today=date(2022, 12, 1))
    assert (check.outcome, drift(check)) == ("ok", set())


# A portal that cannot be read


def portal(robots: str = ALLOW_ALL, terms: Response | None = None, robots_status: int = 200) -> Starlette:
    """The list of the European City Facility, with a robots.txt and a page of terms of its own."""
    return Starlette(
        routes=[
            Route("/robots.txt", lambda _: PlainTextResponse(robots, robots_status)),
            Route("/terms", lambda _: terms or PlainTextResponse("", 404)),
            Mount("/", city_facility.create_app(records("city_facility"))),
        ]
    )


CLOSED: dict[str, tuple[Callable[[], ASGIApp], str, str]] = {
    "answers 403": (
        lambda: Faulty(city_facility.create_app(records("city_facility")), Fault.FORBIDDEN),
        "blocked",
        "the portal answered 403",
    ),
    "has another page": (
        lambda: city_facility.create_app([]),
        "unreadable",
        "no call was recognised",
    ),
    "forbids it in robots.txt": (
        lambda: portal("User-agent: *\nDisallow: /\n"),
        "blocked",
        "robots.txt forbids it",
    ),
    "cannot say what it forbids": (
        lambda: portal("", robots_status=503),
        "unavailable",
        "robots.txt could not be read",
    ),
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_portal_that_cannot_be_read_is_no_drift(name: str, tmp_path: Path) -> None:
    app, fault, words = CLOSED[name]
    check = checked("city_facility", app(), tmp_path)
    (finding,) = (finding for finding in check.findings if finding.is_drift)
    assert (check.outcome, finding.part, finding.field) == ("failed", "reading", fault)
    assert words in finding.after
    assert bool(check.robots_hash) == (fault != "unavailable")


def test_a_portal_that_does_not_answer_is_no_drift(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, address={"city_facility": NOWHERE})
    before = Check("city_facility", clock(), False, "ok", (), "TEST", "TEST").row()
    check = check_source(source("city_facility"), settings, before, SAMPLE_DAY)
    assert check.outcome == "failed"
    assert drift(check) == {("reading", "fault", "unavailable")}
    assert (check.robots_hash, check.terms_hash) == ("TEST", "TEST")


def test_a_look_that_dies_says_so() -> None:
    with pytest.raises(LookError, match="the look ended with code 1"):
        look([Job(source="nowhere")], {})


# robots.txt and the terms


def terms(text: str) -> HTMLResponse:
    return HTMLResponse(f"<body><nav>{text[::-1]}</nav><main><p>{text}</p></main></body>")


def test_changed_robots_and_terms_are_told_once(tmp_path: Path) -> None:
    first = checked("city_facility", portal(terms=terms("TEST old")), tmp_path, terms="/terms")
    assert (first.outcome, drift(first)) == ("ok", set())
    same = portal(terms=HTMLResponse("<nav>news</nav><main><p>TEST old</p></main>"))
    again = checked("city_facility", same, tmp_path, first.row(), terms="/terms")
    assert (again.outcome, again.robots_hash, again.terms_hash) == ("ok", first.robots_hash, first.terms_hash)
    changed = portal(ALLOW_ALL + "Crawl-delay: 0.4\n", terms("TEST new"))
    third = checked("city_facility", changed, tmp_path, again.row(), terms="/terms", delay=0.2)
    assert (third.outcome, drift(third)) == (
        "drift",
        {("robots.txt", "changed", ""), ("terms", "changed", "")},
    )
    assert remarks(third) == {("robots.txt", "delay", "Crawl-delay")}
    fourth = checked("city_facility", changed, tmp_path, third.row(), terms="/terms", delay=0.4)
    assert (fourth.outcome, drift(fourth), remarks(fourth)) == ("ok", set(), set())


@pytest.mark.parametrize(
    ("robots", "words"),
    [
        pytest.param(ALLOW_ALL, "the portal answered 404", id="missing"),
        pytest.param("User-agent: *\nDisallow: /terms\n", "robots.txt forbids it", id="forbidden"),
    ],
)
def test_terms_that_cannot_be_read_are_drift(robots: str, words: str, tmp_path: Path) -> None:
    check = checked("city_facility", portal(robots), tmp_path, terms="/terms")
    (finding,) = (finding for finding in check.findings if finding.is_drift)
    assert (check.outcome, finding.part, finding.kind, finding.after) == (
        "drift",
        "terms",
        "unreachable",
        words,
    )


def test_terms_of_a_real_portal_are_not_asked_for_from_its_replica(tmp_path: Path) -> None:
    with Replica(portal()) as here:
        settings = Settings(home=tmp_path, address={"city_facility": here.address})
        elsewhere = source("city_facility", terms_page="https://terms.invalid/")
        check = check_source(elsewhere, settings, None, SAMPLE_DAY)
    assert (check.outcome, remarks(check)) == ("ok", {("terms", "not met", "")})


# The command


@pytest.fixture
def funding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Funding:
    return Funding(monkeypatch, capsys)


def test_checks_are_printed_and_kept_and_nothing_of_the_calls(funding: Funding, tmp_path: Path) -> None:
    with Replica(portal()) as whole, Replica(interreg_eu(without("title"))) as changed:
        done = funding(
            *("sources", "check", "city_facility", "interreg_eu", "--today", f"{SAMPLE_DAY}", "--json"),
            home=tmp_path,
            FUNDING_ADDRESS_CITY_FACILITY=whole.address,
            FUNDING_ADDRESS_INTERREG_EU=changed.address,
        )
    assert done.returncode == 3
    ok, drifted = json.loads(done.stdout)
    assert (ok["source"], ok["outcome"], ok["live"]) == ("city_facility", "ok", False)
    assert (drifted["source"], drifted["outcome"]) == ("interreg_eu", "drift")
    (finding,) = (finding for finding in drifted["findings"] if finding["drift"])
    assert finding["sentence"] == "fields: title is gone: 100% stated it, and now 0 of 8 do"
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    with database.reading() as session:
        assert {key: row.outcome for key, row in last_checks(session, live=False).items()} == {
            "city_facility": "ok",
            "interreg_eu": "drift",
        }
        assert verified_live(session) == set()
        assert [*session.exec(select(Call)), *session.exec(select(CrawlRun))] == []
    database.close()


@pytest.mark.parametrize(
    ("app", "code", "words"),
    [
        pytest.param(portal, 0, "ok", id="as expected"),
        pytest.param(
            lambda: Faulty(portal(), Fault.FORBIDDEN),
            1,
            "city_facility: the portal refuses us access (the portal answered 403)",
            id="closed",
        ),
        pytest.param(
            lambda: city_facility.create_app(records("city_facility")[:1]),
            3,
            "city_facility: rows: 1 met, at least 2 expected",
            id="few rows",
        ),
    ],
)
def test_a_check_ends_in_sentences_and_an_exit_code(
    funding: Funding, app: Callable[[], ASGIApp], code: int, words: str, tmp_path: Path
) -> None:
    with Replica(app()) as here:
        done = funding(
            *("sources", "check", "city_facility"),
            home=tmp_path,
            FUNDING_ADDRESS_CITY_FACILITY=here.address,
        )
    assert done.returncode == code
    assert words in done.stdout
    assert "verifies nothing" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("key", "words"), [("undp", "undp is never read: "), ("nowhere", "`nowhere` is no source")]
)
def test_what_may_not_be_read_is_not_met(funding: Funding, key: str, words: str, tmp_path: Path) -> None:
    done = funding("sources", "check", key, home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
