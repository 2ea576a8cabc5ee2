"""The calendar: the deadlines of a month by day, whatever month is asked for."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from review.calendar_page import MOST, Month, _month, router
from review.site import Role, Visitor
from store.database import Database
from store.models import Call
from store.records import DeadlineModel
from store.stages import CallStage, record_stage
from tests.unit.notifier.builders import NOW, deadline, match, matched, record, same, store
from tests.unit.review.site import CSRF, client

TODAY = NOW.date()


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> TestClient:
    return client(database, tmp_path, router)


def page(browser: TestClient, query: str = "?month=2026-03") -> str:
    found = browser.get(f"/calendar{query}")
    assert found.status_code == 200
    return str(found.text)


def days(html: str) -> dict[str, list[str]]:
    """By day: the calls due."""
    found = re.findall(r'<h2 id="d([\d-]+)">.*?<ul class="due">(.*?)</ul>', html, re.DOTALL)
    return {day: re.findall(r'<a href="/calls/test_portal/([^"]+)"', due) for day, due in found}


def test_deadlines_stand_by_day_the_best_call_first(database: Database, browser: TestClient) -> None:
    matched(
        database,
        record("TEST-A", "2026-03-20"),
        record("TEST-B", "2026-03-10", "2026-03-20"),
        record("TEST-C", "2026-04-01"),
    )
    html = page(browser)
    assert days(html) == {"2026-03-10": ["TEST-B"], "2026-03-20": ["TEST-A", "TEST-B"]}
    assert "Friday, 20 March 2026" in html or "Friday 20 March 2026" in html
    assert "17:00 (Brussels)" in html


def test_this_month_is_shown_when_none_is_asked_for(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", "2026-03-20"), record("TEST-B", "2026-04-20"))
    html = page(browser, "")
    assert days(html) == {"2026-03-20": ["TEST-A"]}
    assert "month=2026-02" in html
    assert "month=2026-04" in html


def test_an_area_alone(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", "2026-03-20"))
    matched(database, record("TEST-B", "2026-03-20"), areas=[{"id": "water", "score": 1.0, "terms": []}])
    assert days(page(browser, "?month=2026-03&area=water")) == {"2026-03-20": ["TEST-B"]}
    assert days(page(browser, "?month=2026-03&area=none")) == {"2026-03-20": ["TEST-A", "TEST-B"]}


def test_low_ranks_are_one_choice_away_and_what_is_pursued_is_always_there(
    database: Database, browser: TestClient
) -> None:
    matched(database, record("TEST-LOW", "2026-03-20"), record("TEST-OURS", "2026-03-21"), percentile=20.0)
    with database.writing() as session:
        call = session.exec(select(Call).where(Call.source_key == "TEST-OURS")).one()
        record_stage(session, "test", "mobility", call, CallStage.PREPARING, NOW)
    html = page(browser)
    assert days(html) == {"2026-03-21": ["TEST-OURS"]}
    assert "In preparation" in html
    assert list(days(page(browser, "?month=2026-03&show=all"))) == ["2026-03-20", "2026-03-21"]


def test_calls_that_a_rule_hides_have_no_place(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", "2026-03-20"), verdict="not_open", rule="smes")
    assert days(page(browser, "?month=2026-03&show=all")) == {}


def test_what_another_source_states_is_told_once_under_the_face(
    database: Database, browser: TestClient
) -> None:
    matched(database, record("TEST-A", "2026-03-20"))
    store(database, record("TEST-COPY", "2026-03-20", "2026-03-25"))
    same(database, "TEST-A", "TEST-COPY")
    assert days(page(browser)) == {"2026-03-20": ["TEST-A"], "2026-03-25": ["TEST-A"]}


def test_stages_and_what_has_passed_are_told(database: Database, browser: TestClient) -> None:
    two = (deadline("2026-03-01", stage=1), deadline("2026-03-30", stage=2))
    matched(database, record("TEST-A", deadlines=two, deadline_model=DeadlineModel.TWO_STAGE))
    html = page(browser)
    assert "past" in html
    assert "stage 2, 17:00 (Brussels)" in html


def test_more_than_fit_are_counted(database: Database, browser: TestClient) -> None:
    matched(database, *(record(f"TEST-{number}", "2026-03-20") for number in range(MOST + 2)))
    html = page(browser)
    assert len(days(html)["2026-03-20"]) == MOST
    assert "2 more deadlines are not shown" in html


def test_a_visitor_without_officer_sees_it_too(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-A", "2026-03-20"))
    who = Visitor(role=Role.READER, language="fr", csrf=CSRF)
    assert days(page(client(database, tmp_path, router, who=who))) == {"2026-03-20": ["TEST-A"]}


@pytest.mark.parametrize(
    "query",
    [
        "?month=2026-13",
        "?month=0000-01",
        "?month=9999-12",
        "?month=٢٠٢٦-٠٣",
        "?month=2026-03-01",
        "?month=" + "9" * 5_000,
        "?area=../..&show=<script>",
        "?month=a&month=b",
    ],
)
def test_whatever_is_asked_for_is_this_month_at_least(
    database: Database, browser: TestClient, query: str
) -> None:
    matched(database, record("TEST-A", "2026-03-20"))
    html = page(browser, query)
    assert days(html) == {"2026-03-20": ["TEST-A"]}
    assert "<script>" not in html


@pytest.mark.parametrize("month", ["2000-01", "2999-12"])
def test_the_first_and_the_last_month(browser: TestClient, month: str) -> None:
    assert "No deadline in this month." in page(browser, f"?month={month}")


@given(st.text(max_size=12))
def test_any_word_gives_a_month(asked: str) -> None:
    assert _month(asked, TODAY).first.day == 1


@given(st.dates(min_value=TODAY.replace(year=2000), max_value=TODAY.replace(year=2900)))
def test_months_follow_each_other(day: Any) -> None:
    month = Month(day.replace(day=1))
    assert month.following.preceding == month
    assert month.first <= day <= month.last


def test_hostile_titles_stay_words(database: Database, browser: TestClient) -> None:
    matched(database, record("TEST-A", "2026-03-20", titles={"en": "<script>alert(1)</script>"}))
    match(database)
    assert "<script>alert" not in page(browser)
