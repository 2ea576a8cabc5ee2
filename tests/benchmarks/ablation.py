"""What each part and each constant of the ranking brings: the figures of docs/matching.md.

    FUNDING_HOME=… python tests/benchmarks/ablation.py GOLD.csv

Ranks the calls of the store with some parts only, or with another value of a constant, and measures each ranking as
`funding evaluate` does; last, the interval in which the figures lie when the calls are drawn anew (bootstrap, 95 %).
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from config.clock import clock
from config.settings import load_settings
from matcher import ranking as module
from matcher.documents import to_document
from matcher.evaluation import Figures, measure, read_gold
from matcher.profile import to_profile
from matcher.ranking import GATES, Ranking, rank
from store.calls import find_calls
from store.database import Database

THEME = ("all areas", "best areas", "characters")
WHOLE = (*THEME, "role", "density", "lacks", "gates")
RANKINGS = {
    "sum over areas": ("all areas",),
    "theme only": THEME,
    "role only": ("role",),
    "theme + role": (*THEME, "role"),
    "+ density": (*THEME, "role", "density"),
    "+ lacks": (*THEME, "role", "density", "lacks"),
    "+ gates: as it is": WHOLE,
    **{
        f"as it is, without {part}": tuple(p for p in WHOLE if p != part)
        for part in ("role", "density", "characters")
    },
}


CONSTANTS = {
    "OTHER_LANGUAGE": (1.0, 0.7, 0.2),
    "CHARACTERS": (0.0, 0.5, 1.0),
    "OPENING": (300, 1500),
    "SHORT_TEXT": (0, 30, 300),
    "GATES": tuple(GATES | {next(iter(GATES)): weight} for weight in (-1.0, -6.0)),
}
DRAWS = 1000


class Bench:
    """The labelled calls of a store, each identifier and title once."""

    def __init__(self, gold: Path) -> None:
        settings = load_settings()
        labels = read_gold(gold)
        database = Database(settings.database)
        with database.reading() as session:
            calls = find_calls(session, None, clock())
            self.documents = [to_document(call) for call in calls]
            first: dict[object, int] = {}
            for place, call in enumerate(calls):
                if call.source_key in labels:
                    first.setdefault((tuple(call.identifiers), call.title), place)
            self.places = sorted(first.values())
            self.relevance = np.array([labels[calls[place].source_key].relevance for place in self.places])
        database.close()
        self.profile = to_profile(settings.load_organisation())

    def rank(self) -> Ranking:
        return rank(self.documents, self.profile)

    def measure(self, ranking: Ranking, parts: Sequence[str]) -> Figures:
        return measure(list(self.scores(ranking, parts)), list(self.relevance))

    def scores(self, ranking: Ranking, parts: Sequence[str]) -> np.ndarray:
        return np.asarray(np.sum([ranking.parts[part] for part in parts], axis=0))[self.places]


def row(name: str, figures: Figures) -> str:
    measured = (figures.ndcg_10, figures.p_20, figures.ap, figures.r_15, figures.r3_15)
    return (
        f"| {name} | " + " | ".join("–" if figure is None else f"{figure:.3f}" for figure in measured) + " |"
    )


def bootstrap(scores: np.ndarray, relevance: np.ndarray) -> list[str]:
    """The middle 95 % of AP, nDCG@10 and R@15 % over calls drawn with replacement."""
    draws = np.random.default_rng(1)
    found = []
    for _ in range(DRAWS):
        drawn = draws.integers(0, len(scores), len(scores))
        figures = measure(list(scores[drawn]), list(relevance[drawn]))
        found.append((figures.ap, figures.ndcg_10, figures.r_15))
    low, high = np.percentile(np.array(found, dtype=float), [2.5, 97.5], axis=0)
    names = ("AP", "nDCG@10", "R@15 %")
    return [f"{name} {a:.3f}-{b:.3f}" for name, a, b in zip(names, low, high, strict=True)]


def main(gold: Path) -> None:
    bench = Bench(gold)
    ranking = bench.rank()
    print("| ranking | nDCG@10 | P@20 | AP | R@15 % | R3@15 % |\n|---|---|---|---|---|---|")
    for name, parts in RANKINGS.items():
        print(row(name, bench.measure(ranking, parts)))
    print(", ".join(bootstrap(bench.scores(ranking, WHOLE), bench.relevance)))
    for constant, others in CONSTANTS.items():
        usual = getattr(module, constant)
        for value in others:
            setattr(module, constant, value)
            print(f"{constant} {value}: AP {bench.measure(bench.rank(), WHOLE).ap:.3f}")
        setattr(module, constant, usual)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
