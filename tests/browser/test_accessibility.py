"""What axe-core finds in digest and summary: nothing, in four languages, light and dark, narrow and wide."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from config.organisation import LANGUAGES, Language
from notifier.summary import write_summary
from store.database import Database
from tests.browser.test_summary import browser, missing, opened
from tests.unit.notifier.builders import NOW, matched, officer, organisation, record
from tests.unit.notifier.full_sheets import FACTS, REVIEW, full, full_letter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MAIL = ("landmark-one-main", "region")
"""Best practices left out: the landmarks of a mail are those of the program that shows it."""
SUMMARY = ("heading-order",)
"""The same: the list of calls follows the title of the page without a heading of its own."""
SCREENS = [("light", 1280), ("dark", 1280), ("light", 320), ("dark", 320)]


def findings(page: "Page") -> list[str]:
    """Each as `rule: element`, what axe could not decide left out."""
    try:
        from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # noqa: PLC0415
            Axe,
        )
    except ModuleNotFoundError:
        missing("axe-playwright-python")
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    result: dict[str, Any] = Axe().run(page, options=options).response
    assert result["passes"], "axe looked at nothing"
    return [
        f"{found['id']}: {node['html'][:200]}" for found in result["violations"] for node in found["nodes"]
    ]


def looked_at(browser: "Browser", address: str, *left_out: str) -> list[str]:
    return [
        found
        for scheme, width in SCREENS
        for page in opened(
            browser, address, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
        )
        for found in findings(page)
        if found.partition(":")[0] not in left_out
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_the_digest(
    browser: "Browser", database: Database, tmp_path: Path, language: Language
) -> None:
    path = tmp_path / "digest.html"
    letter = full_letter(database, officer(language=language), 3, review_url=REVIEW)
    path.write_text(letter.html, encoding="utf-8")
    assert looked_at(browser, path.as_uri(), *MAIL) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_in_the_summary(
    browser: "Browser", database: Database, tmp_path: Path, language: Language
) -> None:
    matched(database, full(1), full(2), **FACTS)
    matched(database, record("TEST-NOT-OPEN"), verdict="not_open", rule="smes", score=2.0)
    matched(database, record("TEST-UNLIKELY"), verdict="unlikely", score=1.0)
    path = tmp_path / "summary.html"
    with database.reading() as session:
        write_summary(session, organisation(), NOW, path, language)
    assert looked_at(browser, path.as_uri(), *SUMMARY) == []
