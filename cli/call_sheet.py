"""One call whole, as a sheet for people: `funding calls show`."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import typer
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text
from sqlalchemy import ColumnElement, String, cast
from sqlmodel import Session, col, or_, select

from cli.output import FAILED, OK, PARTIAL, complain, console
from config.clock import PEOPLE, local_day
from config.schema import Source
from crawler.documents import DocumentText
from notifier.changes import grant_size
from notifier.doubts import doubt
from notifier.words import words_in
from store.models import Call, CallVersion, Deadline
from store.states import days_left, state

UNKNOWN = "–"
MOST_NAMED = 10
"""How many of the calls that bear the same name are told."""
LARGEST_ID = 2**31 - 1


def find_call(session: Session, name: str) -> Call:
    """The call that is called `name`: by its key, one of its identifiers, its number in the database, or `source:key`.

    Ends the command with a sentence when there is none, or more than one.
    """
    source, _, key = name.partition(":")
    whole = session.exec(select(Call).where(Call.source == source, Call.source_key == key)).first()
    if whole is not None:
        return whole
    # Lists are JSON in the database: this finds the identifier within one, and what else looks like it.
    by_identifier: ColumnElement[bool] = cast(col(Call.identifiers), String).contains(
        json.dumps(name), autoescape=True
    )
    found = [
        call
        for call in session.exec(
            select(Call)
            .where(or_(col(Call.source_key) == name, by_identifier, col(Call.id) == _number(name)))
            .order_by(col(Call.id))
        )
        if name in (call.source_key, str(call.id), *call.identifiers)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(f"{call.source}:{call.source_key}" for call in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        complain(f"`{name}` may be any of {len(found)} calls; say which: {named}{more}")
    else:
        complain(f"`{name}` is no call in the store; all of them: funding calls --status all")
    raise typer.Exit(FAILED)


def _number(name: str) -> int | None:
    return int(name) if name.isascii() and name.isdecimal() and int(name) <= LARGEST_ID else None


def versions_of(session: Session, call: Call) -> list[CallVersion]:
    """Every version of `call`, the first one first."""
    statement = select(CallVersion).where(CallVersion.call_id == call.id).order_by(col(CallVersion.number))
    return list(session.exec(statement))


def exit_code(texts: Iterable[DocumentText]) -> int:
    """All texts came whole, some of them, or none."""
    texts = list(texts)
    if not any(text.fault for text in texts):
        return OK
    return PARTIAL if any(text.text for text in texts) else FAILED


def print_call(
    call: Call,
    versions: Sequence[CallVersion],
    source: Source | None,
    now: datetime,
    texts: Sequence[DocumentText] = (),
) -> None:
    """Everything that is stored of `call`, and the `texts` of its documents when they were fetched."""
    console.print(Text(call.title, style="bold"))
    _print_rows(_facts(call, source, now))
    _print_heading("Deadlines")
    _print_rows(_deadlines(call, local_day(now)))
    _print_heading("Documents")
    _print_rows(_documents(call, texts))
    _print_heading("History")
    _print_rows(map(_history, versions))
    for name, by_language in (("Text", call.texts), ("Conditions", call.conditions)):
        for language, text in by_language.items():
            _print_heading(f"{name} ({language})")
            console.print(Text(text))
    for document, read in zip(call.documents, texts, strict=False):
        if read.text:
            _print_heading(f"{document['title']}, {read.pages} pages")
            console.print(Text(read.text))


def _facts(call: Call, source: Source | None, now: datetime) -> Iterator[tuple[str, str]]:
    """What is known, a row each, and the names of what its source does not state."""
    words = words_in("en")
    by_clock = state(call, now)
    for language, title in call.titles.items():
        if title != call.title:
            yield f"title ({language})", title
    yield "key", f"{call.source}:{call.source_key}"
    yield "source", source.name if source else call.source
    yield "page", call.page
    yield "kind", call.kind.replace("_", " ")
    yield "state", by_clock if by_clock == call.status else f"{by_clock}; its source says {call.status}"
    stated = {
        "identifiers": ", ".join(call.identifiers),
        "published": str(call.published or ""),
        "opening": str(call.opening or ""),
        "programme": call.programme,
        "call": "\n".join(filter(None, (call.call_identifier, call.call_title))),
        "destination": call.destination,
        "type of action": ", ".join(call.types_of_action),
        "budget": "" if call.budget_cents is None else words.money(call.budget_cents, call.currency),
        "grant": grant_size(words, call),
        "grants expected": str(call.expected_grants or ""),
        "funding rate": "" if call.funding_rate is None else f"{call.funding_rate} %",
        "countries": ", ".join([*call.countries, *call.geographical_zones]),
        "regions": ", ".join(call.regions),
        "applicants": "\n".join(call.applicants),
        "keywords": ", ".join(call.keywords),
    }
    yield from ((name, value) for name, value in stated.items() if value)
    yield "not stated", ", ".join(name for name, value in stated.items() if not value) or UNKNOWN
    if call.notices:
        yield "doubts", "\n".join(dict.fromkeys(doubt(words, notice) for notice in call.notices))


def _deadlines(call: Call, today: date) -> Iterator[tuple[str, ...]]:
    if not call.deadlines:
        yield (f"none: {call.no_deadline}",)
    for deadline in call.deadlines:
        if deadline.day is None:
            yield UNKNOWN, "", "", "", deadline.prose
        else:
            at = f"{deadline.at:%H:%M}" if deadline.at else ""
            stage = f"stage {deadline.stage}" if deadline.stage else ""
            yield str(deadline.day), at, deadline.zone, stage, _left(deadline, today)


def _left(deadline: Deadline, today: date) -> str:
    days = days_left(deadline, today)
    assert days is not None
    left = "past" if days < 0 else words_in("en").days_left(days)
    return "\n".join(filter(None, (left, deadline.prose)))


def _documents(call: Call, texts: Sequence[DocumentText]) -> Iterator[tuple[str | Text, ...]]:
    if not call.documents:
        yield ("none linked",)
    faults = [text.fault for text in texts] or [""] * len(call.documents)
    for document, fault in zip(call.documents, faults, strict=True):
        size = UNKNOWN if document["size"] is None else decimal(document["size"])
        about = Text(f"{document['title']}\n{document['address']}")
        if fault:
            about.append(f"\n{fault}", style="red")
        yield document["kind"] or UNKNOWN, size, about


def _history(version: CallVersion) -> tuple[str, str]:
    kinds = ", ".join(kind.replace("_", " ") for kind in version.kinds)
    fields = ", ".join(change["field"].replace("_", " ") for change in version.changes)
    return f"{version.seen_at.astimezone(PEOPLE):%Y-%m-%d %H:%M}", f"{kinds}: {fields}" if fields else kinds


def _print_heading(text: str) -> None:
    console.print(Text(f"\n{text}", style="bold"))


def _print_rows(rows: Iterable[Sequence[str | Text]]) -> None:
    """Columns as wide as they need to be; the last one takes what is left, and an address is never cut."""
    rows = list(rows)
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in rows[0][:-1]:
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    console.print(grid)
