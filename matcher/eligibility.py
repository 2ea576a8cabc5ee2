"""Whether the organisation may take part: rules of its configuration, each with the words that decide."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from config.schema import Rule
from matcher.documents import Document


class Verdict(StrEnum):
    """`unknown` stays unknown: a call that says nothing of applicants is not closed to anyone."""

    OPEN = "open"
    UNLIKELY = "unlikely"
    NOT_OPEN = "not_open"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Evidence:
    """The words that decide, verbatim, and the field they stand in."""

    field: str
    words: str


@dataclass(frozen=True)
class Eligibility:
    """`rule` is the id of the deciding rule, empty when none fires; `role` the part that the rule suggests."""

    verdict: Verdict
    rule: str = ""
    role: str = ""
    evidence: tuple[Evidence, ...] = ()


_WEIGHT = {Verdict.NOT_OPEN: 0, Verdict.UNLIKELY: 1, Verdict.OPEN: 2}
QUOTED = 160
"""Characters of a quotation: enough to judge the words in their sentence."""


def judge(document: Document, rules: Sequence[Rule]) -> Eligibility:
    """The weightiest rule that fires; `unknown` when none does."""
    fired = [
        (Verdict(rule.verdict), rule, evidence)
        for rule in rules
        if (evidence := _apply(rule, document)) is not None
    ]
    if not fired:
        return Eligibility(Verdict.UNKNOWN)
    verdict, rule, evidence = min(fired, key=lambda entry: _WEIGHT[entry[0]])
    return Eligibility(verdict, rule.id, rule.role, (evidence,))


def _apply(rule: Rule, document: Document) -> Evidence | None:
    text = _text(rule, document)
    match = _compiled(rule.pattern).search(text)
    if match is None or not match.group().strip():
        return None
    if rule.unless and _compiled(rule.unless).search(text):
        return None
    return Evidence(rule.field, _quotation(text, match.start(), match.end()))


def _text(rule: Rule, document: Document) -> str:
    match rule.field:
        case "identifier":
            return document.identifier
        case "type_of_action":
            return document.type_of_action
        case "title":
            return document.title
        case _:
            return document.eligibility_text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _quotation(text: str, start: int, end: int) -> str:
    """The words from `start` to `end` with as much of their sentence as fits."""
    spare = max(0, QUOTED - (end - start)) // 2
    left = max(text.rfind(". ", 0, start) + 1, text.rfind("\n", 0, start) + 1, start - spare)
    stops = [place for place in (text.find(". ", end), text.find("\n", end)) if place >= 0]
    right = min([*stops, end + spare, len(text)])
    quoted = text[left:right]
    if left == start - spare and left > 0 and " " in text[left:start]:
        quoted = "… " + quoted.split(" ", 1)[1]
    if right == end + spare and right < len(text) and " " in text[end:right]:
        quoted = quoted.rsplit(" ", 1)[0] + " …"
    return quoted.strip()
