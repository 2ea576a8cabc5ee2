"""officers.toml, rewritten: an entry more or an entry less, and everything else as it is, to the byte."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from pydantic import ValidationError

from config.errors import ConfigurationError
from config.organisation import KINDS, Organisation
from config.schema import Officer

HEADER = re.compile(r"\s*\[\[\s*officer\s*\]\]")
UNWRITABLE = "officers.toml is written in a way that cannot be rewritten; change it by hand"
SAID = {
    "id": "an id is made of a to z, digits and _, and begins with a letter",
    "email": "this is no address, such as name@example.org",
}
"""What is wrong where the schema itself has but a pattern to say. An address is not repeated: it is personal."""


@dataclass(frozen=True)
class Removal:
    """The file as it becomes. `mentions`: the lines of it that still speak of the officer, counted from 1."""

    text: str
    mentions: tuple[int, ...]


def find_officer(organisation: Organisation, key: str) -> Officer:
    """Raises ConfigurationError, which names those that there are."""
    found = organisation.officer(key)
    if found is None:
        known = ", ".join(officer.id for officer in organisation.officers) or "none"
        raise ConfigurationError(f"`{key}` is no officer; there are: {known}")
    return found


def new_officer(organisation: Organisation, facts: Mapping[str, Any]) -> Officer:
    """The officer of these `facts`, by the names of config.schema.Officer; what is left out is as the schema has it.

    Raises ConfigurationError, one sentence on the first thing that is wrong.
    """
    known = {
        "areas": {area.id for area in organisation.areas},
        "lines": {line.id for line in organisation.profile.lines},
        "kinds": KINDS,
    }
    for field, ids in known.items():
        for key in facts.get(field, ()):
            if key not in ids:
                raise ConfigurationError(
                    f"{field}: `{key}` is unknown; expected one of: {', '.join(sorted(ids))}"
                )
    try:
        return Officer.model_validate(facts)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        field = str(problem["loc"][0])
        raise ConfigurationError(f"{field}: {SAID.get(field, problem['msg'])}") from error


def add_officer(text: str, officer: Officer) -> str:
    """officers.toml with one entry more, at its end.

    Raises ConfigurationError where the id is taken, or the file is written in a way that cannot be added to.
    """
    before = _entries(text)
    if any(entry.get("id") == officer.id for entry in before):
        raise ConfigurationError(f"`{officer.id}` stands in officers.toml already; every id is used once")
    newline = "\r\n" if "\r\n" in text else "\n"
    entry = _written(officer).replace("\n", newline)
    kept = text if not text or text.endswith("\n") else text + newline
    gap = newline if kept.strip() and not kept.endswith(newline * 2) else ""
    return _checked(kept + gap + entry, [*before, tomllib.loads(entry)["officer"][0]])


def remove_officer(text: str, key: str, address: str = "") -> Removal:
    """officers.toml without the entry of `key` and the comments right above and below it.

    `address` is looked for in what is left, as the id is. Raises ConfigurationError where the file is written in a way
    that cannot be taken apart.
    """
    before = _entries(text)
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    headers = [number for number, line in enumerate(lines) if HEADER.match(line)]
    if len(headers) != len(before):
        raise ConfigurationError(UNWRITABLE)
    position = next((at for at, entry in enumerate(before) if entry.get("id") == key), None)
    if position is not None:
        lines = _without(lines, headers[position], [*headers, len(lines)][position + 1])
    after = [entry for entry in before if entry.get("id") != key]
    return Removal(_checked("".join(lines), after), tuple(_mentions(lines, key, address)))


def _entries(text: str) -> list[dict[str, Any]]:
    return list(tomllib.loads(text).get("officer", []))


def _checked(text: str, expected: Sequence[dict[str, Any]]) -> str:
    """`text`, if it holds what it should: an entry within a string, or a list on one line, would be torn apart."""
    try:
        holds = _entries(text) == expected
    except tomllib.TOMLDecodeError:
        holds = False
    if not holds:
        raise ConfigurationError(UNWRITABLE)
    return text


def _written(officer: Officer) -> str:
    """An entry as the others are written: what is as the schema has it is left out."""
    facts = officer.model_dump(mode="json", exclude_defaults=True)
    names = facts["name"]
    if len(set(names.values())) == 1:
        facts["name"] = next(iter(names.values()))
    else:
        facts["name"] = tomlkit.inline_table()
        facts["name"].update(names)
    table = tomlkit.table()
    table.update(facts)
    entries = tomlkit.aot()
    entries.append(table)
    return tomlkit.dumps({"officer": entries})


def _without(lines: Sequence[str], header: int, following: int) -> list[str]:
    """The lines without the entry whose header is at `header`; the next one's is at `following`.

    Comments that adjoin the entry go with it; those behind an empty line open what comes next.
    """
    start = header
    while start and _is_comment(lines[start - 1]):
        start -= 1
    stop = 1 + max(at for at in range(header, following) if lines[at].strip() and not _is_comment(lines[at]))
    while stop < following and _is_comment(lines[stop]):
        stop += 1
    if stop == following < len(lines):  # no empty line between: the comments are the next one's
        while _is_comment(lines[stop - 1]):
            stop -= 1
    head, tail = list(lines[:start]), list(lines[stop:])
    while tail and not tail[0].strip() and (not head or not head[-1].strip()):
        tail.pop(0)
    while head and not tail and not head[-1].strip():
        head.pop()
    return head + tail


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _mentions(lines: Sequence[str], key: str, address: str) -> list[int]:
    """The lines that hold the address, or the id in a comment: elsewhere the same word is a policy area."""
    word = re.compile(rf"(?<![\w-]){re.escape(key)}(?![\w-])")
    return [
        number
        for number, line in enumerate(lines, start=1)
        if word.search(line.partition("#")[2]) or (address and address.lower() in line.lower())
    ]
