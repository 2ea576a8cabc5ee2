"""What cards on pages for people have in common: days as they are written, labelled lines. Pure."""

import re
from datetime import date, datetime

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
