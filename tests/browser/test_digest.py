"""The digest in a real browser: narrow and wide, light and dark, and whether a finger meets its links."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.organisation import LANGUAGES, Language
from store.database import Database
from tests.browser.test_summary import browser, opened
from tests.unit.notifier.builders import officer
from tests.unit.notifier.full_sheets import REVIEW, full_letter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]

SIZES = """() => [...document.querySelectorAll('body *')]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
    .filter(one => one.checkVisibility())
    .map(one => parseFloat(getComputedStyle(one).fontSize))"""


def address_of(database: Database, folder: Path, language: Language) -> str:
    path = folder / f"digest-{language}.html"
    letter = full_letter(database, officer(language=language), 3, review_url=REVIEW)
    path.write_text(letter.html, encoding="utf-8")
    return path.as_uri()


def shown(browser: "Browser", address: str, width: int = 640, **options: Any) -> Iterator["Page"]:
    yield from opened(browser, address, viewport={"width": width, "height": 900}, **options)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_width_scrolls_sideways(
    browser: "Browser", database: Database, tmp_path: Path, language: Language, width: int
) -> None:
    for page in shown(browser, address_of(database, tmp_path, language), width):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for label in page.locator("th").all():
            box = label.bounding_box()
            assert box is not None
            assert box["height"] < 32 or label.evaluate("one => one.nextElementSibling.offsetHeight") >= 32


def test_no_letter_is_smaller_than_14_px(browser: "Browser", database: Database, tmp_path: Path) -> None:
    for page in shown(browser, address_of(database, tmp_path, "ca")):
        assert min(page.evaluate(SIZES)) >= 14


def test_what_is_decided_is_large_enough_for_a_finger(
    browser: "Browser", database: Database, tmp_path: Path
) -> None:
    for page in shown(browser, address_of(database, tmp_path, "ca"), 320):
        links = page.locator(".decisions a").all()
        assert len(links) == 9
        for link in links:
            box = link.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 24


@pytest.mark.parametrize(
    ("scheme", "ground", "card"),
    [
        ("light", "rgb(244, 245, 243)", "rgb(255, 255, 255)"),
        ("dark", "rgb(15, 20, 19)", "rgb(23, 30, 29)"),
    ],
)
def test_the_mail_follows_the_reader_s_scheme(
    browser: "Browser", database: Database, tmp_path: Path, scheme: str, ground: str, card: str
) -> None:
    for page in shown(browser, address_of(database, tmp_path, "ca"), color_scheme=scheme):
        for name, colour in (("body", ground), (".ground", ground), (".card", card)):
            found = page.locator(name).first
            assert found.evaluate("one => getComputedStyle(one).backgroundColor") == colour


def test_the_marks_of_outlook_s_dark_mode_are_followed(
    browser: "Browser", database: Database, tmp_path: Path
) -> None:
    for page in shown(browser, address_of(database, tmp_path, "ca")):
        page.evaluate(
            "document.body.setAttribute('data-ogsc', ''), document.body.setAttribute('data-ogsb', '')"
        )
        card = page.locator(".card").first
        assert card.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(23, 30, 29)"
        assert card.evaluate("one => getComputedStyle(one).color") == "rgb(230, 235, 233)"


def test_headings_go_down_by_one(browser: "Browser", database: Database, tmp_path: Path) -> None:
    for page in shown(browser, address_of(database, tmp_path, "ca")):
        found = page.locator("h1, h2, h3").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
        assert found[0] == 1
        assert found.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(found))
