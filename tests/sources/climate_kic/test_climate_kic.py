"""Climate-KIC's list of calls and the pages behind it: made-up cards as calls, and crawls of the replica."""

from pathlib import Path
from typing import Any

import pytest
from parsel import Selector
from scrapy.http import HtmlResponse
from starlette.responses import HTMLResponse, RedirectResponse, Response

from crawler.parsers.climate_kic import LISTING, is_call, source_key, to_record
from crawler.replicas.climate_kic import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.spiders.climate_kic import ClimateKic
from store.database import Database
from store.records import LONGEST_TEXT, CallRecord
from tests.journeys.crawling import contents, versions
from tests.sources.bdns.portals import Broken
from tests.sources.listings import FAULTY, Facts, crawled, portal_that, stored, with_expected

SOURCE = "climate_kic"
ROWS = load_records(RECORDS / f"{SOURCE}.jsonl")
CALLS = [row for row in ROWS if is_call(row)]
DETAIL = "/open-call/test-1/"
FIRST = "/open-call/test-1"
"""The key of the first call."""


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    found = {source_key(row): to_record(row).facts() for row in CALLS}
    return with_expected(Path(__file__).with_name("expected.json"), found)


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert {key: fact.get(field) for key, fact in found.items()} == {
        key: fact.get(field) for key, fact in expected.items()
    }


@pytest.mark.parametrize(
    ("title", "labels", "call"),
    [
        ("Call for cities", [], True),
        ("", [], True),
        ("Tender for an evaluation", [], False),
        ("Public procurement of an audit", [], False),
        ("Request for Proposals: a website", [], False),
        ("Requests for quotation", [], False),
        ("Terms of reference, expert on finance", [], False),
        ("Call for tenders: catering", [], False),
        ("An evaluation", ["Tender"], False),
        ("An evaluation", ["Call for", "Tenders"], False),
        ("An evaluation", ["OPEN CALL FOR TENDERS", "Read more"], False),
        ("An evaluation", ["It may lead to a tender later on"], True),
        ("Call for proposals on public procurement", [], True),
        ("Call for proposals", ["Procurement"], True),
        ("Grants for cities that tender together", [], True),
        ("Tenderness towards trees", [], True),
    ],
)
def test_procurement_is_no_call_and_doubt_is_one(title: str, labels: list[str], call: bool) -> None:
    assert is_call({"title": title, "href": DETAIL, "labels": labels}) is call


def test_what_is_bought_is_refused() -> None:
    with pytest.raises(ValueError, match="procurement"):
        to_record(ROWS[0] | {"title": "Tender"})


@pytest.mark.parametrize(
    ("text", "labels", "days", "hours", "notices"),
    [
        ("Deadline\n2026-11-26 18:00: CET", [], ["2026-11-26"], ["18:00:00"], ()),
        ("Deadline: 26 November 2026", [], ["2026-11-26"], ["None"], ()),
        ("Call closes: 26 November 2026", [], ["2026-11-26"], ["None"], ()),
        ("Deadline: 26 November 2026\nCall closes: 26 November 2026", [], ["2026-11-26"], ["None"], ()),
        ("Deadline\n2026-11-26", ["Deadline", "1 May 2026"], ["2026-11-26"], ["None"], ()),
        ("A text", ["Deadline", "26 November 2026"], ["2026-11-26"], ["None"], ()),
        ("Deadline: rolling", [], ["None"], ["None"], ("deadline_in_prose", "age_unknown")),
        ("The deadline is near", [], [], [], ("age_unknown",)),
        ("Deadline for questions: 1 May 2026", [], [], [], ("age_unknown",)),
    ],
)
def test_deadline(
    text: str, labels: list[str], days: list[str], hours: list[str], notices: tuple[str, ...]
) -> None:
    record = to_record(ROWS[0] | {"text": text, "labels": labels})
    assert [str(deadline.day) for deadline in record.deadlines] == days
    assert [str(deadline.at) for deadline in record.deadlines] == hours
    assert (record.notices, record.no_deadline == "") == (notices, bool(days))


