"""What cards on pages for people have in common: days as they are written, labelled lines. Pure."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from crawler.text import plain_line

SLASHES, DOTS, MONTH = "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y"


def day_of(text: str, *forms: str) -> date | None:
    """The day that `text` is, in the first `strptime` form that fits; None for anything else."""
    for form in forms:
        try:
            return datetime.strptime(" ".join(text.split()), form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def labelled(lines: str, label: str) -> str:
    """What follows `label`, on its line or the next one; empty when it is not there."""
    match = re.search(rf"(?im)^{re.escape(label)}\s*:?\s+(\S[^\n]*)", lines)
    return match[1].strip() if match else ""


def line_of(row: Mapping[str, Any], name: str) -> str:
    """A field of a card on one line; empty when the card lacks it."""
    return plain_line(row.get(name) or "")


def key_of_card(row: Mapping[str, Any], body: str) -> str:
    """`<body> | <title>`, for listings whose links several calls share; a card without a title has its link."""
    if not line_of(row, "title"):
        return line_of(row, "href")
    return " | ".join(filter(None, (line_of(row, body), line_of(row, "title")))).lower()
