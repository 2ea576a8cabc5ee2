"""Words of a call marked at their place in its text: HTML that, without its tags, is the text and nothing else."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from markupsafe import Markup, escape

MOST = 500
"""Terms marked in one text: where there are more of them, marks no longer point anything out."""
LONGEST = 200
"""Characters of a term that is looked for."""


@dataclass(frozen=True)
class Mark:
    """The characters of a text from `start` to `end`, and why they are marked: a rule quotes them, or a profile's term
    stands there. `anchor` is what the place is called in the page, and `note` what is said of it.
    """

    start: int
    end: int
    kind: Literal["rule", "term"]
    anchor: str = ""
    note: str = ""


def marked_lines(text: str, marks: Iterable[Mark]) -> list[Markup]:
    """`text` line by line, with `marks`; those that reach beyond it are left out.

    No mark stands in another one: what a rule quotes comes first, and of two of a kind the one that begins first.
    """
    lines: list[list[Markup]] = [[]]
    for part, mark in _parts(text, apart(marks, len(text))):
        anchor = mark.anchor if mark else ""
        for number, line in enumerate(part.split("\n")):
            if number:
                lines.append([])
            if line:
                lines[-1].append(_piece(line, mark, anchor) if mark else escape(line))
                anchor = ""  # a page has one place of a name
    return [Markup().join(pieces) for pieces in lines]


def apart(marks: Iterable[Mark], length: int) -> list[Mark]:
    """Those of `marks` that fit into a text of `length` beside each other, in its order."""
    fitting = [mark for mark in marks if 0 <= mark.start < mark.end <= length]
    rules = _successive(mark for mark in fitting if mark.kind == "rule")
    terms = _successive(mark for mark in fitting if mark.kind == "term")
    return sorted([*rules, *_beside(terms, rules)], key=lambda mark: mark.start)


def term_marks(text: str, terms: Iterable[str]) -> list[Mark]:
    """Where `terms` stand in `text` as whole words, however its words are spaced, at most `MOST` times."""
    known = {" ".join(term.split()) for term in terms if len(term) <= LONGEST} - {""}
    if not known:
        return []
    longest_first = sorted(known, key=lambda term: (-len(term), term))
    alternatives = "|".join(r"\s+".join(map(re.escape, term.split())) for term in longest_first)
    pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)
    return [Mark(found.start(), found.end(), "term") for found in islice(pattern.finditer(text), MOST)]


def evidence_marks(
    evidence: Sequence[Mapping[str, Any]],
    field: str,
    language: str,
    text: str,
    notes: Mapping[str, str],
) -> list[Mark]:
    """The places of `evidence` (`store.models.Match`) in the text of `field` in `language`.

    What stands there must be what was quoted: a call may have changed since it was matched. `notes`: by rule.
    """
    return [
        Mark(one["start"], one["end"], "rule", anchor_of(number), notes.get(one.get("rule", ""), ""))
        for number, one in enumerate(evidence, start=1)
        if one["field"] == field and one.get("language", "") == language and _stands(text, one)
    ]


def anchor_of(number: int) -> str:
    """What the place of the `number`th quotation is called in the page."""
    return f"evidence-{number}"


def _stands(text: str, one: Mapping[str, Any]) -> bool:
    start, end = one.get("start"), one.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return False
    # A quotation parts sentences that an export ran together, so that only its spaces differ from the text.
    there = "".join(text[start:end].split())
    return bool(there) and there in "".join(str(one["words"]).split())


def _successive(marks: Iterable[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def _beside(marks: Iterable[Mark], taken: Sequence[Mark]) -> Iterator[Mark]:
    """Those of `marks` that touch none of `taken`, both in the order of the text."""
    ahead = iter(taken)
    next_taken = next(ahead, None)
    for mark in marks:
        while next_taken is not None and next_taken.end <= mark.start:
            next_taken = next(ahead, None)
        if next_taken is None or mark.end <= next_taken.start:
            yield mark


def _parts(text: str, marks: Iterable[Mark]) -> Iterator[tuple[str, Mark | None]]:
    place = 0
    for mark in marks:
        yield text[place : mark.start], None
        yield text[mark.start : mark.end], mark
        place = mark.end
    yield text[place:], None


def _piece(words: str, mark: Mark, anchor: str) -> Markup:
    if mark.kind == "term":
        return Markup("<mark>{}</mark>").format(words)
    named = Markup(' id="{}"').format(anchor) if anchor else Markup()
    # The words lead back to what is said of them.
    return Markup('<mark class="rule"{}><a href="#eligibility" title="{}">{}</a></mark>').format(
        named, mark.note, words
    )
