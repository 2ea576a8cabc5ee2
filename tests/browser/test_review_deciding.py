"""Deciding in a real browser: two officers at once, with and without JavaScript, by keyboard, on narrow screens."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlmodel import select

import config
from config.organisation import LANGUAGES, Language, load_organisation
from review import call, deciding, partners_page
from store.acts import perform
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict
from store.models import Call
from tests.browser.reviewing import served
from tests.browser.test_accessibility import findings
from tests.browser.test_summary import browser, opened
from tests.unit.notifier.builders import NOW, match, matched, record, store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]

AMB = load_organisation(Path(config.__file__).parent / "amb")
ROUTERS = [deciding.router, call.router, partners_page.router]
CALL, PARTNERS = "/calls/test_portal/TEST-A", "/partners/test_portal/TEST-MED"
HOSTILE = "<script>console.error('run')</script><img src=x onerror=console.error('run')>" + "Long" * 60
MANY = """names => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/decide-many";
    const add = (name, value) => form.append(Object.assign(document.createElement("input"), {name, value}));
    add("csrf", "test-csrf");
    add("action", "shortlisted");
    names.forEach(name => add("call", name));
    document.body.append(form);
    form.submit();
}"""
"""The form of the inbox, in short."""


@pytest.fixture
def filled(database: Database) -> Database:
    matched(
        database, record("TEST-A", titles={"en": "A call of " + "Supercalifragilistic" * 6}), record("TEST-B")
    )
    store(database, record("TEST-MED", programme="Interreg NEXT MED", titles={"en": HOSTILE}))
    match(
        database,
        ("TEST-MED", 1.0),
        organisation=AMB.key,
        named=[{"id": "sfax", "words": "Sfax", "place": "text"}],
    )
    return database


@pytest.fixture
def address(filled: Database, tmp_path: Path) -> Iterator[str]:
    with served(filled, tmp_path, ROUTERS) as found:
        yield found


def by_another(database: Database, key: str = "TEST-A") -> None:
    said = DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=Reason.THEME, note=HOSTILE)
    with database.writing() as session:
        one = session.exec(select(Call).where(Call.source_key == key)).one()
        perform(session, "test", "water", one, said, NOW)


@contextmanager
def refusing(browser: "Browser", address: str, width: int = 1280) -> Iterator["Page"]:
    """A page without JavaScript of which nothing is written to the console but that it was refused something."""
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.goto(address)
    yield page
    context.close()
    assert [fault for fault in faults if "the server responded with a status of 4" not in fault] == []


def sideways(page: "Page") -> int:
    """Pixels by which the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("script", [True, False])
def test_a_decision_and_its_undo(browser: "Browser", address: str, script: bool) -> None:
    for page in opened(browser, address + CALL, java_script_enabled=script):
        page.locator("#not-for-us-reason").select_option("theme")
        page.get_by_role("button", name="It is not for us").click()
        activity = page.locator(".activity li").first
        assert "Not for us (another theme)" in activity.inner_text()
        assert page.url.partition("#")[0] == address + CALL
        page.get_by_role("button", name="Undo my last step").click()
        assert "taken back" in page.locator(".activity li").first.inner_text()


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_the_second_of_two_sees_the_first_and_insists_by_keyboard(
    browser: "Browser", address: str, filled: Database, width: int
) -> None:
    with refusing(browser, address + CALL, width) as page:
        by_another(filled)
        page.locator("#stage-action").select_option("shortlisted")
        page.get_by_role("button", name="Keep the stage").press("Enter")
        assert "Not for us (another theme)" in page.get_by_role("alert").inner_text()
        page.wait_for_load_state("load")  # its styles too
        assert sideways(page) <= 0
        page.get_by_role("button", name="Do it all the same: Shortlisted").press("Enter")
        assert page.url.partition("#")[0] == address + CALL
        assert "Shortlisted" in page.locator(".activity").inner_text()


def test_what_does_not_fit_is_said_and_stays_written(browser: "Browser", address: str) -> None:
    with refusing(browser, address + CALL) as page:
        page.locator("#stage-action").select_option("awarded")
        page.locator("#stage-amount").fill("1e400")
        page.get_by_role("button", name="Keep the stage").click()
        assert "“1e400” is no amount" in page.get_by_role("alert").inner_text()
        page.get_by_role("link", name="Go on where you were").click()
        assert page.url.partition("#")[0] == address + CALL


@pytest.mark.parametrize("width", [360, 1280])
def test_a_draft_is_written_in_the_language_that_is_chosen(
    browser: "Browser", filled: Database, tmp_path: Path, width: int
) -> None:
    with served(filled, tmp_path, ROUTERS, of=AMB) as address:
        for page in opened(browser, address + PARTNERS, viewport={"width": width, "height": 800}):
            assert "Sfax" in page.locator(".fits > li").first.inner_text()
            page.get_by_role("link", name="Draft a message to Sfax").click()
            page.get_by_label("Language of the message").select_option("fr")
            page.get_by_role("button", name="Write it in this language").click()
            draft = page.get_by_label("Text")
            assert "Cordialement," in draft.input_value()
            assert draft.get_attribute("lang") == "fr"
            assert sideways(page) <= 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(browser: "Browser", filled: Database, tmp_path: Path, language: Language) -> None:
    dark = {"color_scheme": "dark" if language in ("ca", "fr") else "light", "bypass_csp": True}
    with served(filled, tmp_path, ROUTERS, language, AMB) as address:
        for page in opened(browser, f"{address}{PARTNERS}?to=sfax", **dark):
            page.locator("details").evaluate_all("found => found.forEach(one => one.open = true)")
            assert findings(page) == []
    by_another(filled, "TEST-B")
    with served(filled, tmp_path, ROUTERS, language) as address:
        for page in opened(browser, address + CALL, java_script_enabled=True, **dark):
            with page.expect_navigation():
                page.evaluate(MANY, ["test_portal:TEST-A", "test_portal:TEST-B", f"test_portal:{HOSTILE}"])
            assert page.locator(".decided h2").count() == 3
            assert findings(page) == []
