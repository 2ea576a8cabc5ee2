"""What a ranking is worth against labels: the measures of docs/matching.md, with how sure they are."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

RELEVANT, CORE = 2, 3
SHARE = 0.15
"""The part of the ranking that R@15 % and R3@15 % look at: what officers can skim in a week."""
ROUNDS = 1_000
"""Samples that an interval is taken from."""
SEED = 20260822

Interval = tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """All between 0 and 1; None where the labels hold nothing to measure."""

    calls: int
    relevant: int
    ndcg_10: float | None
    ndcg_20: float | None
    p_20: float | None
    ap: float | None
    r_15: float | None
    r3_15: float | None

    def as_json(self) -> dict[str, float | None]:
        return asdict(self)


MEASURES = ("ndcg_10", "ndcg_20", "p_20", "ap", "r_15", "r3_15")


def measure(scores: Sequence[float], relevance: Sequence[int]) -> Figures:
    """The figures of a ranking: `scores` and `relevance` of the same calls, equal scores in their given order."""
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")
    ranked = np.asarray(relevance, dtype=int)[order]
    hits = ranked >= RELEVANT
    first = ranked[: int(np.ceil(SHARE * len(ranked)))]
    core = int((ranked == CORE).sum())
    return Figures(
        calls=len(ranked),
        relevant=int(hits.sum()),
        ndcg_10=_ndcg(ranked, 10),
        ndcg_20=_ndcg(ranked, 20),
        p_20=float(hits[:20].mean()) if len(hits) else None,
        ap=average_precision(hits),
        r_15=float((first >= RELEVANT).sum() / hits.sum()) if hits.any() else None,
        r3_15=float((first == CORE).sum() / core) if core else None,
    )


def _ndcg(ranked: NDArray[np.int_], depth: int) -> float | None:
    gains = 2.0**ranked - 1
    discounts = 1 / np.log2(np.arange(2, len(gains[:depth]) + 2))
    ideal = float((np.sort(gains)[::-1][:depth] * discounts).sum())
    return float((gains[:depth] * discounts).sum()) / ideal if ideal else None


def average_precision(hits: NDArray[np.bool_]) -> float | None:
    """Of a ranking, best first, in which `hits` are the relevant ones; None where nothing is."""
    if not hits.any():
        return None
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def intervals(scores: Sequence[float], relevance: Sequence[int], rounds: int = ROUNDS) -> dict[str, Interval]:
    """Between what 95 % of samples of these calls, drawn with replacement, have each measure (bootstrap)."""
    draw = np.random.default_rng(SEED)
    values, labels = np.asarray(scores, dtype=float), np.asarray(relevance, dtype=int)
    found: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _ in range(rounds if len(labels) else 0):
        drawn = draw.integers(0, len(labels), len(labels))
        figures = measure(list(values[drawn]), list(labels[drawn])).as_json()
        for name in MEASURES:
            if (figure := figures[name]) is not None:
                found[name].append(figure)
    return {
        name: (float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975)))
        for name, values in found.items()
        if values
    }


def by_group(
    scores: Sequence[float], relevance: Sequence[int], groups: Sequence[str]
) -> Mapping[str, Figures]:
    """The figures of each group by itself, the largest first; a ranking may be good of one language alone."""
    members: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    ordered = sorted(members.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return {
        group: measure([scores[n] for n in numbers], [relevance[n] for n in numbers])
        for group, numbers in ordered
    }
