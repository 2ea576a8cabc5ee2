"""The page of figures: for anybody who is let in, for any period that there is."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from review.figures import router
from review.site import Role
from store.database import Database
from tests.unit.notifier.builders import matched, record
from tests.unit.notifier.counting import decided, told
from tests.unit.review.site import client, visitor

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def browser(database: Database, tmp_path: Path) -> Iterator[TestClient]:
    matched(database, record("TEST-0", programme=HOSTILE), record("TEST-1"))
    told(database, "2026-02-01", "TEST-0", "TEST-1")
    decided(database, "2026-02-02", "TEST-0")
    with client(database, tmp_path, router, who=visitor(Role.READER)) as opened:
        yield opened


def test_this_year_unless_it_is_said(browser: TestClient) -> None:
    answer = browser.get("/figures")
    assert answer.status_code == 200
    assert "From 1 January 2026 to 2 March 2026" in answer.text
    assert 'value="2026-01-01"' in answer.text
    assert '<svg class="plot"' in answer.text


def test_a_period_of_ones_own(browser: TestClient) -> None:
    answer = browser.get("/figures", params={"from": "2026-02-01", "to": "2026-02-01"})
    assert "From 1 February 2026 to 1 February 2026" in answer.text
    assert "/figures.xlsx?from=2026-02-01&amp;to=2026-02-01" in answer.text
    assert "By programme" in answer.text
    assert "Days to the first decision" not in answer.text


def test_what_a_portal_wrote_is_text(browser: TestClient) -> None:
    answer = browser.get("/figures")
    assert HOSTILE not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


def test_an_empty_period_says_what_will_stand_there(browser: TestClient) -> None:
    answer = browser.get("/figures", params={"from": "2020-01-01", "to": "2020-12-31"})
    assert "There is nothing to count in this period yet." in answer.text
    assert "<table" not in answer.text


@pytest.mark.parametrize("path", ["/figures", "/figures.xlsx"])
@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-01", "2026-02-01", "The period ends before it begins."),
        ("0000-01-01", "", "One of the days does not exist"),
        ("0001-01-01", "", "A period lies between 1 January 2000 and 31 December 2026."),
        ("", "9999-12-31", "A period lies between"),
        (HOSTILE, "", "One of the days does not exist"),
    ],
)
def test_a_period_that_there_is_none_of_is_a_sentence(
    browser: TestClient, path: str, first: str, last: str, said: str
) -> None:
    answer = browser.get(path, params={"from": first, "to": last})
    assert answer.status_code == 400
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert HOSTILE not in answer.text


def test_the_workbook(browser: TestClient) -> None:
    answer = browser.get("/figures.xlsx", params={"from": "2026-01-01", "to": "2026-12-31"})
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="figures-2026-01-01-2026-12-31.xlsx"'
    )
    assert load_workbook(io.BytesIO(answer.content))["From seen to awarded"]["B2"].value == 2


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_wild_periods_never_break_it(browser: TestClient, first: str, last: str) -> None:
    answer = browser.get("/figures", params={"from": first, "to": last})
    assert answer.status_code in (200, 400)
