"""Scraped HTML as plain text: tags gone, paragraphs kept, broken encodings mended."""

import re

import ftfy
import html_text

from store.records import LONGEST_TEXT

_MOJIBAKE = re.compile(r"[ÂÃâÅÐ][\u0080-\u00bf\u0152-\u0178\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff\ufffe\uffff\ud800-\udfff]")
_MARKUP = re.compile(r"[<&]")
_TAG = re.compile(
    r"</?(?:p|div|span|br|ul|ol|li|a|b|i|u|strong|em|h[1-6]|table|t[rdh])(?:\s[^<>]*)?/?>|<script",
    re.IGNORECASE,
)
ROUNDS = 3
"""How often text is read as HTML: some of it was escaped twice before it reached the portal."""
LONGEST_MARKUP = 20 * LONGEST_TEXT
"""Characters of HTML that are parsed at all: four million, twenty times the text that is kept."""


def plain_text(html: str) -> str:
    """The text of a piece of HTML, blocks parted by newlines; scripts and styles are dropped."""
    text = without_controls(html[:LONGEST_MARKUP])
    if _MARKUP.search(text):
        text = _extract(text)
    for _ in range(ROUNDS):
        if not _TAG.search(text):
            break
        text = _extract(text)
    return _TAG.sub(" ", without_controls(mend(text))).strip()


def plain_line(html: str) -> str:
    """The same on one line: titles and labels."""
    return " ".join(plain_text(html).split())


def without_controls(text: str) -> str:
    """`text` without characters that no reader sees and some databases refuse, halves of characters among them."""
    return _UNWANTED.sub("", text)


def _extract(markup: str) -> str:
    return without_controls(str(html_text.extract_text(markup)))


def mend(text: str) -> str:
    """UTF-8 that was once read as Latin-1 (`â€™`) put right; other text untouched."""
    return ftfy.fix_encoding(text) if _MOJIBAKE.search(text) else text


def clip(text: str, longest: int = LONGEST_TEXT) -> tuple[str, bool]:
    """`text` cut to `longest` characters, and whether that cut anything."""
    return text[:longest], len(text) > longest