@pytest.mark.parametrize(
    ("labels", "text", "status"),
    [
        (["Closed"], "", "closed"),
        (["OPEN", "Read more"], "", "open"),
        (["Upcoming"], "Deadline: 26 November 2026", "forthcoming"),
        (["Open", "Closed"], "", "unknown"),
        ([], "Deadline: 26 November 2026", "open"),
        ([], "Deadline: rolling", "unknown"),
        ([], "", "unknown"),
    ],
)
def test_status(labels: list[str], text: str, status: str) -> None:
    assert to_record(ROWS[0] | {"labels": labels, "text": text}).status == status


@pytest.mark.parametrize(
    ("href", "key", "page"),
    [
        (DETAIL, FIRST, f"https://www.climate-kic.org{DETAIL}"),
        ("https://www.climate-kic.org/open-call/test-1", FIRST, f"https://www.climate-kic.org{FIRST}"),
        ("https://climate-kic.org/open-call/test-1/?a=b#c", FIRST, f"https://www.climate-kic.org{DETAIL}"),
        (
            "https://example.org/open-call/x?id=1#top",
            "https://example.org/open-call/x?id=1",
            "https://example.org/open-call/x?id=1",
        ),
    ],
)
def test_own_pages_have_one_key_and_others_their_address(href: str, key: str, page: str) -> None:
    row = ROWS[0] | {"href": href}
    assert (source_key(row), to_record(row).page) == (key, page)


