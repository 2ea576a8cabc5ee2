"""`funding calls show`: a call whole, and the text of its documents when, and only when, it is asked for."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

import cli.output
from cli import main
from config.clock import clock
from crawler.replicas.serving import Replica
from crawler.replicas.urban_initiative import create_app
from store.calls import save
from store.database import Database
from store.records import CallRecord, DeadlineRecord, Document, Kind, Status
from tests.journeys.crawling import TODAY
from tests.unit.crawler.pdfs import pdf_of, scan

SOURCE = "urban_initiative"
PDFS = {
    "good.pdf": pdf_of("Who may apply: made-up cities [bold] :euro:", "How much: made-up sums"),
    "scan.pdf": scan(),
}


@dataclass
class Done:
    """What a command printed and the code it ended with."""

    code: int
    out: str
    err: str


class Funding:
    """Runs commands in this process on a screen of a given width."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch = monkeypatch
        self.capsys = capsys

    def __call__(self, *arguments: str, columns: int = 80) -> Done:
        self.monkeypatch.setattr(sys, "argv", ["funding", *arguments])
        self.monkeypatch.setattr(cli.output.console, "_width", columns)
        with pytest.raises(SystemExit) as end:
            main()
        printed = self.capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Done(int(end.value.code or 0), printed.out, printed.err)


@pytest.fixture
def funding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Funding:
    assert home.is_dir()
    return Funding(monkeypatch, capsys)


def card(title: str, href: str) -> dict[str, str]:
    return {"title": title, "programme": "TEST", "status": "Open", "deadline": "15/10/2026", "href": href}


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Starlette]:
    """A portal below a path, as `funding replica all` serves it, some of whose calls are PDFs."""

    async def pdf(request: Request) -> Response:
        name = request.path_params["name"]
        return Response(PDFS[name]) if name in PDFS else PlainTextResponse("Not found", 404)

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nAllow: /\n")

    cards = [
        card("TEST-1 Made-up call for cities", "/made-up/good.pdf"),
        card("TEST-2 Made-up scan", "/made-up/scan.pdf"),
        card("TEST-3 Made-up page", "/made-up/page"),
    ]
    app = create_app(cards)
    app.router.routes.append(Route("/made-up/{name}", pdf))
    with Replica(Starlette(routes=[Route("/robots.txt", robots), Mount(f"/{SOURCE}", app)])) as replica:
        monkeypatch.setenv(f"FUNDING_ADDRESS_{SOURCE.upper()}", f"{replica.address}/{SOURCE}")
        yield app


def asked(portal: Starlette) -> list[str]:
    return [seen.path for seen in portal.state.requests if ".pdf" in seen.path]


def test_documents_are_fetched_when_they_are_asked_for_and_never_before(
    funding: Funding, portal: Starlette
) -> None:
    assert funding("crawl", SOURCE, "--today", str(TODAY)).code == 0
    keys = {
        call["titles"]["en"][:6]: call["source_key"]
        for call in json.loads(funding("calls", "--status", "all", "--json").out)
    }
    without = funding("calls", "show", keys["TEST-1"])
    assert (without.code, without.err) == (0, "")
    assert "https://portico.urban-initiative.eu/made-up/good.pdf" in without.out
    assert json.loads(funding("calls", "show", keys["TEST-1"], "--json").out)["documents"] == [
        {
            "title": "TEST-1 Made-up call for cities",
            "address": "https://portico.urban-initiative.eu/made-up/good.pdf",
            "kind": "pdf",
            "size": None,
        }
    ]
    assert asked(portal) == []

    good = funding("calls", "show", keys["TEST-1"], "--documents")
    assert (good.code, good.err) == (0, "")
    assert "TEST-1 Made-up call for cities, 2 pages" in good.out
    assert "Who may apply: made-up cities [bold] :euro:\n\nHow much: made-up sums" in good.out
    assert len(asked(portal)) == 1

    bad = funding("calls", "show", keys["TEST-2"], "--documents")
    assert bad.code == 1
    assert "the PDF has no text: its pages are pictures" in bad.out

    none = funding("calls", "show", keys["TEST-3"], "--documents")
    assert none.code == 0
    assert "none linked" in none.out


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{home / 'funding.db'}")
    yield database
    database.close()


