"""The frame of the review in a real browser: with and without scripts, by keyboard, on small screens, for axe."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.organisation import LANGUAGES
from review.access import MachineAccess
from review.app import create_app
from review.serving import MACHINE, Server, listen
from review.sign_in import LinkAccess
from store.database import Database
from tests.browser.test_accessibility import findings
from tests.browser.test_summary import browser
from tests.unit.review.entering import OFFICERS, site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

__all__ = ["browser"]
NARROW, WIDE = {"width": 320, "height": 700}, {"width": 1280, "height": 900}


class Reviewed:
    """A review at an address of this machine."""

    def __init__(self, app: Any, port: int, token: str = "") -> None:
        self.app = app
        self.address = f"http://127.0.0.1:{port}"
        self.token = token


@pytest.fixture
def here(database: Database, tmp_path: Path) -> Iterator[Reviewed]:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        access = MachineAccess(port, OFFICERS[0])
        app = create_app(site(database, tmp_path), access, [access.router], MACHINE)
        yield from _served(listener, Reviewed(app, port, access.token))


@pytest.fixture
def by_mail(database: Database, tmp_path: Path) -> Iterator[Reviewed]:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        there = site(database, tmp_path, review_url=f"http://127.0.0.1:{port}")
        access = LinkAccess(there.settings)
        yield from _served(listener, Reviewed(create_app(there, access, [access.router], MACHINE), port))


def _served(listener: Any, reviewed: Reviewed) -> Iterator[Reviewed]:
    ready = threading.Event()
    server = Server(reviewed.app, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert ready.wait(10)
    yield reviewed
    server.should_exit = True
    thread.join()


def context(browser: "Browser", **options: Any) -> "BrowserContext":
    return browser.new_context(**({"viewport": WIDE} | options))


def entered(browser: "Browser", reviewed: Reviewed, **options: Any) -> "Page":
    page = context(browser, **options).new_page()
    page.goto(f"{reviewed.address}/?token={reviewed.token}")
    page.wait_for_url(f"{reviewed.address}/")
    page.goto(f"{reviewed.address}/officer")
    return page


def test_the_printed_address_leads_in_even_from_a_file(
    browser: "Browser", here: Reviewed, tmp_path: Path
) -> None:
    """As the command opens it: another site, for which the browser holds strict cookies back."""
    opening = tmp_path / "opening.html"
    address = f"{here.address}/?token={here.token}"
    opening.write_text(f'<meta http-equiv="refresh" content="0; url={address}">', encoding="utf-8")
    page = context(browser, java_script_enabled=False).new_page()
    page.goto(opening.as_uri())
    page.wait_for_url(f"{here.address}/")
    page.goto(f"{here.address}/officer")
    assert page.locator("h1").inner_text()
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_who_decides_and_the_language_are_chosen(browser: "Browser", here: Reviewed, scripts: bool) -> None:
    page = entered(browser, here, java_script_enabled=scripts)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.get_by_label("Officer es").or_(page.locator("input[value=water]")).first.check()
    page.locator("main button[type=submit]").click()
    page.goto(f"{here.address}/officer")
    assert page.locator("html").get_attribute("lang") == "es"
    page.get_by_role("button", name="Français").click()
    page.wait_for_url(f"{here.address}/officer")
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.get_by_role("button", name="Français").get_attribute("aria-pressed") == "true"
    assert page.locator("input[value=water]").is_checked()
    assert [fault for fault in faults if "404" not in fault] == []
    page.context.close()


@pytest.mark.parametrize("viewport", [NARROW, {"width": 360, "height": 700}, WIDE])
def test_nothing_hangs_over(browser: "Browser", here: Reviewed, viewport: dict[str, int]) -> None:
    page = entered(browser, here, viewport=viewport)
    for path in ("/officer", "/accessibility", "/nothing"):
        page.goto(here.address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    small = page.evaluate(
        "[...document.querySelectorAll('a, button, input:not([type=hidden])')].filter(e => e.checkVisibility())"
        ".map(e => [e.outerHTML, e.getBoundingClientRect()]).filter(([, r]) => r.right > 0 && (r.width < 24 || r.height < 24))"
        ".map(([html]) => html)"
    )
    assert small == []
    page.context.close()


def test_the_keyboard_alone(browser: "Browser", here: Reviewed) -> None:
    page = entered(browser, here)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.keyboard.press("?")
    dialog = page.locator("#keys")
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    page.locator("[data-opens=keys]").click()
    page.locator("#keys-off").check()
    page.locator("#keys button").click()
    page.keyboard.press("?")
    assert not dialog.is_visible()
    page.reload()
    page.keyboard.press("?")
    assert not dialog.is_visible()
    page.context.close()


def test_single_keys_move_among_the_calls(browser: "Browser", here: Reviewed) -> None:
    page = entered(browser, here)
    page.evaluate(
        """document.getElementById("main").innerHTML = `<input type="search" aria-label="TEST">
        <ol>${["a", "b"].map((id) => `<li class="call"><h3><a href="#${id}">TEST ${id}</a></h3></li>`).join("")}</ol>`"""
    )

    def focused() -> str:
        return str(page.evaluate("document.activeElement.textContent || document.activeElement.type"))

    seen = []
    for key in ("j", "j", "j", "k", "/", "j"):
        page.keyboard.press(key)
        seen.append(focused())
    assert seen == ["TEST a", "TEST b", "TEST b", "TEST a", "search", "search"]
    assert page.locator("input[type=search]").input_value() == "j"  # typed, not obeyed
    page.keyboard.press("Tab")
    page.keyboard.press("o")
    assert page.evaluate("location.hash") == "#a"
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_and_out(browser: "Browser", by_mail: Reviewed, tmp_path: Path, scripts: bool) -> None:
    page = context(browser, java_script_enabled=scripts).new_page()
    page.goto(f"{by_mail.address}/accessibility")
    page.goto(f"{by_mail.address}/figures")
    assert page.url == f"{by_mail.address}/sign-in?next=/figures"
    page.locator("#address").fill(OFFICERS[0].email)
    page.locator("main button").click()
    assert page.locator("[role=status]").is_visible()
    (mail,) = (tmp_path / "outbox").glob("*.eml")
    text = mail.read_bytes().replace(b"=\r\n", b"").replace(b"=3D", b"=").decode()
    link = next(line for line in text.splitlines() if line.startswith(by_mail.address))
    page.goto(link)
    page.locator("main button").click()
    assert page.url == f"{by_mail.address}/figures"  # not served here, but reached
    page.goto(f"{by_mail.address}/accessibility")
    page.get_by_role("button", name="Sign out").click()
    assert page.url == f"{by_mail.address}/sign-in"
    page.context.close()


@pytest.mark.parametrize(("scheme", "languages"), [("light", LANGUAGES), ("dark", LANGUAGES[:1])])
def test_axe_finds_nothing(
    browser: "Browser", here: Reviewed, by_mail: Reviewed, scheme: str, languages: tuple[str, ...]
) -> None:
    page = entered(browser, here, color_scheme=scheme, bypass_csp=True, viewport=NARROW)
    found = []
    for language in languages:
        page.locator(f"button[name=language][value={language}]").click()
        for path in ("/accessibility", "/officer"):
            page.goto(here.address + path)
            assert page.locator("html").get_attribute("lang") == language
            found += [f"{language} {path}: {one}" for one in findings(page)]
    for address in (
        f"{here.address}/nothing",
        f"{by_mail.address}/sign-in",
        f"{by_mail.address}/sign-in/TEST",
    ):
        page.goto(address)
        found += [f"{address}: {one}" for one in findings(page)]
    page.context.clear_cookies()
    page.goto(here.address)
    found += [f"outside: {one}" for one in findings(page)]
    page.context.close()
    assert found == []
