"""Calls of EIT Urban Mobility: made-up posts as calls, field by field; crawls of the replica."""

from pathlib import Path
from typing import Any

import pytest
from starlette.responses import HTMLResponse, JSONResponse, Response

from crawler.parsers.eit_urban_mobility import TAXONOMY, to_record
from crawler.replicas.eit_urban_mobility import TERMS, create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from store.database import Database
from store.records import LONGEST_TEXT, CallRecord
from tests.journeys.crawling import contents, versions
from tests.sources.bdns.portals import Broken
from tests.sources.listings import Facts, crawled, stored, with_expected

SOURCE = "eit_urban_mobility"
POSTS = load_records(RECORDS / f"{SOURCE}.jsonl")
ROWS = [post | {TAXONOMY: [TERMS.get(term, term) for term in post[TAXONOMY]]} for post in POSTS]


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    found = {str(row["id"]): to_record(row).facts() for row in ROWS}
    return with_expected(Path(__file__).with_name("expected.json"), found)


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert {key: fact.get(field) for key, fact in found.items()} == {
        key: fact.get(field) for key, fact in expected.items()
    }


def with_content(html: Any) -> CallRecord:
    return to_record(ROWS[0] | {"content": {"rendered": html, "protected": False}})


@pytest.mark.parametrize(
    ("html", "days", "hours", "notices"),
    [
        ("<p>Call closes: 16 September 2026</p>", ["2026-09-16"], ["None"], ()),
        ("<p><b>Call closes:</b> 16 September 2026, 17:00 CEST</p>", ["2026-09-16"], ["17:00:00"], ()),
        ("<td>Call closes</td><td>16 September 2026</td>", ["2026-09-16"], ["None"], ()),
        (
            "<h4>Call closes</h4><p>29 September 2026<br>Call closes: 1 December 2026</p>",
            ["2026-09-29", "2026-12-01"],
            ["None", "None"],
            (),
        ),
        ("<p>Call closes: 05/11/2026</p>", ["None"], ["None"], ("deadline_in_prose",)),
        ("<p>Call closes: end of the year</p>", ["None"], ["None"], ("deadline_in_prose",)),
        ("<p>Hurry, for the call closes soon.</p>", [], [], ()),
    ],
)
def test_deadline(html: str, days: list[str], hours: list[str], notices: tuple[str, ...]) -> None:
    record = with_content(html)
    assert [str(deadline.day) for deadline in record.deadlines] == days
    assert [str(deadline.at) for deadline in record.deadlines] == hours
    assert {deadline.zone for deadline in record.deadlines} <= {"Europe/Brussels"}
    assert (record.notices, record.no_deadline == "") == (notices, bool(days))


def test_words_of_hour_and_zone_are_kept() -> None:
    (deadline,) = to_record(ROWS[0]).deadlines
    assert deadline.prose == "16 September 2026, 17:00 CEST"


@pytest.mark.parametrize(
    ("lines", "opening", "notices"),
    [
        ("Call opens: 1 June 2026", "2026-06-01", ()),
        ("Call opens: 1 June 2026 at 9:00 CEST", "2026-06-01", ()),
        ("Call opens: 1 June 2026\n<br>Call opens: 2026-06-01", "2026-06-01", ()),
        ("Call opens: 1 June 2026\n<br>Call opens: 1 July 2026", "None", ("opening_in_prose",)),
        ("Call opens: in summer", "None", ("opening_in_prose",)),
        ("Opened", "None", ()),
    ],
)
def test_opening(lines: str, opening: str, notices: tuple[str, ...]) -> None:
    record = with_content(f"<p>{lines}</p>")
    assert (str(record.opening), record.notices) == (opening, notices)


@pytest.mark.parametrize(
    ("terms", "status"),
    [
        (["Open"], "open"),
        (["UPCOMING "], "forthcoming"),
        (["Closed"], "closed"),
        (["Open", "open"], "open"),
        (["Open", "Closed"], "unknown"),
        (["Open", 39], "unknown"),
        (["Evaluation"], "unknown"),
        ([39], "unknown"),
        ([], "unknown"),
        (None, "unknown"),
    ],
)
def test_status(terms: Any, status: str) -> None:
    record = to_record(ROWS[0] | {TAXONOMY: terms})
    assert (record.status, "status_unknown" in record.notices) == (status, status == "unknown")