HOME = "https://portico.urban-initiative.eu"
SCAN, GOOD, GONE = (
    Document(title=f"Made-up {name}", address=f"{HOME}/made-up/{name}", kind="pdf", size=size)
    for name, size in (("scan.pdf", None), ("good.pdf", 1_234_567), ("gone.pdf", 900))
)


def made_up(key: str, **facts: object) -> CallRecord:
    given: dict[str, object] = {
        "source": SOURCE,
        "source_key": key,
        "kind": Kind.CALL,
        "titles": {"en": f"Made-up call {key}"},
        "status": Status.OPEN,
        "no_deadline": "not stated in the listing",
        "page": f"{HOME}/{key}",
    }
    return CallRecord.model_validate(given | facts)


def store(database: Database, *records: CallRecord, on: date = TODAY) -> None:
    with database.writing() as session:
        save(session, records, None, clock(on))


def test_some_texts_are_better_than_none(funding: Funding, portal: Starlette, database: Database) -> None:
    store(database, made_up("TEST-1", documents=(SCAN, GOOD, GONE)))
    done = funding("calls", "show", "TEST-1", "--documents")
    assert done.code == 3
    assert "the PDF has no text: its pages are pictures" in done.out
    assert "the portal answered 404" in done.out
    assert "Who may apply" in done.out

    documents = json.loads(funding("calls", "show", "TEST-1", "--documents", "--json").out)["documents"]
    assert [(document["title"], document["pages"], document["fault"]) for document in documents] == [
        ("Made-up scan.pdf", 1, "the PDF has no text: its pages are pictures"),
        ("Made-up good.pdf", 2, ""),
        ("Made-up gone.pdf", None, "the portal answered 404"),
    ]
    assert documents[1]["text"].endswith("How much: made-up sums")

    assert len(asked(portal)) == 6
    too_large = funding("calls", "show", "TEST-1", "--documents", "--largest", "1")
    assert "it is larger than 1 MB" in too_large.out
    assert asked(portal)[6:] == [f"/{SOURCE}/made-up/scan.pdf", f"/{SOURCE}/made-up/gone.pdf"]


def test_a_source_that_is_off_gives_no_documents(funding: Funding, database: Database) -> None:
    store(database, made_up("TEST-1", source="undp", documents=(GOOD,)))
    done = funding("calls", "show", "TEST-1", "--documents")
    assert done.code == 1
    assert "its source is switched off: The portal's robots.txt" in done.out


