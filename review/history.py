"""How a call became what it is: each version in words, and its revised wordings word by word."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from babel import Locale
from sqlmodel import Session

from notifier.changes import change_sentences
from notifier.history import Change, Version, later_versions
from notifier.items import BRUSSELS, Item
from notifier.words import BABEL_LOCALES, Words
from review.differences import Difference, difference
from store.models import Call

VERSIONS = 20
"""Versions of one source that are shown, the newest first."""
COMPARED = 30
"""Wordings that are compared for one page."""
WORDINGS = ("titles", "texts", "conditions")
"""Fields with a wording a language."""
LISTS = ("applicants", "types_of_action", "countries", "regions", "geographical_zones")


@dataclass(frozen=True)
class Revision:
    """A wording that changed: its name, its language (ISO 639-1; empty for lists), and what is different."""

    label: str
    language: str
    difference: Difference


@dataclass(frozen=True)
class Step:
    """A version after the first: when it was first seen, and what changed then."""

    number: int
    day: str
    sentences: tuple[str, ...]
    revisions: tuple[Revision, ...]


@dataclass(frozen=True)
class History:
    """What happened to a call in one source, the newest first. `earlier`: versions that are not shown."""

    call: Call
    source: str
    first_seen: str
    steps: tuple[Step, ...]
    earlier: int


def histories(
    session: Session, item: Item, names: dict[str, str], words: Words, now: datetime
) -> tuple[History, ...]:
    """One for each source that states the call, the face's first; `names` of sources by key."""
    versions = later_versions(session, [call.id or 0 for call in item.sources])
    left = COMPARED
    found = []
    for call in item.sources:
        newest_first = versions.get(call.id or 0, [])[::-1]
        steps = []
        for version in newest_first[:VERSIONS]:
            step = _step(replace(item, call=call), version, words, now, left)
            left -= len(step.revisions)
            steps.append(step)
        found.append(
            History(
                call=call,
                source=names.get(call.source, call.source),
                first_seen=words.on(call.first_seen_at, now),
                steps=tuple(steps),
                earlier=max(0, len(newest_first) - VERSIONS),
            )
        )
    return tuple(found)


def _step(item: Item, version: Version, words: Words, now: datetime, most: int) -> Step:
    changed = replace(item, changes=version.changes, changed_at=version.seen_at)
    revisions: list[Revision] = []
    for change in version.changes:
        for label, language, before, after in _wordings(words, change):
            if len(revisions) < most:
                revisions.append(Revision(label, language, difference(before, after)))
    return Step(
        number=version.number,
        day=words.on(version.seen_at, now),
        sentences=change_sentences(words, changed, now.astimezone(BRUSSELS).date()),
        revisions=tuple(revisions),
    )


def _wordings(words: Words, change: Change) -> Iterator[tuple[str, str, str, str]]:
    """(label, language, before, after) of each wording that differs."""
    if change.field in WORDINGS:
        before, after = change.before or {}, change.after or {}
        for language in dict.fromkeys((*after, *before)):
            if before.get(language) != after.get(language):
                yield (
                    named_in(words, field_name(words, change.field), language),
                    language,
                    before.get(language, ""),
                    after.get(language, ""),
                )
    elif change.field in LISTS:
        yield field_name(words, change.field), "", _lines(change.before), _lines(change.after)


def _lines(values: list[Any] | None) -> str:
    return "\n".join(map(str, values or ()))


def named_in(words: Words, name: str, language: str) -> str:
    """`Text (anglès)`: the name of a field with the language (ISO 639-1) that it is in; empty: in none."""
    known = Locale.parse(BABEL_LOCALES[words.language]).languages
    return f"{name} ({known.get(language, language)})" if language else name


def field_name(words: Words, field: str) -> str:
    """What the page calls a field of `store.records.CallRecord`."""
    return {
        "titles": words.gettext("Title"),
        "texts": words.gettext("Text"),
        "conditions": words.gettext("Conditions"),
        "applicants": words.gettext("Who can apply"),
        "types_of_action": words.gettext("Type"),
        "countries": words.gettext("Countries"),
        "regions": words.gettext("Regions"),
        "geographical_zones": words.gettext("Territory"),
        "programme": words.gettext("Programme"),
        "identifiers": words.gettext("Identifier"),
        "keywords": words.gettext("Keywords"),
    }[field]
