"""The news of the Energy Poverty Advisory Hub: which of them are calls, and crawls of its replica."""

from pathlib import Path

import pytest
from scrapy.http import HtmlResponse

from crawler.parsers.epah import is_call, source_key, to_record
from crawler.replicas.epah import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.spiders.epah import Epah
from store.database import Database
from store.records import CallRecord
from tests.sources.listings import Facts, crawled, with_expected

ROWS = load_records(RECORDS / "epah.jsonl")
CALLS = [row for row in ROWS if is_call(row)]
ITEM = {"title": "TEST-0 Made-up open call", "href": "/newsroom/news/test-0"}


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


def test_recorded_news_are_read_and_none_is_a_call(shared: Path) -> None:
    body = (
        shared / "recordings/epah/news.html"
    ).read_bytes() + b"</html>"  # the recording is a part of the page
    page = HtmlResponse("https://energy-poverty.ec.europa.eu/newsroom/news", body=body, encoding="utf-8")
    spider = Epah()
    assert list(spider.parse_listing(page, 1, 0)) == []
    assert (spider.reading.seen, spider.reading.faults) == (2, [])
    rows = [spider.to_row(card) for card in page.css(spider.card)]
    assert [(row["category"], row["datetime"], row["date"]) for row in rows] == [
        ("Newsletter", "2026-07-22T12:00:00Z", "22 July 2026"),
        ("News article", "2026-04-08T12:00:00Z", "8 April 2026"),
    ]
    assert all(
        row["title"] and row["href"].startswith("/newsroom/news/") and row["description"] for row in rows
    )


@pytest.mark.parametrize(
    "title",
    [
        "EPAH call for technical assistance is now open",
        "Open call: energy poverty mentoring",
        "Third call launched",
        "Calls for proposals under LIFE",
        "Call to municipalities",
        "Expression of interest: become a twin city",
        "Applications are open",
        "Apply now for support",
    ],
)
def test_title_of_a_call(title: str) -> None:
    assert is_call({"title": title})


@pytest.mark.parametrize(
    "title",
    [
        "July 2026 NEWSLETTER | Open call and more",
        "Results of the second call for technical assistance",
        "Call for applications: the selected municipalities",
        "The call is closed",
        "Committee calls for action",
        "What we recall of the conference",
        "A new report on heat",
    ],
)
def test_title_of_other_news(title: str) -> None:
    assert not is_call({"title": title})


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"title": "A new report on heat", "href": "/x"}, "no call"),
        ({"title": "", "href": "/x"}, "titles.en"),
        ({"title": "Open call", "href": ""}, "without an address"),
    ],
)
def test_item_that_is_no_call_is_refused(row: Record, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        to_record(row)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Apply until 15 October 2026.", ["2026-10-15"]),
        ("Open from 1 May 2026 until 2 June 2026.", ["None"]),
        ("The deadline will be announced.", ["None"]),
        ("Cities can apply by 31 February 2027.", ["None"]),
        ("Launched on 1 May 2026.", []),
        ("", []),
    ],
)
def test_deadline_keeps_the_words_and_no_day_is_guessed(text: str, days: list[str]) -> None:
    record = to_record(ITEM | {"description": f"<p>{text}</p>"})
    assert [str(deadline.day) for deadline in record.deadlines] == days
    assert {deadline.prose for deadline in record.deadlines} <= {text}
    assert (record.no_deadline == "") == bool(days)


@pytest.mark.parametrize(
    ("text", "status"),
    [("The call is open.", "open"), ("It opens in May.", "unknown"), ("Open from 1 May.", "unknown")],
)
def test_status_is_open_only_when_the_item_says_so(text: str, status: str) -> None:
    assert to_record(ITEM | {"title": "TEST-0 Third call", "description": text}).status == status


def test_dates_move_wherever_they_stand() -> None:
    row = ITEM | {"datetime": "2026-12-31T12:00:00Z", "date": "31 December 2026"}
    (row,) = shift_dates([row | {"description": "Apply by 28 January 2027."}], 7)
    assert (row["datetime"], row["date"]) == ("2027-01-07T12:00:00Z", "07 January 2027")
    assert row["description"] == "Apply by 04 February 2027."


def test_crawl_of_the_replica_finds_all_calls_and_then_nothing_new(database: Database) -> None:
    app = create_app(ROWS)
    first, second = crawled("epah", app, database), crawled("epah", app, database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert (first.seen, first.new) == (len(ROWS), len(CALLS))
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, len(ROWS))
    asked = [seen.query.get("page") for seen in app.state.requests if seen.path != "/robots.txt"]
    assert asked == [None, "1", None] * 2  # and a look whether the first page is as it was
