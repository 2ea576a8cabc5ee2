"""The listing of the EU delegations: cards as calls, and crawls of its replica."""

from pathlib import Path
from typing import Any

import pytest
from scrapy.http import HtmlResponse
from starlette.requests import Request
from starlette.responses import HTMLResponse

from crawler.parsers.eeas import is_call, source_key, to_record
from crawler.replicas.eeas import create_app, shift_dates
from crawler.replicas.sample import RECORDS, Record, load_records
from crawler.spiders.eeas import Eeas
from store.database import Database
from store.records import CallRecord
from tests.sources.listings import Facts, crawled, portal_that, with_expected

ROWS = load_records(RECORDS / "eeas.jsonl")
ASKED = [row for row in ROWS if set(row["sites"]) & set(Eeas.countries)]
CHOSEN = (0, 5, 9, *range(18, 25))
"""A usual card, one for cities, one without a deadline, and the made-up ones with their traps."""
CARD = {"title": "TEST-0 Made-up call", "href": "/delegations/chile/test-0_en"}


@pytest.fixture(scope="module")
def facts() -> tuple[Facts, Facts]:
    chosen = [ROWS[number] for number in CHOSEN]
    return with_expected(
        Path(__file__).with_name("expected.json"),
        {source_key(row): to_record(row).facts() for row in chosen},
    )


@pytest.mark.parametrize("field", CallRecord.model_fields)
def test_field(facts: tuple[Facts, Facts], field: str) -> None:
    found, expected = facts
    assert {key: fact.get(field) for key, fact in found.items()} == {
        key: fact.get(field) for key, fact in expected.items()
    }


def recorded_page(shared: Path, asked: str = "North%20Macedonia") -> HtmlResponse:
    body = (shared / "recordings/eeas/grants_listing.html").read_bytes()
    address = f"https://www.eeas.europa.eu/eeas/grants_en?f%5B0%5D=grant_site%3A{asked}"
    return HtmlResponse(address, body=body, encoding="utf-8")


def test_every_recorded_card_is_a_call_or_known_as_none(shared: Path) -> None:
    spider = Eeas()
    page = recorded_page(shared)
    records = list(spider.parse_listing(page, 1, 0))
    assert {type(record) for record in records} == {CallRecord}
    assert spider.reading.seen == spider.reading.declared == len(page.css(spider.card)) == 29
    assert len(records) + len(["information session", "general information"]) == 29
    assert spider.reading.faults == []


def test_recorded_page_is_not_taken_for_another_country(shared: Path) -> None:
    spider = Eeas()
    assert list(spider.parse_listing(recorded_page(shared, "Chile"), 1, 0)) == []
    assert [fault for fault, _ in spider.reading.faults] == ["unreadable"]


def test_countries_are_values_of_the_recorded_facet(shared: Path) -> None:
    values = recorded_page(shared).css("[data-drupal-facet-item-value]::attr(data-drupal-facet-item-value)")
    assert set(Eeas.countries) <= set(values.getall())


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"title": "", "href": "/delegations/chile/test-0_en"}, "titles.en"),
        ({"title": "TEST-0 Made-up call", "href": ""}, "without an address"),
        ({"title": "General information about Grants", "href": "/eeas/x_en"}, "no call"),
    ],
)
def test_row_that_is_no_call_is_refused(row: Record, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        to_record(row)


def test_card_without_a_title_is_not_passed_over_as_news() -> None:
    assert is_call({"title": ""})


@pytest.mark.parametrize(
    ("dates", "days", "notices"),
    [
        ({"datetime": "2026-10-01T12:00:00Z", "date": "01.10.2026"}, [("2026-10-01", "")], ()),
        ({"date": "01.10.2026"}, [("2026-10-01", "")], ()),
        ({"datetime": "2026-10-01T12:00:00Z"}, [("2026-10-01", "")], ()),
        (
            {"datetime": "2026-10-01T12:00:00Z", "date": "10.01.2027"},
            [("2027-01-10", "")],
            ("deadline_contradicts_itself",),
        ),
        ({"date": "end of October"}, [("None", "end of October")], ("deadline_unreadable",)),
        ({}, [], ("age_unknown",)),
    ],
)
def test_deadline(dates: dict[str, str], days: list[Any], notices: tuple[str, ...]) -> None:
    record = to_record(CARD | dates)
    assert [(str(deadline.day), deadline.prose) for deadline in record.deadlines] == days
    assert {deadline.at for deadline in record.deadlines} <= {None}
    assert (record.notices, record.no_deadline != "") == (notices, not dates)


def test_reference_in_a_title_is_an_identifier() -> None:
    row = CARD | {"title": "Call EuropeAid/180814/DD/ACT/MK: made-up"}
    assert to_record(row).identifiers == ("EuropeAid/180814/DD/ACT/MK",)


def test_address_does_not_depend_on_the_site_it_was_asked_from() -> None:
    record = to_record(CARD | {"href": CARD["href"] + "?s=229"})
    assert (record.source_key, record.page) == (CARD["href"], f"https://www.eeas.europa.eu{CARD['href']}")


def test_dates_move_in_both_spellings() -> None:
    (row,) = shift_dates([CARD | {"datetime": "2026-12-31T12:00:00Z", "date": "31.12.2026"}], 7)
    assert (row["datetime"], row["date"]) == ("2027-01-07T12:00:00Z", "07.01.2027")


def test_crawl_of_the_replica_finds_all_and_then_nothing_new(database: Database) -> None:
    app = create_app(ROWS)
    first, second = crawled("eeas", app, database), crawled("eeas", app, database)
    assert (first.outcome, first.detail, first.quarantined) == ("ok", "", 0)
    assert first.seen == first.declared == len(ASKED)
    assert first.new == sum(map(is_call, ASKED)) == len(ASKED) - 2
    assert (second.outcome, second.new, second.changed, second.seen) == ("ok", 0, 0, len(ASKED))
    asked = [seen.query for seen in app.state.requests if seen.path == "/eeas/grants_en"]
    assert sorted(query["f[0]"] for query in asked) == sorted(2 * [f"grant_site:{c}" for c in Eeas.countries])


def test_country_that_the_portal_does_not_know_brings_no_calls_of_others(database: Database) -> None:
    app = create_app([row for row in ROWS if "Chile" not in row["sites"]])
    result = crawled("eeas", app, database)
    assert (result.outcome, result.error) == ("partial", "unreadable")
    assert "no country" in result.detail
    known = [row for row in ASKED if "Chile" not in row["sites"]]
    assert result.seen == len(known)


def test_page_with_fewer_cards_than_it_declares_is_partial(database: Database) -> None:
    def answer(request: Request) -> HTMLResponse:
        site = request.query_params["f[0]"].removeprefix("grant_site:")
        return HTMLResponse(
            '<ul data-drupal-facet-id="grant_site"><a class="is-active" data-drupal-facet-item-count="2"></a></ul>'
            f'<span class="facet-pills__pill__link">{site}</span><div class="view-filter-grants">'
            '<div class="related-grid"><div class="card"><div class="card-title">'
            f'<a href="/delegations/x/test-{site}_en">TEST {site}</a></div></div></div></div></html>'
        )

    result = crawled("eeas", portal_that(answer), database)
    assert (result.outcome, result.error) == ("partial", "incomplete")
    assert (result.seen, result.declared) == (len(Eeas.countries), 2 * len(Eeas.countries))