@pytest.mark.parametrize(("stated", "published"), [("2026-06-01T10:00:00", "2026-06-01"), ("", "None")])
def test_publication(stated: str, published: str) -> None:
    assert str(to_record(ROWS[0] | {"date": stated}).published) == published


def test_excerpt_stands_in_for_a_missing_content_only() -> None:
    excerpt = {"excerpt": {"rendered": "<p>Short</p>"}}
    assert to_record(ROWS[0] | excerpt | {"content": {"rendered": "<p>Long</p>"}}).texts == {"en": "Long"}
    assert to_record(ROWS[0] | excerpt | {"content": None}).texts == {"en": "Short"}


def test_links_to_files_are_documents() -> None:
    (document,) = to_record(ROWS[0]).documents
    assert document.address == "https://www.eiturbanmobility.eu/wp-content/uploads/test-1.pdf"
    assert (document.title, document.kind) == ("TEST-1 Made-up guidelines", "pdf")


def test_text_without_end_is_clipped_and_said() -> None:
    record = with_content("word " * LONGEST_TEXT)
    assert (len(record.texts["en"]) <= LONGEST_TEXT, "text_clipped" in record.notices) == (True, True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": {"rendered": " "}}, r"titles\.en"),
        ({"title": None}, r"titles\.en"),
        ({"link": None}, "page"),
        ({"link": "/call-for-proposals/test/"}, "page"),
        ({"id": None}, "source_key"),
    ],
)
def test_post_that_is_no_call_is_refused(change: Record, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_record(ROWS[0] | change)


def test_dates_move() -> None:
    first, *_, tenth, _, _ = shift_dates(POSTS, 7)
    assert (first["date"], first["modified_gmt"]) == ("2026-06-08T10:00:00", "2026-06-08T08:00:00")
    assert "8 June 2026" in first["content"]["rendered"]
    assert "23 September 2026, 17:00 CEST" in first["content"]["rendered"]
    assert "2026-07-08" in tenth["content"]["rendered"]
    assert shift_dates(POSTS, 0) == POSTS


def test_crawl_of_the_replica_finds_all_as_they_are_and_then_nothing_new(database: Database) -> None:
    first = crawled(SOURCE, app := create_app(POSTS), database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert first.seen == first.declared == first.new == len(POSTS)
    assert {key: one.snapshot for key, one in versions(database).items()} == {
        str(row["id"]): to_record(row).facts() for row in ROWS
    }
    second = crawled(SOURCE, app, database)
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, len(POSTS))
    paths = [seen.path.rpartition("/")[2] for seen in app.state.requests]
    assert paths == ["robots.txt", "status-call", "call-for-proposals"] * 2


def test_more_posts_than_a_page_has(database: Database) -> None:
    posts = [POSTS[0] | {"id": number} for number in range(1, 251)]
    result = crawled(SOURCE, app := create_app(posts), database)
    assert (result.outcome, result.seen, result.declared, result.new) == ("ok", 250, 250, 250)
    assert [seen.query["page"] for seen in app.state.requests if "page" in seen.query] == ["1", "2", "3"]


def is_terms(path: str, _: Any) -> bool:
    return path.endswith(f"/{TAXONOMY}")


def is_posts(path: str, _: Any) -> bool:
    return path.endswith("/call-for-proposals")


@pytest.mark.parametrize("asked", [is_terms, is_posts])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Response(status_code=503), "unavailable"),
        (HTMLResponse("<form><input name='password'></form>"), "unreadable"),
        (JSONResponse({"code": "rest_no_route"}, 404), "unreadable"),
        (JSONResponse({"code": "rest_forbidden"}, 401), "blocked"),
        (JSONResponse([]), "unreadable"),
    ],
)
def test_fault_touches_no_call(database: Database, asked: Any, answer: Response, error: str) -> None:
    stored(map(to_record, ROWS), database)
    before = contents(database)
    result = crawled(SOURCE, Broken(create_app(POSTS), asked, answer), database)
    assert (result.outcome, result.error, result.new, result.changed) == ("failed", error, 0, 0)
    assert contents(database) == before
