"""The templates, one environment a language."""

import textwrap
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from config.organisation import Language
from notifier.catalogue import translations
from notifier.mail import one_line

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 72
"""Characters of a line of plain text: at most 78 (RFC 5322), and with room to be quoted."""


@cache
def templates(language: Language, *more: Path) -> Environment:
    """Templates whose `_()` speaks `language`, those of the folders `more` before ours.

    All of them escape but those of plain text (`*.txt.j2`).
    """
    environment = Environment(
        loader=FileSystemLoader([*more, TEMPLATES]),
        autoescape=_escapes,  # noqa: S701 - plain text alone goes unescaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    environment.filters["fold"] = _fold
    return environment


def _escapes(name: str | None) -> bool:
    return name is None or not name.endswith(".txt.j2")


def _fold(text: str, indent: str = "") -> str:
    """`text` in lines, those after the first behind `indent`; a long word, such as an address, stays whole."""
    return textwrap.fill(
        one_line(text), WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
