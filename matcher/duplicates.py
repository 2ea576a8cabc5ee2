"""Calls with the same text but for names, places and years: sibling topics, calls that are published again.

Measured on the recordings: docs/matching.md.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np

SAME = 0.8
"""The share of their word sequences that two texts have in common to be the same: there, a pair reads as one text with
other names; from 0.7 down, pairs are about different things."""
SEQUENCE = 4
"""Words of a sequence."""
LEAST = 30
"""Sequences that a text needs: shorter ones are alike without being the same ("see the call document")."""
SHARED = 1 / 3
"""The share of its sentences that a text has word by word in common with one that is the same."""
COMMON = 50
"""Texts that share a sentence and are not the same: after so many it is a formula, and leads to no other text."""
LONGEST = 40_000
"""Characters of a text that are compared."""
KEPT = 4_096
"""Texts whose word sequences are kept: what is compared again is compared soon."""

_SENTENCE = re.compile(r"[^\s.;:!?•][^.;:!?•\n]{19,}")
"""From twenty characters on."""
_WORD = re.compile(r"\w+")
_HASH = np.dtype("<i8")


def sentences_of(text: str) -> bytes:
    """The different sentences of a text as numbers of 8 bytes, least first: what `group` looks for candidates by."""
    found = {sentence.encode("utf-8", "surrogatepass") for sentence in _SENTENCE.findall(text[:LONGEST])}
    hashes = [hashlib.blake2b(sentence, digest_size=_HASH.itemsize).digest() for sentence in found]
    return np.sort(np.frombuffer(b"".join(hashes), _HASH)).tobytes()


def group(
    sentences: Sequence[bytes], text_of: Callable[[int], str], order: Iterable[int]
) -> list[int | None]:
    """For each text, which one stands for all that are the same: the first of them in `order`; None for one alone.

    Every text of a group is the same as the one that stands for it, so that no chain leads from one theme to another.
    Time grows with the number of texts, not with its square: a text is compared with those few that share its rarest
    sentences. `text_of` is asked for those alone.
    """
    known = _Sentences(sentences)

    @lru_cache(KEPT)
    def sequences(number: int) -> frozenset[int]:
        words = _WORD.findall(text_of(number)[:LONGEST].lower())
        return frozenset(map(hash, zip(*(words[start:] for start in range(SEQUENCE)), strict=False)))

    stands_for: list[int | None] = [None] * len(sentences)
    leaders: defaultdict[int, list[int]] = defaultdict(list)
    for number in map(int, order):
        rare = known.rarest(number)
        found = Counter(
            one for sentence in rare if len(leaders[sentence]) <= COMMON for one in leaders[sentence]
        )
        near = [
            (_likeness(sequences(number), sequences(leader)), -leader)
            for leader in found
            if known.share_enough(number, leader)
        ]
        likeness, leader = max(near, default=(0.0, 0))
        if likeness >= SAME:
            stands_for[number] = stands_for[-leader] = -leader
        else:
            for sentence in rare:
                leaders[sentence].append(number)
    return stands_for


class _Sentences:
    """Which sentences the texts have, as numbers, each text's rarest first; those of one text alone are only counted."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        found = [np.frombuffer(text, _HASH) for text in texts]
        self._counts = np.array([len(one) for one in found], dtype=int)
        owner = np.repeat(np.arange(len(texts)), self._counts)
        _, sentence, times = np.unique(
            np.concatenate([*found, np.empty(0, _HASH)]), return_inverse=True, return_counts=True
        )
        frequency = times[sentence]
        order = np.lexsort((sentence, frequency, owner))
        shared = frequency[order] > 1
        # Without its first ones, a text has too few left to share enough of them.
        place = np.arange(len(order)) - np.repeat(np.cumsum(self._counts) - self._counts, self._counts)
        first = place < np.repeat(self._counts - (self._counts * SHARED).astype(int), self._counts)
        self._all = self._by_text(sentence[order], owner[order], shared)
        self._first = self._by_text(sentence[order], owner[order], shared & first)

    def _by_text(self, sentence: np.ndarray, owner: np.ndarray, wanted: np.ndarray) -> list[np.ndarray]:
        ends = np.cumsum(np.bincount(owner[wanted], minlength=len(self._counts)))
        return np.split(sentence[wanted], ends[:-1]) if len(ends) else []

    def rarest(self, number: int) -> list[int]:
        """Of those that other texts have too, so many that one that is the same has at least one of them."""
        return [int(sentence) for sentence in self._first[number]]

    def share_enough(self, one: int, other: int) -> bool:
        common = len(np.intersect1d(self._all[one], self._all[other], assume_unique=True))
        return bool(common >= SHARED * max(self._counts[one], self._counts[other]))


def _likeness(one: frozenset[int], other: frozenset[int]) -> float:
    fewer, more = sorted((len(one), len(other)))
    if fewer < LEAST or fewer < SAME * more:
        return 0.0
    common = len(one & other)
    return common / (fewer + more - common)
