"""Made-up rankings to learn from, with a taste that the unlearnt score does not know."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Eligibility, Verdict
from matcher.learnt_part import Pool
from matcher.reading import Reading
from matcher.scorers.words import WordCounts

PROGRAMMES = ("LIFE", "Euratom", "Interreg")
THEMES = ("heat pumps for housing", "grid hardware for substations", "bus lanes in cities")
SIZE = 12


def made_up_reading(call_id: int, title: str, **facts: Any) -> Reading:
    """What is learnt from of a call: its kind, its title and its opening."""
    return Reading(
        call_id=call_id,
        title=title,
        opening=facts.pop("opening", f"{title}. "),
        has_text=True,
        language="en",
        words=WordCounts(),
        role_density=0.0,
        ruled=Eligibility(Verdict.UNKNOWN),
        **facts,
    )


def made_up(count: int, seed: int = 1, taste: float = 3.0) -> tuple[Pool, NDArray[np.int_]]:
    """A pool of `count` calls and whether officers want each.

    The odds rise with the unlearnt score, and with `taste` for the first theme and programme, against the second.
    """
    chance = np.random.default_rng(seed)
    theme, programme = chance.integers(0, 3, count), chance.integers(0, 3, count)
    middle = np.random.default_rng(0).normal(size=(3, SIZE))
    vectors = middle[theme] + 0.7 * chance.normal(size=(count, SIZE)) + 5
    scores = 4 * chance.normal(size=count)
    liking = np.array([1.0, -1.0, 0.0])
    odds = scores / 4 - 0.5 + taste * (liking[theme] + 0.5 * liking[programme])
    readings = [
        made_up_reading(
            call_id=number + 1,
            type_of_action="Test action",
            title=(title := f"Made-up call {number} on {THEMES[theme[number]]}"),
            opening=f"{title}. Made-up text number {number} about {THEMES[theme[number]]}.",
            kind="call",
            programme=PROGRAMMES[programme[number]],
        )
        for number in range(count)
    ]
    pool = Pool(
        version="made up",
        readings=readings,
        scores=scores,
        closed=np.zeros(count, dtype=bool),
        figures={"figure": chance.normal(size=count)},
        vectors=np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32),
    )
    return pool, (chance.random(count) < 1 / (1 + np.exp(-odds))).astype(int)
