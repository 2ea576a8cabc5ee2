"""The mail as it arrives: its size, its validity, its two parts, and colours that survive a client's own dark mode."""

import re
from colorsys import hls_to_rgb, rgb_to_hls
from itertools import pairwise
from typing import Any

import pytest
from justhtml import JustHTML
from lxml import html as parser  # type: ignore[import-untyped]

from config.organisation import LANGUAGES, Language
from notifier.templating import templates
from store.database import Database
from tests.unit.notifier.builders import officer
from tests.unit.notifier.full_sheets import REVIEW, full_letter
from tests.unit.notifier.test_tokens import AA, contrast

GMAIL = 102_400
"""Bytes of HTML after which Gmail cuts a mail off."""


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_twenty_calls_stay_well_below_what_gmail_shows(database: Database, language: Language) -> None:
    letter = full_letter(database, officer(language=language, limit=20), 20, review_url=REVIEW)
    assert letter.html.count('class="card"') == 20
    assert len(letter.html.encode()) < 0.95 * GMAIL


@pytest.mark.parametrize("count", [0, 2])
def test_the_html_is_what_its_standard_asks_for(database: Database, count: int) -> None:
    html = full_letter(database, officer(), count, review_url=REVIEW).html
    assert JustHTML(html, collect_errors=True).errors == []


def test_nothing_is_loaded_run_or_sent(database: Database) -> None:
    html = full_letter(database, officer(), 2, review_url=REVIEW).html
    page = parser.fromstring(html)
    assert not page.cssselect(
        "script, form, img, link, iframe, object, input, button, [background], [onclick]"
    )
    assert not re.search(r"url\(|@import|@font-face|src=", html)


def test_word_and_gmail_are_served_without_a_style_sheet(database: Database) -> None:
    html = full_letter(database, officer(), 2).html
    page = parser.fromstring(html)
    assert '<!--[if mso]><table role="presentation" width="640"' in html
    for table in page.cssselect("table"):
        assert table.get("width") == "100%"
        assert (table.get("role") == "presentation") != bool(table.xpath("./tbody/tr/th[@scope='row']"))
    for grounded in page.cssselect("[bgcolor]"):
        style = grounded.get("style") or grounded.cssselect("td")[0].get("style")
        assert grounded.get("bgcolor") in style
    for layout in ("flex", "grid", "float", "position"):
        assert layout not in html
    for styled in page.cssselect("p, h1, h2, h3, a, td.card"):
        assert styled.get("style"), styled.text_content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_parts_tell_the_same(database: Database, language: Language) -> None:
    letter = full_letter(database, officer(language=language), 2, review_url=REVIEW)
    page = parser.fromstring(letter.html)
    for unseen in page.cssselect(".preheader, style, title"):
        unseen.drop_tree()
    lines = letter.text.splitlines()
    addresses = {line for line in lines if line.startswith("https://")}
    assert addresses == {link.get("href") for link in page.cssselect("a")}
    shown = " ".join(page.itertext())
    assert words_of(shown) == words_of(" ".join(line for line in lines if line not in addresses))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_can_be_read_in_72_columns(database: Database, language: Language) -> None:
    lines = full_letter(database, officer(language=language), 3, review_url=REVIEW).text.splitlines()
    assert [line for line in lines if len(line) > 72 and not line.startswith("https://")] == []
    assert [line for line in lines if "https://" in line and line != line.split()[0]] == []
    assert not any(first == second == "" for first, second in pairwise(lines))
    assert all(line == line.rstrip() for line in lines)


def inverted(colour: str) -> str:
    """What Gmail's and Outlook's applications make of a colour where they impose a dark mode: its lightness turned."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, light, saturation = rgb_to_hls(red, green, blue)
    return "#" + "".join(f"{round(part * 255):02x}" for part in hls_to_rgb(hue, 1 - light, saturation))


def test_colours_survive_an_inversion() -> None:
    tokens: Any = templates("en").get_template("tokens.css.j2").module
    light = tokens.light
    pairs = [(ink, ground) for ink in ("ink", "muted", "accent") for ground in ("ground", "paper")]
    pairs += [(tone, f"{tone}_ground") for tone in tokens.tones]
    for ink, ground in pairs:
        assert contrast(inverted(light[ink]), inverted(light[ground])) >= AA, (ink, ground)
