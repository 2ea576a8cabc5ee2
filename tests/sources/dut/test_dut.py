"""The calls of Driving Urban Transitions: their stages, their documents, and crawls of the replica."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import HTMLResponse, Response

from crawler.parsers.dut import HOME, is_call, path_of, source_key, to_record
from crawler.replicas.dut import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from store.database import Database
from store.records import CallRecord
from tests.journeys.crawling import TODAY, contents, versions
from tests.sources.bdns.portals import Broken
from tests.sources.listings import FAULTY, Facts, crawled, portal_that, stored, with_expected

ROWS = load_records(RECORDS / "dut.jsonl")
CALL: Record = {
    "href": "/calls/test-0",
    "title": "TEST-0 Made-up call",
    "heading": "",
    "text": "",
    "links": [],
}


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    found = {source_key(row): to_record(row, TODAY).facts() for row in ROWS}
    return with_expected(Path(__file__).with_name("expected.json"), found)


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert {key: fact.get(field) for key, fact in found.items()} == {
        key: fact.get(field) for key, fact in expected.items()
    }


def record(*lines: str, today: date | None = TODAY) -> CallRecord:
    return to_record(CALL | {"text": "\n".join(lines)}, today)


def stages(call: CallRecord) -> list[tuple[int | None, str]]:
    return [(deadline.stage, str(deadline.day or deadline.prose)) for deadline in call.deadlines]


def test_facts_are_those_of_the_recording_but_for_its_mistakes(shared: Path) -> None:
    """That parser took the first deadline of two calls for their opening, and former calls for open ones."""
    recorded = json.loads((shared / "recordings/dut/calls_parsed_2026.json").read_text(encoding="utf-8"))
    calls = {call.page: call for call in (to_record(row, TODAY) for row in ROWS)}
    mistaken = []
    for told in recorded:
        call = calls[told["canonical_url"]]
        assert call.titles == {"en": told["title"]}
        assert [document.address for document in call.documents] == [
            document["url"] for document in json.loads(told["documents_json"])
        ]
        deadlines = [told["stage1_deadline"], told["stage2_deadline"]]
        assert stages(call) == [(stage, day) for stage, day in enumerate(deadlines, 1) if day]
        if told["opening_date"] == told["stage1_deadline"]:
            assert call.opening is None
        else:
            assert str(call.opening) == told["opening_date"]
        if call.status != told["status"]:
            mistaken.append((told["title"], told["status"], str(call.status)))
    assert mistaken == [
        ("DUT Call 2022", "open", "unknown"),
        ("DUT Call 2023", "open", "unknown"),
        ("DUT Call 2024", "open", "closed"),
        ("DUT Call 2025", "open", "closed"),
    ]


@pytest.mark.parametrize(
    ("line", "opening", "deadline"),
    [
        ("Stage 1: 1 September 2026 – 17 November 2026", "2026-09-01", "2026-11-17"),
        ("Stage 1 (pre-proposals): 1 September 2026 - 17 November 2026", "2026-09-01", "2026-11-17"),
        ("Stage 1\n1 September – 17 November 2026", "2026-09-01", "2026-11-17"),
        ("First stage: from 1 September 2026 until 17 November 2026", "2026-09-01", "2026-11-17"),
        ("Stage 1 1 Sep 2026 to 17 Nov 2026", "2026-09-01", "2026-11-17"),
        ("Stage 1 opens: 1 September 2026", "2026-09-01", None),
        ("Opening of stage 1\n1 September 2026", "2026-09-01", None),
        ("Stage 1 deadline for pre-proposals: 17 November 2026", "None", "2026-11-17"),
        ("Deadline stage 1: 17 November 2026", "None", "2026-11-17"),
        ("Stage 1 (short) closing date: Tuesday 17 November 2026", "None", "2026-11-17"),
    ],
)
def test_line_of_the_first_stage(line: str, opening: str, deadline: str | None) -> None:
    call = record(line)
    assert (str(call.opening), stages(call)) == (opening, [(1, deadline)] if deadline else [])
    assert not {"deadline_in_prose", "date_unreadable"} & set(call.notices)


@pytest.mark.parametrize(
    "line",
    [
        "Stage 1: 17 November 2026",
        "Stage 1: 17 November 2026 – 17 November 2026",
        "Stage 1: 17 November 2026 – 1 September 2026",
        "Stage 1: 1 December – 15 April 2027",
        "Stage 1: autumn – 17 November 2026",
        "Stage 1: 1 September 2026 – 31 November 2026",
        "Stage 1: 1 September 2026 – 17 November 2026 – 15 April 2027",
        "Stage 1: to be announced",
    ],
)
def test_words_are_kept_where_no_day_is_certain(line: str) -> None:
    call = record(line)
    assert (call.opening, stages(call)) == (None, [(1, line)])
    assert set(call.notices) == {"deadline_in_prose", "age_unknown"}


def test_stage_is_not_that_of_another_sentence() -> None:
    """Without a labelled line the sentences stand as they are; labels one below the other have nothing to say."""
    call = record(
        "Stage 1", "Deadline: 17 November 2026", "Those invited after stage 1 apply by 15 April 2027."
    )
    assert stages(call) == [
        (None, "Deadline: 17 November 2026"),
        (None, "Those invited after stage 1 apply by 15 April 2027."),
    ]
    assert stages(record("Stage 1 is read by a panel.", "Results of stage 1: 20 January 2027")) == []


def test_line_on_something_else_is_dropped_where_another_has_the_deadline() -> None:
    call = record("Stage 1: made-up proposals of five pages", "Stage 1: 1 September 2026 – 17 November 2026")
    assert (stages(call), call.notices) == ([(1, "2026-11-17")], ())


def test_second_stage_never_opens_the_call() -> None:
    call = record("Stage 2: 1 February 2027 – 15 April 2027")
    assert (call.opening, stages(call), call.deadline_model) == (None, [(2, "2027-04-15")], "two-stage")


def test_hour_is_that_of_brussels() -> None:
    (deadline,) = record("Stage 1 deadline: 17 November 2026, 13:00 CET").deadlines
    assert (str(deadline.at), deadline.zone) == ("13:00:00", "Europe/Brussels")


@pytest.mark.parametrize(
    ("lines", "notice"),
    [
        (["Stage 1 opens: 2 March 2027", "Stage 1 deadline: 1 March 2027"], "date_unreadable"),
        (["Stage 1 opens: 1 March 2027", "Stage 1 deadline: 1 March 2027"], "date_unreadable"),
        (["Stage 1 opens: 1 March 2027", "Stage 1 opens: 2 March 2027"], "date_unreadable"),
        (["Stage 1 opens: in spring"], "opening_in_prose"),
    ],
)
def test_opening_that_cannot_be_is_unknown(lines: list[str], notice: str) -> None:
    call = record(*lines)
    assert call.opening is None
    assert notice in call.notices


DATES = ("Stage 1: 1 September 2026 – 17 November 2026", "Stage 2: 1 February 2027 – 15 April 2027")
CLOSING = tuple(
    f"Stage {number} deadline: {day}" for number, day in ((1, "17 November 2026"), (2, "15 April 2027"))
)


@pytest.mark.parametrize(
    ("lines", "today", "status"),
    [
        (DATES, "2026-08-31", "forthcoming"),
        (DATES, "2026-09-01", "open"),
        (DATES, "2027-04-15", "open"),
        (DATES, "2027-04-16", "closed"),
        (("Status: Closed", *DATES), "2026-08-31", "forthcoming"),
        (CLOSING, "2026-09-01", "unknown"),
        (("Status: Open", *CLOSING), "2026-09-01", "open"),
        (("Status", "Upcoming", *CLOSING), "2026-08-01", "forthcoming"),
        (CLOSING, "2027-04-16", "closed"),
        (("Status: Open",), "2026-09-01", "open"),
        (("Status of the negotiations: open",), "2026-09-01", "unknown"),
        ((), "2026-09-01", "unknown"),
    ],
)
def test_status(lines: tuple[str, ...], today: str, status: str) -> None:
    assert record(*lines, today=date.fromisoformat(today)).status == status


def test_open_past_its_deadlines_is_a_contradiction() -> None:
    call = record("Status: Open", *DATES, today=date(2027, 4, 16))
    assert (call.status, call.notices) == ("closed", ("open_flag_contradicts_dates",))


@pytest.mark.parametrize(
    ("href", "key"),
    [
        ("/calls/dut-call-2026", "/calls/dut-call-2026"),
        (f"{HOME}/calls/dut-call-2026/?page=1#stage-2", "/calls/dut-call-2026"),
    ],
)
def test_page_is_the_portals_own(href: str, key: str) -> None:
    call = to_record(CALL | {"href": href})
    assert (call.source_key, call.page) == (key, f"{HOME}{key}")


@pytest.mark.parametrize("href", ["/calls/", "/calls/dut-call-2026/questions", "/dut-calls", ""])
def test_link_to_no_call_is_refused(href: str) -> None:
    assert not is_call(CALL | {"href": href})
    with pytest.raises(ValueError, match="no page of a call"):
        to_record(CALL | {"href": href})


def test_link_alone_is_a_call_without_the_facts_of_its_page() -> None:
    call = to_record({"href": "/calls/test-0", "title": "TEST-0 Made-up call"}, TODAY)
    assert (call.status, call.deadlines, call.documents) == ("unknown", (), ())


STAGE = (
    "Stage 1",
    "stage 2",
    "First stage",
    "Stage 1 opens",
    "Deadline of stage 1",
    "Stage 2 (full) deadline",
)
WHEN = (
    "1 September 2026",
    "17 November 2026",
    "1 September – 17 November 2026",
    "17 November 2026 – 1 September 2026",
    "17 November 2026, 13:00 CET",
    "31 February 2027 to 1 March 2027",
    "soon",
)
LINES = st.tuples(st.sampled_from(STAGE), st.sampled_from([": ", "\n", " "]), st.sampled_from(WHEN)).map(
    "".join
)


@given(st.lists(LINES | st.text(max_size=20), max_size=6))
def test_no_page_opens_on_a_deadline_of_its_first_stage(lines: list[str]) -> None:
    call = record(*lines)
    first = [deadline.day for deadline in call.deadlines if deadline.stage == 1 and deadline.day]
    assert call.opening is None or all(call.opening < day for day in first)
    assert str(call.opening) in ("None", "2026-09-01", "2026-11-17")


def test_very_long_text_is_clipped() -> None:
    assert "text_clipped" in record("a" * 300_000).notices


def test_dates_move() -> None:
    (row,) = shift_dates([ROWS[0]], 7)
    assert "Stage 1: 8 September 2026 – 24 November 2026" in row["text"]
    assert ROWS[0]["text"].count("\n") == row["text"].count("\n")


def test_crawl_of_the_replica_finds_all_as_they_are_and_then_nothing_new(database: Database) -> None:
    first = crawled("dut", app := create_app(ROWS), database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert (first.seen, first.new) == (len(ROWS) + 1, len(ROWS))  # and a page of questions
    assert {key: one.snapshot for key, one in versions(database).items()} == {
        source_key(row): to_record(row, TODAY).facts() for row in ROWS
    }
    asked = [seen.path for seen in app.state.requests]
    assert sorted(asked) == sorted(["/robots.txt", "/dut-calls", *map(path_of, ROWS)])
    second = crawled("dut", app, database)
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, first.seen)


def first_page(path: str, _: Any) -> bool:
    return path == path_of(ROWS[0])


FAILED_PAGES = [
    pytest.param(Response(status_code=500), "unavailable", id="is down"),
    pytest.param(Response(status_code=404), "unreadable", id="is missing"),
    pytest.param(HTMLResponse("<html><form>Sign in</form></html>"), "unreadable", id="wants a login"),
    pytest.param(HTMLResponse("<html><main><h1>TEST</h1>"), "unreadable", id="breaks off"),
]


@pytest.mark.parametrize(("answer", "error"), FAILED_PAGES)
def test_page_that_fails_takes_nothing_from_a_known_call(
    database: Database, answer: Response, error: str
) -> None:
    crawled("dut", create_app(ROWS), database)
    before = contents(database)
    renamed = [ROWS[0] | {"title": "DUT Call of 2026"}, *ROWS[1:]]
    result = crawled("dut", Broken(create_app(renamed), first_page, answer), database)
    assert (result.outcome, result.error, result.changed) == ("partial", error, 0)
    assert contents(database) == before


@pytest.mark.parametrize("name", FAULTY)
def test_list_that_fails_touches_no_call(database: Database, name: str) -> None:
    answer, error = FAULTY[name]
    stored([to_record(row, TODAY) for row in ROWS], database)
    before = contents(database)
    result = crawled("dut", portal_that(answer), database)
    assert (result.outcome, result.seen, result.new) == ("failed", 0, 0)
    assert result.error in (error, "incomplete")
    assert contents(database) == before
