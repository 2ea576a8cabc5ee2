"""portfolio.toml, rewritten entry by entry: what does not change stays as it is, to the byte."""

import re
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
import tomlkit.items

from config.errors import ConfigurationError
from config.schema import LANGUAGES, Project, Text

HEADER = re.compile(r"\[\[\s*project\s*\]\][ \t]*(?:#[ \t]*(?:\[(?P<mark>[^\]\n]*)\])?.*)?$")
WIDTH = 110
FIELDS = tuple(Project.model_fields)
NEEDED = ("id", "name", "kind", "areas", "summary")
"""Fields that an entry states even when they are empty."""
EMPTY = (None, "", ())


@dataclass(frozen=True)
class Entry:
    """A project, and how far it is verified: what stands in brackets beside it, such as `V` or `V-part; dates GK`."""

    project: Project
    mark: str = ""


@dataclass(frozen=True)
class Revision:
    """The file as it becomes. `changed` has the fields that differ, by id; `missing` were not wanted and are kept.

    `remarks` are comments beside values that changed: what they say may no longer be so.
    """

    text: str
    added: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    removed: tuple[str, ...]
    missing: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass
class _Block:
    """An entry as it stands in the file, with the comments right above it, and what stands between it and the next."""

    id: str
    kind: str
    text: str
    gap: str = ""


def read_entries(text: str) -> list[Entry]:
    """The entries of a portfolio.toml that loads."""
    projects = [Project.model_validate(table) for table in tomllib.loads(text).get("project", [])]
    marks = [found["mark"] or "" for found in map(HEADER.match, text.splitlines()) if found]
    if len(marks) != len(projects):
        raise ConfigurationError(
            "the projects of portfolio.toml are not all tables of their own, [[project]]"
        )
    return [Entry(project, mark) for project, mark in zip(projects, marks, strict=True)]


def revise(text: str, wanted: Sequence[Entry], *, remove_missing: bool = False) -> Revision:
    """The portfolio with the entries as they are in `wanted`, new ones behind the last of their kind.

    Raises ConfigurationError when the file is written in a way that cannot be rewritten safely.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    known = {entry.project.id: entry for entry in read_entries(text)}
    head, blocks = _blocks(text.replace("\r\n", "\n"), list(known.values()))
    by_id = {block.id: block for block in blocks}
    added, changed, remarks = [], {}, []
    for entry in wanted:
        key = entry.project.id
        if key not in known:
            head = _insert(head, blocks, entry)
            added.append(key)
        elif fields := _differing(known[key], entry):
            by_id[key].text, found = _edited(by_id[key].text, known[key], entry)
            changed[key] = fields
            remarks += [f"{key}.{remark}" for remark in found]
    named = {entry.project.id for entry in wanted}
    missing = tuple(key for key in known if key not in named)
    removed = missing if remove_missing else ()
    for key in removed:
        _remove(blocks, by_id[key])
    revised = head + "".join(block.text + block.gap for block in blocks)
    _check(revised, [entry for entry in known.values() if entry.project.id not in removed], wanted)
    return Revision(
        text=revised.replace("\n", newline) if added or changed or removed else text,
        added=tuple(added),
        changed=changed,
        removed=removed,
        missing=() if remove_missing else missing,
        remarks=tuple(remarks),
    )


def _check(revised: str, kept: Sequence[Entry], wanted: Sequence[Entry]) -> None:
    expected = {entry.project.id: entry for entry in [*kept, *wanted]}
    if {entry.project.id: entry for entry in read_entries(revised)} != expected:
        raise ConfigurationError(
            "portfolio.toml is written in a way that cannot be rewritten; change it by hand"
        )


def _differing(before: Entry, after: Entry) -> tuple[str, ...]:
    fields = [name for name in FIELDS if getattr(before.project, name) != getattr(after.project, name)]
    return (*fields, "mark") if before.mark != after.mark else tuple(fields)


def _blocks(text: str, entries: Sequence[Entry]) -> tuple[str, list[_Block]]:
    """What stands above the first entry, and the entries; together they are the text."""
    lines = text.splitlines(keepends=True)
    starts = []
    for number, line in enumerate(lines):
        if HEADER.match(line.rstrip("\n")):
            start = number
            while start and lines[start - 1].startswith("#"):
                start -= 1
            starts.append(start)
    ends = [*starts[1:], len(lines)][: len(starts)]
    blocks = [
        _block(entry, lines[start:end]) for entry, start, end in zip(entries, starts, ends, strict=True)
    ]
    return "".join(lines[: starts[0]] if starts else lines), blocks


def _block(entry: Entry, lines: Sequence[str]) -> _Block:
    """Comments right below an entry are its own; those behind an empty line open what comes next."""
    stop = 1 + max(number for number, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    while stop < len(lines) and lines[stop].startswith("#"):
        stop += 1
    return _Block(entry.project.id, entry.project.kind, "".join(lines[:stop]), "".join(lines[stop:]))


def _insert(head: str, blocks: list[_Block], entry: Entry) -> str:
    """Put a new entry behind the last of its kind, else at the end; returns what then stands above the first one."""
    new = _Block(entry.project.id, entry.project.kind, _written(entry))
    alike = [number for number, block in enumerate(blocks) if block.kind == new.kind]
    if not blocks:
        blocks.append(new)
        return head.rstrip("\n") + "\n\n" if head.strip() else ""
    at = alike[-1] if alike else len(blocks) - 1
    blocks[at].text = blocks[at].text.rstrip("\n") + "\n"
    new.gap, blocks[at].gap = blocks[at].gap, "\n"
    blocks.insert(at + 1, new)
    return head


def _remove(blocks: list[_Block], block: _Block) -> None:
    """Take an entry out; what stands between it and the next one is kept."""
    at = blocks.index(block)
    if at:
        gap = blocks[at - 1].gap + block.gap.removeprefix("\n")
        if block is blocks[-1]:
            gap = gap.rstrip("\n") + "\n" * bool(gap.strip())
        blocks[at - 1].gap = gap
    blocks.remove(block)


def _edited(text: str, before: Entry, after: Entry) -> tuple[str, list[str]]:
    """An entry's text with what differs set anew, and the comments that stand beside that."""
    document = tomlkit.parse(text)
    table: Any = document["project"][0]
    remarks = []
    for name in _differing(before, after):
        if name == "mark":
            continue
        value = getattr(after.project, name)
        if name in table and (remark := _remark(table[name])):
            remarks.append(f"{name}: {remark}")
        if name == "name":
            _rename(table, value)
        elif value not in EMPTY or name in NEEDED:
            table[name] = tomlkit.value(_literal(name, value, _opening(table.get(name))))
        elif name in table:
            table.remove(name)
    edited = tomlkit.dumps(document)
    return (edited if before.mark == after.mark else _marked(edited, after.mark)), remarks


