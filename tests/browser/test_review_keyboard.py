"""What is done in the review by keyboard alone, with and without scripts."""

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.review_filled import FIRST, SECOND
from tests.browser.test_review_pages import LOOKS, Look, Opens, Reviewed, opens, reviewed, screens
from tests.browser.test_summary import browser

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["browser", "opens", "reviewed", "screens"]


def reach(page: "Page", target: "Locator") -> None:
    """Press Tab until `target` has the focus."""
    for _ in range(300):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"Tab does not lead to {target}")


def named(page: "Page", role: Any, name: str) -> "Locator":
    """By a pattern of the name that is read aloud, with what no eye sees of it."""
    return page.get_by_role(role, name=re.compile(name))


def press(page: "Page", role: Any, name: str, key: str = "Enter") -> None:
    reach(page, named(page, role, name))
    page.keyboard.press(key)


def look(name: str) -> Look:
    return next(one for one in LOOKS if one.name == name)


with_and_without_scripts = pytest.mark.parametrize("screen", ["scripts", "no scripts"])


@with_and_without_scripts
def test_a_hidden_call_is_said_to_be_open_and_taken_back_by_keyboard(opens: Opens, screen: str) -> None:
    page = opens(look("hidden"), on=screen)
    wrong, undo = (
        f"^{said} ?: Made-up accelerator number 51$" for said in ("Wrong, it is open", "Undo my last step")
    )
    press(page, "button", wrong)
    named(page, "button", undo).wait_for()
    press(page, "button", undo)
    named(page, "button", wrong).wait_for()


@with_and_without_scripts
def test_a_month_is_turned_and_an_area_chosen_by_keyboard(opens: Opens, screen: str) -> None:
    page = opens(look("calendar"), on=screen)
    press(page, "link", "^Next month ?: April 2026$")
    page.get_by_role("heading", name="Deadlines: April 2026").wait_for()
    assert page.locator(".due li").count() == 1
    press(page, "combobox", "^Area$", "Home")
    press(page, "button", "Show")
    page.wait_for_url("**/calendar?month=2026-04&area=&show=")


@with_and_without_scripts
def test_a_draft_to_a_partner_is_written_by_keyboard(opens: Opens, screen: str) -> None:
    page = opens(look("call"), on=screen)
    press(page, "link", "Partners and networks for this call")
    press(page, "link", "Draft a message to Sfax")
    press(page, "combobox", "Language of the message", "F")
    press(page, "button", "Write it in this language")
    page.wait_for_url("**language=fr")
    reach(page, page.get_by_label("Text", exact=True))
    assert "Cordialement," in page.get_by_label("Text", exact=True).input_value()
    assert page.get_by_role("link", name="mail program").get_attribute("href").startswith("mailto:?")  # type: ignore[union-attr]


@with_and_without_scripts
def test_who_decides_is_chosen_by_keyboard(opens: Opens, screen: str) -> None:
    page = opens(look("officer"), on=screen)
    for before, key, after in ((FIRST, "ArrowDown", SECOND), (SECOND, "ArrowUp", FIRST)):
        reach(page, page.locator(f"input[value={before.id}]"))
        page.keyboard.press(key)
        press(page, "button", "Go on")
        page.get_by_text(f"Deciding as {after.name['en']}").wait_for()
        press(page, "link", "Change")


@with_and_without_scripts
def test_a_filter_is_saved_and_deleted_by_keyboard(opens: Opens, screen: str) -> None:
    page, name = opens(look("inbox_narrowed"), on=screen), "TEST water"
    reach(page, page.locator("summary", has_text="Saved filters"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("Save this filter as"))
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=TEST-NOWHERE&area=water")
    reach(page, page.locator("summary", has_text="Saved filters"))
    page.keyboard.press("Enter")
    press(page, "button", f"^Delete ?: {name}$")
    page.wait_for_url("**/?q=TEST-NOWHERE&area=water")
    page.locator("summary", has_text="Saved filters").click()
    assert page.get_by_role("link", name=name).count() == 0


@with_and_without_scripts
def test_signing_in_by_keyboard(opens: Opens, reviewed: Reviewed, screen: str) -> None:
    page = opens(look("sign_in"), on=screen)
    reach(page, page.get_by_label("Your address at work"))
    page.keyboard.type(FIRST.email)
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    page.goto(reviewed.link())
    press(page, "button", "Sign in now")
    page.get_by_role("heading", name="Inbox").wait_for()
