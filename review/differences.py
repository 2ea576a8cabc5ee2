"""What is different between two wordings: word by word, with a few words around each change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import Indel

AROUND = 12
"""Words shown on either side of a change."""
LEAST = 3
"""Unchanged words between two changes that are shown as such: fewer are read faster as part of the change."""
MOST = 8_000
"""Words of a text that are compared: the work grows with the product of both lengths, some 10 ms at this one."""
SHOWN = 20_000
"""Characters of all that is shown of one pair."""

Kind = Literal["same", "gone", "come", "skipped"]


@dataclass(frozen=True)
class Piece:
    """Words that both texts have, that one of them has, or (`skipped`, without text) that are not shown; a space parts
    it from the next one.
    """

    kind: Kind
    text: str = ""


@dataclass(frozen=True)
class Difference:
    """`whole` is False where texts are too long to be compared or shown to their end."""

    pieces: tuple[Piece, ...]
    whole: bool = True


def difference(before: str, after: str) -> Difference:
    """What `after` says otherwise than `before`; how their words are spaced makes no difference."""
    old, new = before.split(), after.split()
    pieces = _shortened(_joined(_compared(old[:MOST], new[:MOST])))
    cut = list(_within(pieces, SHOWN))
    whole = max(len(old), len(new)) <= MOST and len(cut) == len(pieces) and cut[-1:] == pieces[-1:]
    return Difference(tuple(cut), whole)


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """A run of words each; between two changes, fewer than `LEAST` unchanged words count as changed."""
    steps = Indel.opcodes(old, new)
    last = len(steps) - 1
    for number, step in enumerate(steps):
        gone = " ".join(old[step.src_start : step.src_end])
        come = " ".join(new[step.dest_start : step.dest_end])
        inner = 0 < number < last
        if step.tag == "equal" and not (inner and step.src_end - step.src_start < LEAST):
            yield Piece("same", come)
        else:
            yield Piece("gone", gone)
            yield Piece("come", come)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """What stands between two unchanged runs as one piece that is gone and one that has come."""
    for unchanged, run in groupby(pieces, lambda piece: piece.kind == "same"):
        those = list(run)
        kinds: tuple[Kind, ...] = ("same",) if unchanged else ("gone", "come")
        for kind in kinds:
            text = " ".join(piece.text for piece in those if piece.kind == kind and piece.text)
            if text:
                yield Piece(kind, text)


def _shortened(pieces: Iterable[Piece]) -> list[Piece]:
    """Without what is far from any change; nothing where there is none."""
    those = list(pieces)
    if all(piece.kind == "same" for piece in those):
        return []
    return [
        part
        for number, piece in enumerate(those)
        for part in (
            _ends(piece.text, number > 0, number < len(those) - 1) if piece.kind == "same" else [piece]
        )
    ]


def _ends(text: str, after_a_change: bool, before_a_change: bool) -> Iterator[Piece]:
    words = text.split()
    if len(words) <= AROUND * (after_a_change + before_a_change):
        yield Piece("same", text)
        return
    if after_a_change:
        yield Piece("same", " ".join(words[:AROUND]))
    yield Piece("skipped")
    if before_a_change:
        yield Piece("same", " ".join(words[-AROUND:]))


def _within(pieces: Iterable[Piece], characters: int) -> Iterator[Piece]:
    left = characters
    for piece in pieces:
        if left <= 0:
            return
        yield piece if len(piece.text) <= left else Piece(piece.kind, piece.text[:left])
        left -= len(piece.text)
