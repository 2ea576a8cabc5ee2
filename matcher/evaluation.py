"""How good a ranking is against labels: the measures of docs/matching.md."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlmodel import col, select

from config.errors import ConfigurationError
from config.organisation import Organisation
from matcher.documents import to_document
from matcher.profile import to_profile
from matcher.ranking import rank
from store.database import Database
from store.models import Call

RELEVANCE = {"0": 0, "1": 1, "2": 2, "3": 3}
RELEVANT, CORE = 2, 3
SHARE = 0.15
"""The part of the ranking that R@15 % and R3@15 % look at: what officers can skim in a week."""


@dataclass(frozen=True)
class Label:
    """One row of a gold file: how relevant a call is, 0 to 3."""

    reference: str
    relevance: int
    eligibility: str


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


def read_gold(path: Path) -> dict[str, Label]:
    """The labels of a CSV file with `reference`, `relevance` and, if there is one, `eligibility`, by reference.

    Raises ConfigurationError, which names file and line.
    """
    labels: dict[str, Label] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets put a byte order mark first
            rows = csv.DictReader(file)
            for row in rows:
                try:
                    label = Label(row["reference"], RELEVANCE[row["relevance"]], row.get("eligibility") or "")
                except KeyError as error:
                    raise ConfigurationError(
                        f"{path}, line {rows.line_num}: expected the columns reference and relevance (0 to 3)"
                    ) from error
                labels[label.reference] = label
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    return labels


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
        ap=_average_precision(hits),
        r_15=float((first >= RELEVANT).sum() / hits.sum()) if hits.any() else None,
        r3_15=float((first == CORE).sum() / core) if core else None,
    )


def _ndcg(ranked: NDArray[np.int_], depth: int) -> float | None:
    gains = 2.0**ranked - 1
    discounts = 1 / np.log2(np.arange(2, len(gains[:depth]) + 2))
    ideal = float((np.sort(gains)[::-1][:depth] * discounts).sum())
    return float((gains[:depth] * discounts).sum()) / ideal if ideal else None


def _average_precision(hits: NDArray[np.bool_]) -> float | None:
    if not hits.any():
        return None
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())


def evaluate_store(database: Database, organisation: Organisation, gold: Path) -> tuple[Figures, int]:
    """Rank the store's calls and measure them against a gold file; also how many labels found no call.

    Calls that share identifier and title count once. Raises ConfigurationError when no label fits a call.
    """
    labels = read_gold(gold)
    with database.reading() as session:
        calls = session.exec(select(Call).order_by(col(Call.id))).all()
    ranking = rank([to_document(call) for call in calls], to_profile(organisation))
    scores, relevance, seen, found = [], [], set(), 0
    for call, score in zip(calls, ranking.scores, strict=True):
        label = labels.get(call.source_key)
        if label is None:
            continue
        found += 1
        key = (tuple(call.identifiers), call.title)
        if key not in seen:
            seen.add(key)
            scores.append(float(score))
            relevance.append(label.relevance)
    if not found:
        raise ConfigurationError(
            f"{gold}: none of its {len(labels)} references is a call in the store; crawl first"
        )
    return measure(scores, relevance), len(labels) - found
