"""On which line of a TOML file a value stands, for messages about it."""

import re
from collections import Counter

Location = tuple[int | str, ...]
"""The way to a value: `("rule", 3, "reason", "ca")`."""

_HEADER = re.compile(r"\s*(?P<array>\[)?\[\s*(?P<name>[\w.\- ]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*(?P<name>[\w.\-"' ]+?)\s*=""")


def line_of(text: str, location: Location) -> int:
    """The line of the value at `location`, or of the innermost table or value around it that has a line; else 1."""
    best, line = 0, 1
    counts: Counter[Location] = Counter()
    table: Location = ()
    closing = ""
    for number, written in enumerate(text.splitlines(), start=1):
        if closing:  # within a string of several lines
            closing = "" if closing in written else closing
            continue
        if header := _HEADER.match(written):
            found = table = _table(header, counts)
        elif key := _KEY.match(written):
            found = (*table, *(part.strip(" \"'") for part in key["name"].split(".")))
            closing = next((quotes for quotes in ('"""', "'''") if written.count(quotes) % 2), "")
        else:
            continue
        if len(found) > best and location[: len(found)] == found:
            best, line = len(found), number
    return line


def _table(header: re.Match[str], counts: Counter[Location]) -> Location:
    """The way to the table that `header` opens; `counts` holds how many there are so far of each array of tables."""
    way: Location = ()
    *outer, last = (name.strip() for name in header["name"].split("."))
    for name in outer:
        way = (*way, name)
        if counts[way]:
            way = (*way, counts[way] - 1)
    way = (*way, last)
    if not header["array"]:
        return way
    counts[way] += 1
    return (*way, counts[way] - 1)