@pytest.mark.parametrize("columns", [80, 120])
def test_the_sheet_shows_all_that_is_stored(funding: Funding, database: Database, columns: int) -> None:
    before = made_up(
        "TEST-1",
        identifiers=("TEST-2026-01", "TEST-2026-01-bis"),
        titles={"en": "Made-up call for cities", "ca": "Convocatòria inventada per a ciutats"},
        texts={"en": "A made-up first paragraph.\n\nA second one.", "ca": "Un text inventat."},
        conditions={"en": "Made-up conditions."},
        programme="Made-up programme",
        call_identifier="TEST-CALL",
        destination="Made-up destination",
        types_of_action=("Made-up action",),
        status=Status.FORTHCOMING,
        opening=date(2026, 7, 1),
        no_deadline="",
        deadlines=(
            DeadlineRecord(day=date(2026, 7, 15), at=time(17), stage=1),
            DeadlineRecord(day=date(2026, 9, 1), at=time(17), stage=2, prose="by invitation"),
            DeadlineRecord(day=None, prose="a made-up third round"),
        ),
        budget_cents=2_000_000_00,
        grant_min_cents=100_000_00,
        grant_max_cents=300_000_00,
        expected_grants=8,
        funding_rate=85,
        countries=("ES", "FR"),
        regions=("ES51",),
        geographical_zones=("Made-up zone",),
        applicants=("Made-up cities", "Made-up regions"),
        keywords=("made up",),
        documents=(GOOD,),
        notices=("status_unknown",),
    )
    after = before.model_copy(update={"status": Status.OPEN, "budget_cents": 3_000_000_00})
    store(database, before, on=date(2026, 6, 1))
    store(database, after)
    done = funding("calls", "show", "TEST-1", "--today", str(TODAY), columns=columns)
    assert done.code == 0
    assert max(len(line) for line in done.out.splitlines()) <= columns
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    expected = [
        "Made-up call for cities",
        "title (ca) Convocatòria inventada per a ciutats",
        f"key {SOURCE}:TEST-1",
        f"page {HOME}/TEST-1",
        "state open",
        "identifiers TEST-2026-01, TEST-2026-01-bis",
        "opening 2026-07-01",
        "programme Made-up programme",
        "destination Made-up destination",
        "type of action Made-up action",
        "budget €3M",
        "grants expected 8",
        "funding rate 85 %",
        "countries ES, FR, Made-up zone",
        "regions ES51",
        "applicants Made-up cities",
        "not stated published",
        "doubts The source does not say whether the call is open.",
        "2026-07-15 17:00 Europe/Brussels stage 1 past",
        "2026-09-01 17:00 Europe/Brussels stage 2 10 days left",
        "by invitation",
        "– a made-up third round",
        "pdf 1.2 MB Made-up good.pdf",
        f"{HOME}/made-up/good.pdf",
        "2026-06-01 02:00 new",
        "2026-08-22 02:00 budget changed, opened: status, budget cents",
        "A second one.",
        "Text (ca)",
        "Made-up conditions.",
    ]
    assert [line for line in expected if line not in lines] == []

    whole = json.loads(funding("calls", "show", "TEST-1", "--today", str(TODAY), "--json").out)
    assert (whole["state"], whole["budget_cents"]) == ("open", 300_000_000)
    first, second = whole["versions"]
    assert (first["number"], first["kinds"], first["changes"]) == (1, ["new"], [])
    assert second["changes"][0] == {"field": "status", "before": "forthcoming", "after": "open"}


def test_a_call_that_says_little_is_shown_too(funding: Funding, database: Database) -> None:
    store(database, made_up("TEST-1"))
    done = funding("calls", "show", "TEST-1", "--today", str(TODAY))
    assert done.code == 0
    assert "none: not stated in the listing" in done.out
    assert "none linked" in done.out
    assert "not stated" in done.out


def test_names_of_a_call(funding: Funding, database: Database) -> None:
    store(
        database,
        made_up("TEST-1", identifiers=('TEST-"%_é', "TEST-SHARED")),
        made_up("TEST-2", identifiers=("TEST-SHARED", "TEST-ABC")),
        made_up("TEST-3", identifiers=("TEST-abc", "3")),
        made_up("2"),
        made_up("TEST:4"),
    )

    def shown(name: str) -> str:
        done = funding("calls", "show", name, "--json")
        assert (done.code, done.err) == (0, "")
        return str(json.loads(done.out)["source_key"])

    assert shown("TEST-1") == "TEST-1"
    assert shown('TEST-"%_é') == "TEST-1"
    assert shown("TEST-abc") == "TEST-3"
    assert shown("TEST:4") == "TEST:4"
    assert shown(f"{SOURCE}:TEST:4") == "TEST:4"
    assert shown(f"{SOURCE}:2") == "2"
    assert shown("1") == "TEST-1"
    assert shown("3") == "TEST-3"

    for name, candidates in (
        ("TEST-SHARED", f"{SOURCE}:TEST-1, {SOURCE}:TEST-2"),
        ("2", f"{SOURCE}:TEST-2, {SOURCE}:2"),
    ):
        several = funding("calls", "show", name)
        assert (several.code, several.out) == (1, "")
        assert several.err == f"`{name}` may be any of 2 calls; say which: {candidates}\n"

    for name in ("TEST-", "test-1", "99", "9" * 30, "²", "nowhere:TEST-1", ""):
        none = funding("calls", "show", name)
        assert (none.code, none.out) == (1, "")
        assert none.err == f"`{name}` is no call in the store; all of them: funding calls --status all\n"


def test_a_name_that_many_calls_share_tells_some_of_them(funding: Funding, database: Database) -> None:
    store(database, *(made_up(f"TEST-{number}", identifiers=("TEST-SHARED",)) for number in range(12)))
    several = funding("calls", "show", "TEST-SHARED")
    assert several.err.endswith(f"{SOURCE}:TEST-9 and 2 more\n")
