"""The summary in a real browser: filters, search, order, keyboard, small screens, dark mode."""

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from notifier.summary import write_summary
from store.database import Database
from store.models import Call, Match
from tests.unit.notifier.builders import NOW, matched, organisation, record

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ModuleNotFoundError:
        missing("playwright")
    if not CHROMIUM:
        missing("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def summary(database: Database, tmp_path: Path) -> str:
    matched(
        database,
        record("TEST-AIR", "2026-03-20", titles={"en": "Cleaner air"}, budget_cents=1_000_000_00),
        record("TEST-BUS", "2026-05-20", titles={"en": "Quieter buses"}, budget_cents=9_000_000_00),
    )
    matched(
        database,
        record(
            "TEST-RIVER", "2026-03-10", titles={"en": "Près du fleuve"}, programme="Other", budget_cents=None
        ),
        areas=[{"id": "water", "score": 1, "terms": []}],
        verdict="unlikely",
        score=5.0,
    )
    matched(
        database,
        record("TEST-LATER", "2026-12-01", status="forthcoming", opening=date(2026, 6, 1)),
        verdict="unknown",
        score=4.0,
    )
    long = "Supercalifragilistic" * 20
    matched(database, record(f"TEST-{long}", titles={"en": long}), verdict="not_open", rule="smes")
    path = tmp_path / "summary.html"
    with database.reading() as session:
        write_summary(session, organisation(), NOW, path, "en")
    return path.as_uri()


@pytest.fixture
def page(browser: "Browser", summary: str) -> Iterator["Page"]:
    yield from opened(browser, summary)


def opened(browser: "Browser", address: str, **options: Any) -> Iterator["Page"]:
    """A page that fails its test when anything is written to the console."""
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    yield page
    context.close()
    assert faults == []


def shown(page: "Page") -> list[str]:
    # Not the rendered text: what is off the screen is not rendered yet.
    return page.locator("#calls > li:not([hidden]) .id").all_text_contents()


@pytest.mark.parametrize(
    ("control", "value", "calls"),
    [
        ("area", "water", ["TEST-RIVER"]),
        ("programme", "Other", ["TEST-RIVER"]),
        ("state", "forthcoming", ["TEST-LATER"]),
        ("verdict", "open", ["TEST-AIR", "TEST-BUS"]),
        ("verdict", "unknown", ["TEST-LATER"]),
        ("days", "30", ["TEST-AIR", "TEST-RIVER"]),
        ("days", "90", ["TEST-AIR", "TEST-BUS", "TEST-RIVER"]),
    ],
)
def test_filters(page: "Page", control: str, value: str, calls: list[str]) -> None:
    page.locator(f"#{control}").select_option(value)
    assert shown(page) == calls


def test_filters_add_up_and_the_count_follows(page: "Page") -> None:
    assert page.locator("#count").inner_text() == "4 calls of 4"
    page.locator("#days").select_option("30")
    page.locator("#verdict").select_option("open")
    assert page.locator("#count").inner_text() == "1 call of 4"
    page.locator("#area").select_option("water")
    assert page.locator("#none").is_visible()
    page.locator("#reset").click()
    assert len(shown(page)) == 4


def test_search_ignores_accents_and_wants_every_word(page: "Page") -> None:
    page.locator("#search").fill("FLEUVE pres")
    assert shown(page) == ["TEST-RIVER"]
    page.locator("#search").fill("fleuve bus")
    assert shown(page) == []


@pytest.mark.parametrize(
    ("order", "calls"),
    [
        ("deadline", ["TEST-RIVER", "TEST-AIR", "TEST-BUS", "TEST-LATER"]),
        ("budget", ["TEST-LATER", "TEST-BUS", "TEST-AIR", "TEST-RIVER"]),
        ("rank", ["TEST-AIR", "TEST-BUS", "TEST-RIVER", "TEST-LATER"]),
    ],
)
def test_order(page: "Page", order: str, calls: list[str]) -> None:
    page.locator("#sort").select_option("budget")
    page.locator("#sort").select_option(order)
    assert shown(page) == calls


def test_hidden_calls_are_one_click_away(page: "Page") -> None:
    assert page.locator("#excluded-calls").is_hidden()
    page.locator(".excluded > summary").click()
    assert page.locator("#excluded-calls").is_visible()
    page.locator("#area").select_option("water")
    assert page.locator("#excluded-count").inner_text() == "0"


def test_keyboard(page: "Page") -> None:
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the calls"
    assert skip.bounding_box()["x"] >= 0  # type: ignore[index]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "calls"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("air/")
    assert page.locator("#search").input_value() == "air/"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_every_control_has_a_name(page: "Page") -> None:
    for control in page.locator("input, select").all():
        name = control.get_attribute("id")
        assert page.locator(f"label[for={name}]").inner_text().strip()


def test_a_small_screen_never_scrolls_sideways(browser: "Browser", summary: str) -> None:
    for page in opened(browser, summary, viewport={"width": 360, "height": 800}):
        assert page.locator("#search").is_hidden()
        page.locator("#panel > summary").click()
        page.locator(".excluded > summary").click()
        for more in page.locator(".more > summary").all():
            more.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_dark_mode(browser: "Browser", summary: str) -> None:
    def ground(scheme: Any) -> str:
        found = [
            page.evaluate("getComputedStyle(document.body).backgroundColor")
            for page in opened(browser, summary, color_scheme=scheme)
        ]
        return str(found[0])

    assert ground("dark") == "rgb(15, 20, 19)"
    assert ground("light") == "rgb(244, 245, 243)"


def test_the_page_can_be_read_without_its_script(browser: "Browser", summary: str) -> None:
    for page in opened(browser, summary, java_script_enabled=False):
        assert len(page.locator("#calls > li:visible").all()) == 4
        assert page.locator("#panel").is_hidden()


def test_print_shows_what_is_folded(page: "Page") -> None:
    page.emulate_media(media="print")
    assert page.locator("#panel").is_hidden()
    folded = page.locator("#calls > li:first-child .more p").first
    assert folded.bounding_box()["height"] > 0  # type: ignore[index]


@pytest.fixture
def folded(browser: "Browser", database: Database, tmp_path: Path) -> Iterator["Page"]:
    """A summary in which two calls stand under the best one, whose text they nearly have."""
    best = record("TEST-BEST", "2026-06-20", titles={"en": "Cleaner air"}, texts={"en": "Trams and trees."})
    other = record(
        "TEST-NORTH", "2026-03-10", titles={"en": "Cleaner air, north"}, texts={"en": "Trams and trees."}
    )
    water = record("TEST-SOUTH", titles={"en": "Cleaner air, south"}, budget_cents=30_000_000_00)
    matched(database, best)
    matched(database, record("TEST-BUS", "2026-05-20", titles={"en": "Quieter buses"}), score=90_000.0)
    matched(database, other, score=80_000.0, verdict="unlikely")
    matched(database, water, score=70_000.0, areas=[{"id": "water", "score": 1, "terms": []}])
    with database.writing() as session:
        ids = {call.source_key: call.id for call in session.exec(select(Call))}
        for match in session.exec(select(Match)):
            if match.call_id != ids["TEST-BUS"]:
                match.group_id = ids["TEST-BEST"]
    path = tmp_path / "folded.html"
    with database.reading() as session:
        write_summary(session, organisation(), NOW, path, "en")
    yield from opened(browser, path.as_uri())


def test_calls_with_nearly_the_same_text_are_one_click_away(folded: "Page") -> None:
    assert folded.locator("#count").inner_text() == "4 calls of 4"
    assert folded.locator("#calls > li").count() == 2
    assert folded.locator(".alike li").first.is_hidden()
    folded.locator(".alike > summary").click()
    assert folded.locator(".alike li:visible").count() == 2


def test_filters_find_and_count_what_is_folded(folded: "Page") -> None:
    folded.locator("#verdict").select_option("unlikely")
    assert folded.locator("#count").inner_text() == "1 call of 4"
    assert folded.locator(".alike li:visible .id").all_text_contents() == ["TEST-NORTH"]
    folded.locator("#verdict").select_option("")
    folded.locator("#line").select_option("line")
    assert folded.locator(".alike li:visible .id").all_text_contents() == ["TEST-SOUTH"]
    folded.locator("#line").select_option("")
    folded.locator("#state").select_option("open")
    assert folded.locator("#count").inner_text() == "4 calls of 4"


def test_search_tells_a_call_from_those_like_it(folded: "Page") -> None:
    folded.locator("#search").fill("south")
    assert folded.locator("#count").inner_text() == "1 call of 4"
    assert folded.locator(".alike li:visible .id").all_text_contents() == ["TEST-SOUTH"]
    folded.locator("#search").fill("trams")
    assert folded.locator("#count").inner_text() == "3 calls of 4"
    folded.locator("#search").fill("test-best")
    assert folded.locator("#count").inner_text() == "1 call of 4"
    assert folded.locator(".alike").is_hidden()
    folded.locator("#search").fill("buses")
    assert folded.locator("#calls > li:visible").count() == 1


def test_the_order_goes_by_the_best_of_those_that_stand_together(folded: "Page") -> None:
    for order in ("deadline", "budget", "rank"):
        folded.locator("#sort").select_option(order)
        assert folded.locator("#calls > li > .body > .id").all_text_contents() == ["TEST-BEST", "TEST-BUS"]


def test_print_unfolds_what_stands_together(folded: "Page") -> None:
    folded.emulate_media(media="print")
    assert folded.locator(".alike > summary").is_visible()
    box = folded.locator(".alike li").first.bounding_box()
    assert box is not None
    assert box["height"] > 0