def _remark(value: Any) -> str:
    """The comment at the end of a value's line, or behind the bracket that opens a list."""
    if isinstance(value, tomlkit.items.Array) and (opening := _opening(value)):
        return opening.lstrip("# ")
    trivia = getattr(value, "trivia", None)
    return str(trivia.comment).lstrip("# ") if trivia else ""


def _opening(value: Any) -> str:
    """The comment behind the bracket that opens a list on several lines."""
    found = (
        re.match(r"\[[ \t]*(#[^\n]*)", value.as_string()) if isinstance(value, tomlkit.items.Array) else None
    )
    return found[1] if found else ""


def _rename(table: Any, name: Text) -> None:
    names = name.model_dump()
    if len(set(names.values())) == 1:
        table["name"] = name.en
    elif isinstance(table["name"], str):
        table["name"] = tomlkit.value(_literal("name", names))
    else:
        for language in LANGUAGES:
            table["name"][language] = names[language]


def _marked(text: str, mark: str) -> str:
    """An entry's text with another mark behind `[[project]]`; the rest of that comment stays."""

    def rewritten(found: re.Match[str]) -> str:
        rest = found["rest"].strip() if found["rest"] else ""
        comment = " ".join(filter(None, (f"[{mark}]" if mark else "", rest)))
        return f"[[project]]  # {comment}" if comment else "[[project]]"

    pattern = r"^\[\[\s*project\s*\]\][ \t]*(?:#[ \t]*(?:\[[^\]\n]*\])?(?P<rest>[^\n]*))?$"
    return re.sub(pattern, rewritten, text, count=1, flags=re.MULTILINE)


def _written(entry: Entry) -> str:
    """A new entry, as the others are written."""
    lines = [f"[[project]]  # [{entry.mark}]" if entry.mark else "[[project]]"]
    for name in FIELDS:
        value = getattr(entry.project, name)
        if name == "name" and len(set(value.model_dump().values())) > 1:
            lines += [f"name.{language} = {_quoted(value[language])}" for language in LANGUAGES]
        elif value not in EMPTY or name in NEEDED:
            lines.append(f"{name} = {_literal(name, value)}")
    return "\n".join(lines) + "\n"


def _literal(name: str, value: Any, opening: str = "") -> str:
    """A value in TOML; `opening` is the comment of a list."""
    match value:
        case Text():
            return _string(name, value.en)
        case dict():
            return f"{{ {', '.join(f'{key} = {_quoted(text)}' for key, text in value.items())} }}"
        case float():
            return str(int(value)) if value == int(value) else f"{value:.2f}"
        case list() | tuple():
            return _list(name, value, opening)
    return _string(name, value)


def _list(name: str, items: Sequence[str], opening: str) -> str:
    line = f"[{', '.join(map(_quoted, items))}]"
    if not opening and len(f"{name} = {line}") <= WIDTH:
        return line
    first = f"[  {opening}" if opening else "["
    return "\n".join([first, *(f"    {_quoted(item)}," for item in items), "]"])


def _string(name: str, text: str) -> str:
    """On one line where it fits, else on several that read as one."""
    quoted = _quoted(text)
    if len(f"{name} = {quoted}") <= WIDTH:
        return quoted
    lines = textwrap.wrap(quoted[1:-1], WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return '"""\\\n' + " \\\n".join(lines) + '"""'


def _quoted(text: str) -> str:
    return str(tomlkit.string(text).as_string())
