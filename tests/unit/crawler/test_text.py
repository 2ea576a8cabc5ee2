"""Scraped HTML as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text import clip, plain_line, plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("No markup, a < b", "No markup, a < b"),
        ("<p>One</p><ul><li>two</li><li>three</li></ul>", "One\n\ntwo\nthree"),
        ("<?xml version='1.0' encoding='utf-8'?><p>x</p>", "x"),
        ("<style>p {}</style><p>x</p><script>alert(1)</script>", "x"),
        ("&lt;p&gt;Escaped &amp;amp; twice&lt;/p&gt;", "Escaped & twice"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;after", "after"),
        ("<textarea><script>alert(1)</script></textarea>", ""),
        ("for n &lt; 5 and x &lt;y", "for n < 5 and x <y"),
        ("<p>Citiesâ€™ air</p>", "Cities’ air"),
        ("CafÃ© &acirc;&euro;&trade; x", "Café ’ x"),
        ("Ceuta y Melilla, año â la carte", "Ceuta y Melilla, año â la carte"),
        ("a&#8203;b&#1;c\x00\ud800", "abc"),
        ("<!-- nothing -->", ""),
        ("", ""),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


def test_nesting_without_end_is_survived() -> None:
    assert "deep" in plain_text("<p>deep</p>" + "<div>" * 20_000)


def test_plain_line() -> None:
    assert plain_line("<p>One</p>\n<p>two\tthree</p>") == "One two three"


def test_clip_says_whether_it_cut() -> None:
    assert clip("abc", 3) == ("abc", False)
    assert clip("abcd", 3) == ("abc", True)


PIECES = [
    "<script",
    "</script>",
    "&lt;script&gt;",
    "&amp;lt;script",
    "<p>",
    "<title>",
    "<plaintext>",
    "&#8203;",
    "Ã",
    ">",
]


@given(st.lists(st.text(max_size=10) | st.sampled_from(PIECES), max_size=8).map("".join))
def test_text_never_has_a_script(html: str) -> None:
    assert "<script" not in plain_text(html).lower()
