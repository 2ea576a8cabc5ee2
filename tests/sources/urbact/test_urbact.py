"""The calls of URBACT: deadlines in prose, whole addresses that lead to the replica all the same, and crawls of it."""

from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request
from starlette.responses import HTMLResponse, Response

from config.settings import Settings
from crawler.parsers.urbact import HOME, is_call, path_of, source_key, to_record
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.replicas.serving import Replica
from crawler.replicas.urbact import create_app, shift_dates
from crawler.replicas.world import addresses, create_world
from crawler.runner import crawl
from crawler.spiders.urbact import Urbact
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import TODAY, contents, versions
from tests.sources.bdns.portals import Broken
from tests.sources.listings import FAULTY, Facts, crawled, portal_that, stored, with_expected

ROWS = load_records(RECORDS / "urbact.jsonl")
CALL: Record = {"href": f"{HOME}/call-test-0", "title": "TEST-0 Made-up call", "around": ""}


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    found = {source_key(row): to_record(row).facts() for row in ROWS}
    return with_expected(Path(__file__).with_name("expected.json"), found)


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert {key: fact.get(field) for key, fact in found.items()} == {
        key: fact.get(field) for key, fact in expected.items()
    }


def record(text: str, around: str = "") -> CallRecord:
    return to_record(CALL | {"heading": CALL["title"], "text": text, "around": around, "links": []})


def days(call: CallRecord) -> list[str]:
    return [str(deadline.day) for deadline in call.deadlines]


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("Apply by 30 November 2026.", "2026-11-30", "None"),
        ("Apply by Monday, 30 November 2026.", "2026-11-30", "None"),
        ("The deadline for applications is 30 November 2026, 15:00 CET.", "2026-11-30", "15:00:00"),
        ("Closing on 30 November 2026 at 15.00 (Brussels time)!", "2026-11-30", "15:00:00"),
        ("Deadline: 30 November 2026", "2026-11-30", "None"),
        ("Deadline: 30 November 2026, 25:00 CET", "2026-11-30", "None"),
        ("Open from 1 May 2026 until 2 June 2026.", "None", "None"),
        ("The deadline will be announced.", "None", "None"),
        ("A webinar before the deadline takes place on 3 May 2027.", "None", "None"),
        ("Until 31 November 2026.", "None", "None"),
    ],
)
def test_deadline_keeps_the_words_and_no_day_is_guessed(text: str, day: str, hour: str) -> None:
    (deadline,) = record(f"Made up.\n{text}\nMade up.").deadlines
    assert (deadline.prose, str(deadline.day), str(deadline.at)) == (text, day, hour)


@pytest.mark.parametrize(
    "text", ["The call was launched by the office on 9 January 2023.", "It opens on 1 May 2027.", ""]
)
def test_other_days_are_no_deadlines(text: str) -> None:
    call = record(text)
    assert (call.deadlines, call.no_deadline) == ((), "not stated in a sentence of its own")
    assert call.notices == ("age_unknown",)


@pytest.mark.parametrize(
    ("text", "around", "found", "notices"),
    [
        ("Apply by 30 November 2026.", "Open until 30 November 2026.", ["2026-11-30"], ()),
        ("Made up.", "Open until 30 November 2026.", ["2026-11-30"], ()),
        (
            "Apply by 30 November 2026.",
            "Open until 15 December 2026.",
            ["2026-11-30", "2026-12-15"],
            ("deadline_contradicts_itself",),
        ),
        (
            "The deadline follows.",
            "Open until 15 December 2026.",
            ["2026-12-15", "None"],
            ("deadline_in_prose",),
        ),
        ("The deadline follows.", "", ["None"], ("deadline_in_prose", "age_unknown")),
    ],
)
def test_words_around_the_link_add_what_the_page_does_not_say(
    text: str, around: str, found: list[str], notices: tuple[str, ...]
) -> None:
    call = record(text, around)
    assert (days(call), call.notices) == (found, notices)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Apply by 30 November 2026.", "open"),
        ("The call opens in autumn. Apply by 30 November 2026.", "unknown"),
        ("The call will be launched in May. The deadline is 30 November 2026.", "unknown"),
        ("Apply by 30 November 2026. The second deadline follows.", "unknown"),
        ("Cities of several countries form a network.", "unknown"),
    ],
)
def test_status_is_open_only_until_a_day(text: str, status: str) -> None:
    assert record(text).status == status


@pytest.mark.parametrize(
    ("title", "heading", "expected"),
    [
        ("TEST-0 A", "TEST-0 B", "TEST-0 A"),
        ("", "TEST-0 B", "TEST-0 B"),
        ("Read more", "TEST-0 B", "TEST-0 B"),
        ("Find out more »", "TEST-0 B", "TEST-0 B"),
        ("Read more", "", "Read more"),
    ],
)
def test_title(title: str, heading: str, expected: str) -> None:
    assert to_record(CALL | {"title": title, "heading": heading}).titles == {"en": expected}