@pytest.mark.parametrize(
    ("change", "reason"), [({"title": ""}, r"titles\.en"), ({"href": ""}, "without an address")]
)
def test_card_that_is_no_call_is_refused(change: Record, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_record(ROWS[0] | change)


def test_links_to_files_are_documents() -> None:
    (document,) = to_record(ROWS[0]).documents
    assert document.address == "https://www.climate-kic.org/wp-content/uploads/test-1.pdf"
    assert (document.title, document.kind) == ("TEST-1 Made-up guidelines", "pdf")


def test_text_without_end_is_clipped_and_said() -> None:
    record = to_record(ROWS[0] | {"text": "x" * (LONGEST_TEXT + 1)})
    assert (len(record.texts["en"]), "text_clipped" in record.notices) == (LONGEST_TEXT, True)


def test_card_without_a_heading_takes_the_title_of_its_page() -> None:
    card = Selector('<div><a href="/open-call/x/">Read more</a></div>').css("div")[0]
    row = ClimateKic().to_row(card)
    assert row == {"title": "", "href": "/open-call/x/", "labels": ["Read more"]}
    assert ClimateKic().add_detail(row, page("<main><h1>Made-up call</h1></main>"))["title"] == "Made-up call"


def page(body: str) -> HtmlResponse:
    return HtmlResponse("https://example.org/", body=f"<html>{body}</html>".encode(), encoding="utf-8")


def test_article_is_the_text_of_a_page_without_main() -> None:
    added = ClimateKic().add_detail(ROWS[0], page("<p>Menu</p><article><p>A call</p></article>"))
    assert added["text"] == "A call"


@pytest.mark.parametrize("response", [page("<p>Sign in</p>"), page("<main> </main>")])
def test_page_without_a_text_is_unreadable(response: HtmlResponse) -> None:
    with pytest.raises(ValueError, match="its page"):
        ClimateKic().add_detail(ROWS[0], response)


def test_dates_move() -> None:
    rows = shift_dates(ROWS, 7)
    assert "2026-12-03 18:00: CET" in rows[0]["text"]
    assert rows[3]["labels"] == ["Deadline", "22 December 2026"]
    assert shift_dates(ROWS, 0) == ROWS


def test_crawl_of_the_replica_finds_all_as_they_are_and_then_nothing_new(database: Database) -> None:
    first = crawled(SOURCE, app := create_app(ROWS), database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert (first.seen, first.new) == (len(ROWS), len(CALLS))
    assert {key: one.snapshot for key, one in versions(database).items()} == {
        source_key(row): to_record(row).facts() for row in CALLS
    }
    second = crawled(SOURCE, app, database)
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, len(ROWS))


def test_only_pages_of_calls_on_the_site_itself_are_asked(database: Database) -> None:
    crawled(SOURCE, app := create_app(ROWS), database)
    asked = {seen.path for seen in app.state.requests} - {"/robots.txt", LISTING}
    assert asked == {f"/open-call/test-{number}/" for number in (1, 2, 3, 7, 8, 9, 10)}
    elsewhere = versions(database)["https://example.org/open-call/test-4"].snapshot
    assert elsewhere["page"] == "https://example.org/open-call/test-4"
    assert (elsewhere["texts"], elsewhere["deadlines"][0]["day"]) == ({}, "2026-12-15")


def is_first_detail(path: str, _: Any) -> bool:
    return path == DETAIL


FAILED_DETAILS = [
    pytest.param(Response(status_code=500), "unavailable", id="is down"),
    pytest.param(Response(status_code=404), "unreadable", id="is missing"),
    pytest.param(Response(status_code=403), "blocked", id="is forbidden"),
    pytest.param(HTMLResponse("<html><form>Sign in</form></html>"), "unreadable", id="wants a login"),
    pytest.param(HTMLResponse("<html><main>Deadline: 1 May"), "unreadable", id="breaks off"),
    pytest.param(RedirectResponse("http://elsewhere.invalid/"), "blocked", id="is elsewhere"),
]


@pytest.mark.parametrize(("answer", "error"), FAILED_DETAILS)
def test_detail_that_fails_leaves_the_call_of_the_card(
    database: Database, answer: Response, error: str
) -> None:
    result = crawled(SOURCE, Broken(create_app(ROWS), is_first_detail, answer), database)
    assert (result.outcome, result.error, result.seen, result.new) == (
        "partial",
        error,
        len(ROWS),
        len(CALLS),
    )
    alone = versions(database)[FIRST].snapshot
    assert alone["titles"] == {"en": ROWS[0]["title"]}
    assert (alone["texts"], alone["deadlines"], alone["status"]) == ({}, [], "unknown")
    assert alone["no_deadline"] == "not stated in a line of its own"


@pytest.mark.parametrize(("answer", "error"), [FAILED_DETAILS[0], FAILED_DETAILS[-2]])
def test_detail_that_fails_takes_nothing_from_a_known_call(
    database: Database, answer: Response, error: str
) -> None:
    crawled(SOURCE, create_app(ROWS), database)
    before = contents(database)
    changed = [ROWS[0] | {"labels": ["New"]}, *ROWS[1:]]
    result = crawled(SOURCE, Broken(create_app(changed), is_first_detail, answer), database)
    assert (result.outcome, result.error, result.changed) == ("partial", error, 0)
    assert contents(database) == before


def test_detail_that_is_a_pdf_adds_nothing(database: Database) -> None:
    pdf = Response(b"%PDF-1.7 made up", media_type="application/pdf")
    result = crawled(SOURCE, Broken(create_app(ROWS), is_first_detail, pdf), database)
    assert (result.outcome, result.detail, result.new) == ("ok", "", len(CALLS))
    alone = versions(database)[FIRST].snapshot
    assert (alone["texts"], alone["deadlines"]) == ({}, [])


@pytest.mark.parametrize("name", FAULTY)
def test_list_that_fails_touches_no_call(database: Database, name: str) -> None:
    answer, error = FAULTY[name]
    stored(map(to_record, CALLS), database)
    before = contents(database)
    result = crawled(SOURCE, portal_that(answer), database)
    assert (result.outcome, result.seen, result.new) == ("failed", 0, 0)
    assert result.error in (error, "incomplete")
    assert contents(database) == before
