"""The figures in a real browser: the page of the review, and the report as a file."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.organisation import LANGUAGES, Language
from notifier.figure_events import Period
from notifier.report import write_report
from notifier.words import words_in
from review import figures
from store.database import Database
from tests.browser.reviewing import served
from tests.browser.test_accessibility import SCREENS, findings
from tests.browser.test_summary import browser, opened
from tests.unit.notifier.builders import NOW, match, organisation, record, store
from tests.unit.notifier.counting import counted, decided, staged, told

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]
YEARS = Period(date(2025, 1, 1), date(2026, 3, 2))
ASKED = f"/figures?from={YEARS.first}&to={YEARS.last}"
LONG = "Made-up programme for the cooperation of metropolitan authorities with everybody else " * 3


@pytest.fixture
def filled(database: Database) -> Database:
    """Calls of two years with amounts in two currencies, so that every table and plot is there."""
    keys = [f"TEST-{number}" for number in range(24)]
    store(
        database,
        *(
            record(key, programme=LONG if key[-1] in "02" else "Alpha", countries=("FR", "MA"))
            for key in keys
        ),
    )
    areas: list[dict[str, Any]] = [{"id": key, "score": 1.0, "terms": []} for key in ("mobility", "water")]
    match(database, *((key, 1.0) for key in keys[:12]), areas=areas, named=[{"id": "test_city", "words": ""}])
    match(database, *((key, 1.0) for key in keys[12:]), areas=areas[:1], verdict="not_open", rule="smes")
    told(database, "2025-11-03", *keys[:12])
    told(database, "2026-02-02", *keys)
    for key in keys[:8]:
        decided(database, "2026-02-03", key)
    decided(database, "2026-02-03", keys[9], "not_relevant", "territory")
    decided(database, "2026-02-03", keys[13], "open")
    for key, currency in (("TEST-0", "EUR"), ("TEST-1", "USD"), ("TEST-2", "EUR")):
        staged(database, "2025-12-04", key, "submitted", cents=1_234_567_00, currency=currency)
    staged(database, "2026-02-04", "TEST-0", "awarded", cents=1_000_000_00)
    return database


@pytest.fixture
def address(filled: Database, tmp_path: Path, language: Language) -> Iterator[str]:
    with served(filled, tmp_path, [figures.router], language) as found:
        yield found


@pytest.fixture
def language() -> Language:
    return "en"


def faults(browser: "Browser", address: str, screen: tuple[Any, int]) -> list[str]:
    """What axe finds on a screen of a scheme and a width."""
    scheme, width = screen
    found: list[str] = []
    for page in opened(
        browser, address, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    ):
        found += findings(page)
    return found


@pytest.mark.parametrize(("language", "screen"), list(zip(LANGUAGES, SCREENS, strict=True)))
def test_axe_finds_nothing(browser: "Browser", address: str, screen: tuple[str, int]) -> None:
    assert faults(browser, f"{address}{ASKED}", screen) == []


def test_axe_finds_nothing_where_there_is_nothing_or_no_such_period(browser: "Browser", address: str) -> None:
    for page in opened(browser, f"{address}/figures?from=2001-01-01&to=2001-12-31", bypass_csp=True):
        assert findings(page) == []
        assert page.locator("table").count() == 0
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/figures?from=2026-03-01&to=2026-02-01")
    assert page.get_by_role("alert").inner_text() == "The period ends before it begins."
    assert findings(page) == []
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_period_is_chosen_by_keyboard_with_and_without_scripts(
    browser: "Browser", address: str, *, scripts: bool
) -> None:
    for page in opened(browser, f"{address}{ASKED}", java_script_enabled=scripts):
        assert page.get_by_role("heading", name="By year").is_visible()
        page.get_by_label("From", exact=True).fill("2026-01-01")
        page.get_by_label("From", exact=True).press("Enter")
        page.wait_for_url("**/figures?from=2026-01-01&to=2026-03-02")
        assert page.get_by_role("heading", name="By year").count() == 0
        assert page.locator("table").count() >= 8


def test_every_plot_has_its_table_and_says_the_same(browser: "Browser", address: str) -> None:
    for page in opened(browser, f"{address}{ASKED}"):
        for section in page.locator("section.figure:has(svg)").all():
            drawn = section.locator("svg text[text-anchor=end]").all_text_contents()
            cells = section.locator("td").all_inner_texts()
            assert drawn
            assert set(drawn) <= set(cells)


def test_the_workbook_is_downloaded(browser: "Browser", address: str) -> None:
    for page in opened(browser, f"{address}{ASKED}"):
        with page.expect_download() as download:
            page.get_by_role("link", name="workbook").click()
        assert download.value.suggested_filename == "figures-2025-01-01-2026-03-02.xlsx"


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_nothing_scrolls_sideways_but_tables(browser: "Browser", address: str, width: int) -> None:
    for page in opened(browser, f"{address}{ASKED}", viewport={"width": width, "height": 800}):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        beyond = page.evaluate(
            "[...document.querySelectorAll('svg text')].filter("
            "one => one.getBoundingClientRect().right > one.ownerSVGElement.getBoundingClientRect().right + 1).length"
        )
        assert beyond == 0


def test_the_report_is_as_good_as_the_page(browser: "Browser", filled: Database, tmp_path: Path) -> None:
    path, _ = write_report(counted(filled, YEARS), words_in("ca"), organisation(), NOW, tmp_path)
    assert [faults(browser, path.as_uri(), screen) for screen in (SCREENS[0], SCREENS[-1])] == [[], []]
    for page in opened(browser, path.as_uri(), viewport={"width": 320, "height": 800}):
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("svg.plot").count() >= 4
