"""The pages of a call, of what is hidden, of deadlines and of sources in a real browser."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

from config.organisation import LANGUAGES, Language
from review import calendar_page, call, deciding, hidden, sources_page
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, decide
from store.models import Call, CrawlRun
from tests.browser.reviewing import served
from tests.browser.test_accessibility import looked_at
from tests.browser.test_summary import browser, opened
from tests.unit.notifier.builders import NOW, deadline, matched, record
from tests.unit.notifier.full_sheets import FACTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]

Serve = Callable[[Language], str]
TEXT = (
    "Expected Outcome: made-up cities plan quieter urban logistics together with those who live there, and local "
    "authorities of all sizes learn from it.\nScope: proposals test cargo bikes, hubs and night deliveries.\n"
    "كلمات من اليمين إلى اليسار stand in a paragraph of their own."
)
CONDITIONS = (
    "Proposals are led by companies. Only SMEs may apply to this made-up call. Grants are paid in two parts."
)
ROUTERS = [deciding.router, call.router, hidden.router, calendar_page.router, sources_page.router]


@pytest.fixture
def filled(database: Database) -> Database:
    """A call with all that its page can show, one like it, and some readings."""
    start = CONDITIONS.index("Only SMEs")
    quoted = "Only SMEs may apply to this made-up call"
    facts = FACTS | {
        "verdict": "not_open",
        "rule": "smes",
        "evidence": [
            {
                "field": "conditions",
                "words": quoted,
                "start": start,
                "end": start + len(quoted),
                "language": "en",
                "rule": "smes",
            }
        ],
    }
    stages = (deadline("2026-03-20", stage=1), deadline("2026-10-06", stage=2))
    before = record("TEST-A", texts={"en": TEXT}, conditions={"en": CONDITIONS}, deadlines=stages)
    matched(database, before, **facts)
    matched(database, record("TEST-OPEN", "2026-03-20"), record("TEST-PAST", "2025-03-20"))
    moved = (deadline("2026-03-26", stage=1), stages[1])
    now = record(
        "TEST-A",
        titles={"en": "Quieter urban logistics in made-up cities " + "Supercalifragilistic" * 6},
        texts={"en": TEXT.replace("cargo bikes", "trams")},
        conditions={"en": CONDITIONS},
        deadlines=moved,
    )
    with database.writing() as session:
        one = session.exec(select(Call).where(Call.source_key == "TEST-A")).one()
        said = DecisionRecord(
            verdict=Verdict.NOT_RELEVANT, reason=Reason.ROLE, note="We would need a company"
        )
        decide(session, "test", "mobility", one, said, NOW)
        save(session, [now], None, NOW + timedelta(hours=1))
        session.add(
            CrawlRun(
                source="test_portal", started_at=NOW, ended_at=NOW, outcome="partial", error="blocked", seen=9
            )
        )
    return database


@pytest.fixture
def address(filled: Database, tmp_path: Path) -> Iterator[str]:
    with served(filled, tmp_path, ROUTERS) as found:
        yield found


CALL, PAGES = "/calls/test_portal/TEST-A", ("/hidden", "/calendar?month=2026-03", "/sources")


def test_the_quotation_leads_to_its_place_and_back(browser: "Browser", address: str) -> None:
    for page in opened(browser, address + CALL, java_script_enabled=False, reduced_motion="reduce"):
        page.get_by_role("link", name="Where it says so").click()
        mark = page.locator("mark#evidence-1")
        assert mark.inner_text() == "Only SMEs may apply to this made-up call"
        assert in_view(page, "mark#evidence-1")
        mark.get_by_role("link").click()
        assert in_view(page, "#eligibility")


def in_view(page: "Page", selector: str) -> bool:
    box, height = page.locator(selector).bounding_box(), page.viewport_size
    assert box is not None
    assert height is not None
    return 0 <= box["y"] < height["height"]


@pytest.mark.parametrize("scripts", [True, False])
def test_a_decision_is_taken_and_seen(browser: "Browser", address: str, scripts: bool) -> None:
    for page in opened(browser, f"{address}{CALL}#interesting", java_script_enabled=scripts):
        page.get_by_role("button", name="It interests us").click()
        entry = page.locator(".activity li", has_text="Interesting · Officer en, today")
        entry.wait_for()
        assert entry.count() == 1


def test_the_keyboard_alone_reaches_a_decision(browser: "Browser", address: str) -> None:
    for page in opened(browser, address + CALL):
        page.locator("#not-for-us select").focus()
        page.keyboard.press("ArrowDown")
        for _ in range(2):
            page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
        page.keyboard.press("Enter")
        page.locator(".activity li", has_text="Not for us (another theme)").wait_for()


def test_wrong_it_is_open_brings_a_call_back_and_undo_hides_it(browser: "Browser", address: str) -> None:
    for page in opened(browser, f"{address}/hidden", java_script_enabled=False):
        page.get_by_role("button", name="Wrong, it is open").click()
        page.get_by_role("heading", name="Said to be open after all").wait_for()
        page.get_by_role("button", name="Undo my last step").click()
        page.get_by_role("button", name="Wrong, it is open").wait_for()
        assert page.get_by_role("heading", name="Said to be open after all").count() == 0


def test_months_can_be_turned(browser: "Browser", address: str) -> None:
    for page in opened(browser, f"{address}/calendar", java_script_enabled=False):
        assert page.locator(".due a").all_inner_texts() == ["Title of TEST-OPEN"]
        page.get_by_role("link", name="Next month").click()
        page.get_by_role("heading", name="April 2026").wait_for()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_scrolls_sideways(browser: "Browser", address: str, width: int) -> None:
    for path in (CALL, *PAGES):
        for page in opened(browser, address + path, viewport={"width": width, "height": 800}):
            for more in page.locator("main details > summary").all():
                more.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_targets_are_large_enough(browser: "Browser", address: str) -> None:
    """WCAG 2.2, 2.5.8: 24 pixels, but for links within a sentence."""
    for path in (CALL, *PAGES):
        for page in opened(browser, address + path, viewport={"width": 360, "height": 800}):
            for control in page.locator(
                "main :is(button, select, input:not([type=hidden]), textarea, summary)"
            ).all():
                box = control.bounding_box()
                assert box is None or min(box["width"], box["height"]) >= 24, control.evaluate(
                    "e => e.outerHTML"
                )


@pytest.mark.parametrize(("language", "path"), list(zip(LANGUAGES, (CALL, *PAGES), strict=True)))
def test_axe_finds_nothing(
    browser: "Browser", filled: Database, tmp_path: Path, language: Language, path: str
) -> None:
    with served(filled, tmp_path, ROUTERS, language) as address:
        assert looked_at(browser, address + path) == []
