"""What rows of a source are built like: which fields, of which JSON types, stated by how many of them. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}
_FORMS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?"),
    "day": re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{4}"),
    "digits": re.compile(r"-?\d+(?:[.,]\d+)?"),
    "address": re.compile(r"https?://\S+"),
}
"""What strings may be besides text: a date in another form is as good as gone."""
_STRINGS = {*_FORMS, "string"}
_NOTHING: tuple[Any, ...] = (None, "", [], {})
"""Values that state nothing: APIs send null, and a selector that no longer fits a page finds an empty text."""

OFTEN = 0.5
"""The share from which on a field's absence from one page says something: rows of a page resemble each other."""
CHANCE = 0.01
"""How likely it may be at most that a field which no row states is missing by chance."""


@dataclass(frozen=True)
class Field:
    """The JSON types of a field, with the forms of its strings, and the share of rows that state it.

    Neither: it was there and always empty.
    """

    types: frozenset[str]
    share: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `str()` made of a field."""
        types, _, share = text.partition(" ")
        if types == "null":
            return cls(frozenset(), 0.0)
        return cls(frozenset(types.split("|")), float(share or 1))

    def __str__(self) -> str:
        """`string` for a field that every row states, `array|string 0.3` for one that three of ten do."""
        if not self.types:
            return "null"
        share = "" if self.share == 1 else f" {coarse(self.share)}"
        return "|".join(sorted(self.types)) + share


Shape = dict[str, Field]
"""Fields by their path: `deadline.date`, and `documents[].title` for what stands in lists."""


@dataclass(frozen=True)
class Difference:
    """How a field is not as it was: types before and after, or how many rows stated it and state it now.

    `new` is no loss: nothing reads that field yet.
    """

    path: str
    kind: Literal["gone", "rarer", "type", "new"]
    before: str = ""
    after: str = ""


def coarse(share: float) -> float:
    """A share in tenths, rounded down, so that 1 is all of them."""
    return int(share * 10) / 10


def shape_of(rows: Sequence[Mapping[str, Any]]) -> Shape:
    types: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        stated = set()
        for path, value in _fields(row, ""):
            of_path = types.setdefault(path, set())
            if value not in _NOTHING:
                of_path.add(_form(value) if isinstance(value, str) else _TYPES[type(value)])
                stated.add(path)
        counts.update(stated)
    return {path: Field(frozenset(of_path), counts[path] / len(rows)) for path, of_path in types.items()}


def _form(text: str) -> str:
    return next((name for name, form in _FORMS.items() if form.fullmatch(text)), "string")


def _fields(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every value below `value` with its path, lists of lists included."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            below = f"{path}.{name}" if path else name
            yield below, item
            yield from _fields(item, below)
    elif isinstance(value, list):
        for item in value:
            yield f"{path}[]", item
            yield from _fields(item, f"{path}[]")


def differences(before: Shape, after: Shape, rows: int) -> list[Difference]:
    """How the shape `after` of so many rows differs from what is known; of a field and those within it, the outer one."""
    found: list[Difference] = []
    for path in sorted(before.keys() | after.keys()):
        difference = _difference(path, before.get(path), after.get(path), rows)
        if difference and not any(_is_within(path, outer.path) for outer in found):
            found.append(difference)
    return found


def _difference(path: str, before: Field | None, after: Field | None, rows: int) -> Difference | None:
    if before is None:
        assert after is not None
        return Difference(path, "new", after=str(after))
    share = after.share if after else 0.0
    shares = f"{coarse(before.share):.0%}", f"{round(share * rows)} of {rows}"
    if not share and is_lost(before.share, rows):
        return Difference(path, "gone", *shares)
    if before.share == 1 and share < OFTEN:
        return Difference(path, "rarer", *shares)
    if after and before.types and _is_other(before.types, after.types):
        return Difference(path, "type", *("|".join(sorted(field.types)) for field in (before, after)))
    return None


def _is_other(before: frozenset[str], after: frozenset[str]) -> bool:
    """A JSON type that was not there before; or strings none of which has a form that was, where all had one."""
    if after - _STRINGS - before or (after & _STRINGS and not before & _STRINGS):
        return True
    return bool(after & _STRINGS) and "string" not in before and after.isdisjoint(before)


def is_lost(share: float, rows: int) -> bool:
    """Whether it is no chance that none of so many rows states what this share of them used to state."""
    return share >= OFTEN and (1 - share) ** rows < CHANCE


def _is_within(path: str, outer: str) -> bool:
    return path.startswith((f"{outer}.", f"{outer}[]"))