@pytest.mark.parametrize("href", [f"{HOME}/call-", f"{HOME}/call-test/questions", f"{HOME}/networks", ""])
def test_link_to_no_call_is_refused(href: str) -> None:
    assert not is_call(CALL | {"href": href})
    with pytest.raises(ValueError, match="no page of a call"):
        to_record(CALL | {"href": href})


def test_picture_whose_page_was_not_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"titles\.en"):
        to_record(CALL | {"title": ""})


def listed(body: str) -> list[Any]:
    page = HtmlResponse(HOME, body=f"<html>{body}</html>".encode(), encoding="utf-8", request=Request(HOME))
    return list(Urbact().parse_listing(page, 1, 0))


def test_links_elsewhere_are_not_followed_and_whole_addresses_not_as_they_are() -> None:
    spider = Urbact()
    spider.address = "http://127.0.0.1:1/below"
    requests = list(
        spider.parse_listing(
            HtmlResponse(
                HOME,
                body=b"<html><a href='https://urbact.eu/call-a/?from=list#top'>A</a>"
                b"<a href='https://urbact.eu.example.org/call-b'>B</a><a href='https://example.org/call-c'>C</a>"
                b"<a href='https://urbact.eu/networks'>D</a><a href='/call-e'>E</a></html>",
                encoding="utf-8",
                request=Request(HOME),
            ),
            1,
            0,
        )
    )
    assert [request.url for request in requests if isinstance(request, Request)] == [
        "http://127.0.0.1:1/below/call-a"
    ]
    assert spider.reading.faults == []


@pytest.mark.parametrize(
    ("body", "around"),
    [
        ("<p><a href='https://urbact.eu/call-a'>A</a> until May.</p>", "A until May."),
        ("<li><b><a href='https://urbact.eu/call-a'>A</a></b><br>until May</li>", "A\nuntil May"),
        (
            "<p><a href='https://urbact.eu/call-a'>A</a> and <a href='https://urbact.eu/call-b'>B</a> until May.</p>",
            "",
        ),
        ("<a href='https://urbact.eu/call-a'>A</a>", ""),
    ],
)
def test_words_around_a_link_are_those_of_its_own_paragraph(body: str, around: str) -> None:
    assert listed(body)[0].cb_kwargs["row"]["around"] == around


def test_dates_move_around_the_link_and_on_the_page() -> None:
    (row,) = shift_dates([ROWS[0]], 7)
    assert "7 December 2026" in row["around"]
    assert "7 December 2026" in row["text"]


def test_crawl_of_the_replica_finds_all_as_they_are_and_then_nothing_new(database: Database) -> None:
    first = crawled("urbact", app := create_app(ROWS), database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert first.seen == first.new == len(ROWS)
    assert {key: one.snapshot for key, one in versions(database).items()} == {
        source_key(row): to_record(row).facts() for row in ROWS
    }
    asked = [seen.path for seen in app.state.requests]
    assert sorted(asked) == sorted(["/robots.txt", "/get-involved", *map(path_of, ROWS)])
    second = crawled("urbact", app, database)
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, len(ROWS))


def test_pages_are_asked_of_the_replica_below_its_path(database: Database) -> None:
    with Replica(create_world(["urbact"])) as world:
        settings = Settings(
            home=Path(database.url.database or "").parent,
            database_url=str(database.url),
            address=addresses(world.address, ["urbact"]),
        )
        result = crawl("urbact", settings, database, TODAY)
    assert (result.outcome, result.detail, result.new) == ("ok", "", len(ROWS))


def first_page(path: str, _: Any) -> bool:
    return path == path_of(ROWS[0])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(Response(status_code=500), "unavailable", id="is down"),
        pytest.param(HTMLResponse("<html><form>Sign in</form></html>"), "unreadable", id="wants a login"),
        pytest.param(HTMLResponse("<html><main><h1>TEST</h1>"), "unreadable", id="breaks off"),
    ],
)
def test_page_that_fails_takes_nothing_from_a_known_call(
    database: Database, answer: Response, error: str
) -> None:
    crawled("urbact", create_app(ROWS), database)
    before = contents(database)
    renamed = [ROWS[0] | {"title": "TEST-1 Another title"}, *ROWS[1:]]
    result = crawled("urbact", Broken(create_app(renamed), first_page, answer), database)
    assert (result.outcome, result.error, result.changed) == ("partial", error, 0)
    assert contents(database) == before


@pytest.mark.parametrize("name", FAULTY)
def test_list_that_fails_touches_no_call(database: Database, name: str) -> None:
    answer, error = FAULTY[name]
    stored(map(to_record, ROWS), database)
    before = contents(database)
    result = crawled("urbact", portal_that(answer), database)
    assert (result.outcome, result.seen, result.new) == ("failed", 0, 0)
    assert result.error in (error, "incomplete")
    assert contents(database) == before
