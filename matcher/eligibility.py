"""Whether the organisation may take part: rules of its configuration, each with the words that decide."""

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from itertools import accumulate

from config.schema import Rule
from matcher.documents import Document
from matcher.excerpts import Excerpt


class Verdict(StrEnum):
    """`unknown` stays unknown: a call that says nothing of applicants is not closed to anyone."""

    OPEN = "open"
    UNLIKELY = "unlikely"
    NOT_OPEN = "not_open"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Evidence:
    """The words that decide, and where they stand: from `start` to `end` in the field as it is stored.

    `language` is the key of the text where the field has one a language; lists are read with a space between their
    items, applicants and types of action with a newline. `rule` is the rule that quotes them.
    """

    field: str
    words: str
    start: int | None = None
    end: int | None = None
    language: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Eligibility:
    """`rule` is the id of the deciding rule, empty when none fires; `role` the part that the rule suggests."""

    verdict: Verdict
    rule: str = ""
    role: str = ""
    evidence: tuple[Evidence, ...] = ()


DECISION = "decision"
"""Stands in place of a rule's id where a person decided that a call is open."""
WEIGHT: dict[str, int] = {Verdict.NOT_OPEN: 0, Verdict.UNLIKELY: 1, Verdict.OPEN: 2, Verdict.UNKNOWN: 3}
"""Of two verdicts the one with less decides; of two rules with the same verdict, the first."""
QUOTED = 160
"""Characters of a quotation: enough to judge the words in their sentence."""


def judge(document: Document, rules: Sequence[Rule], overrides: Collection[int] = ()) -> Eligibility:
    """The weightiest rule that fires; `unknown` when none does.

    A call whose id is among `overrides` was decided to be open: no rule closes it, and the evidence tells which did.
    """
    ruled = _ruled(document, rules)
    return decided_open(ruled) if document.call_id in overrides else ruled


def decided_open(ruled: Eligibility) -> Eligibility:
    """What a person's "wrong, it is open" makes of what the rules say."""
    return Eligibility(Verdict.OPEN, DECISION, ruled.role, ruled.evidence)


def _ruled(document: Document, rules: Sequence[Rule]) -> Eligibility:
    reading = _Reading(document)
    found = Eligibility(Verdict.UNKNOWN)
    for rule in rules:
        if WEIGHT[rule.verdict] < WEIGHT[found.verdict]:
            evidence = reading.apply(rule)
            if evidence is not None:
                found = Eligibility(Verdict(rule.verdict), rule.id, rule.role, (evidence,))
    return found


@dataclass
class _Reading:
    """The fields of a document as rules search them, each put together once."""

    document: Document
    _texts: dict[str, tuple[str, str]] = field(default_factory=dict)

    def apply(self, rule: Rule) -> Evidence | None:
        text, lowered = self._text(rule.field)
        if rule.mentions and not _mentioned(rule.mentions, lowered):
            return None
        match = _compiled(rule.pattern).search(text)
        if match is None or not match.group().strip():
            return None
        if rule.unless and _compiled(rule.unless).search(text):
            return None
        if not all(_compiled(pattern).search(self._text(name)[0]) for name, pattern in rule.where.items()):
            return None
        return self._quote(rule, text, match.start(), match.end())

    def _text(self, name: str) -> tuple[str, str]:
        """The field, and the same in lower case."""
        found = self._texts.get(name)
        if found is None:
            text = self._field(name)
            found = self._texts[name] = text, text.lower()
        return found

    def _field(self, name: str) -> str:
        match name:
            case "identifier" | "type_of_action" | "title" | "kind" | "programme":
                return str(getattr(self.document, name))
            case "countries" | "regions":
                return " ".join(getattr(self.document, name))
            case "applicants":
                return "\n".join(part.text for part in self.document.excerpts if part.field == name)
            case _:
                return "\n".join(part.text for part in self.document.excerpts)

    def _quote(self, rule: Rule, text: str, start: int, end: int) -> Evidence:
        if rule.field != "conditions":
            left, right = quoted_span(text, start, end)
            language = self.document.title_language if rule.field == "title" else ""
            return Evidence(rule.field, _words(text, left, right), left, right, language, rule.id)
        number = bisect_right(self._starts, start) - 1
        begins = self._starts[number]
        return quote(self.document.excerpts[number], start - begins, end - begins, rule.id)

    @cached_property
    def _starts(self) -> list[int]:
        """Where each excerpt begins in the text of the conditions."""
        return [0, *accumulate(len(part.text) + 1 for part in self.document.excerpts)]


def _mentioned(mentions: Sequence[str], lowered: str) -> bool:
    for mention in mentions:  # noqa: SIM110 - called for every rule and call: a generator takes three times as long
        if mention in lowered:
            return True
    return False


def quote(part: Excerpt, start: int, end: int, rule: str = "") -> Evidence:
    """The words of `part` from `start` to `end`, in their sentence."""
    return cite(part, *quoted_span(part.text, start, min(end, len(part.text))), rule)


def cite(part: Excerpt, left: int, right: int, rule: str = "") -> Evidence:
    """The words of `part` from `left` to `right` alone."""
    return Evidence(
        field=part.field,
        words=_words(part.text, left, right),
        start=part.stored(left),
        end=part.stored(right),
        language=part.language,
        rule=rule,
    )


def quoted_span(text: str, start: int, end: int) -> tuple[int, int]:
    """From where to where to quote: from `start` to `end` with as much of the sentence as fits, whole words."""
    spare = max(0, QUOTED - (end - start)) // 2
    left = max(text.rfind(". ", 0, start) + 1, text.rfind("\n", 0, start) + 1, start - spare)
    # The EU portal's export puts footnotes between double brackets.
    stops = [place for place in (text.find(mark, end) for mark in (". ", "\n", "[[")) if place >= 0]
    right = min([*stops, end + spare, len(text)])
    if left == start - spare and left > 0:
        left = text.find(" ", left, start) + 1 or start
    if right == end + spare and right < len(text):
        space = text.rfind(" ", end, right)
        right = space if space >= 0 else right
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, right


def _words(text: str, left: int, right: int) -> str:
    """The words, with marks where the sentence goes on."""
    before = "… " if left > 0 and text[left - 1] == " " and not text[:left].rstrip().endswith(".") else ""
    after = " …" if right < len(text) and text[right] not in ".\n" else ""
    return f"{before}{text[left:right]}{after}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
