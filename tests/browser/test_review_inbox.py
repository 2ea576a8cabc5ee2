"""The inbox in a real browser: narrowed, decided on and read by the keyboard, with and without scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from review import call, deciding, inbox
from store.database import Database
from tests.browser.reviewing import served
from tests.browser.test_accessibility import looked_at
from tests.browser.test_summary import browser, opened
from tests.unit.notifier.builders import matched, record

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]


@pytest.fixture
def address(database: Database, tmp_path: Path) -> Iterator[str]:
    matched(
        database,
        record("TEST-TRAM", titles={"en": "Trams " + "Supercalifragilistic" * 6}),
        record("TEST-AIR", titles={"ca": "Aire més net"}),
    )
    with served(database, tmp_path, [inbox.router, deciding.router, call.router]) as found:
        yield found


@pytest.mark.parametrize("scripts", [True, False])
def test_words_narrow_and_chosen_calls_are_decided(browser: "Browser", address: str, scripts: bool) -> None:
    for page in opened(browser, address, java_script_enabled=scripts):
        page.get_by_label("Words").fill("trams")
        page.get_by_label("Words").press("Enter")
        page.get_by_role("heading", name="1 call").wait_for()
        assert "q=trams" in page.url
        page.get_by_role("checkbox").check()
        page.get_by_role("button", name="Interesting").click()
        page.get_by_text("1 call done").wait_for()
        page.get_by_role("link", name="Go on where you were").click()
        page.locator(".call .badge", has_text="Interesting").wait_for()


def test_single_keys_reach_search_and_calls(browser: "Browser", address: str) -> None:
    for page in opened(browser, address):
        page.keyboard.press("j")
        page.keyboard.press("j")
        assert page.locator("a.open:focus").inner_text() == "Aire més net"
        page.keyboard.press("/")
        assert page.locator("input[type=search]:focus").count() == 1


def test_a_narrow_screen_shows_all_without_scrolling_sideways(browser: "Browser", address: str) -> None:
    for page in opened(browser, f"{address}/?area=mobility", viewport={"width": 320, "height": 700}):
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_axe_finds_nothing(browser: "Browser", address: str) -> None:
    assert looked_at(browser, f"{address}/?area=mobility") == []
