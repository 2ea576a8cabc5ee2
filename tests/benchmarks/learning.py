"""What learning from decisions brings: the figures of docs/matching.md.

    FUNDING_HOME=… python tests/benchmarks/learning.py GOLD.csv [SEEDS]

The labels play the officers: relevance 2 or 3 is relevant. Calls are cut into five parts by the call that they belong
to; decisions are drawn from four of them, and the fifth is ranked by what was learnt. Drawn `at random`, or `as officers
do`: half of them the best of the ranking, half the best ten of weekly lots of 60 new calls. Calls that a rule closes
teach nothing. Columns: average precision over all calls with the part always on; its gain, in 95 % of samples of calls
and seeds; the same as the product does it, which starts only where the decisions themselves prove it; how often it did.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from config.settings import load_settings
from matcher.calibration import Calibration, calibration_error
from matcher.evaluation import find_labelled
from matcher.learning import Outcome, average_precision, to_pool, train
from matcher.learnt_part import LearntPart, Pool
from matcher.matching import meaning_of, model_name
from matcher.measures import RELEVANT
from matcher.profile import to_profile
from matcher.ranking import rank
from matcher.reading import Reader
from matcher.scorers.encoder import load_encoder
from matcher.training import families
from store.database import Database
from store.decisions import Reason, Vote

PARTS = 5
WEEK, DECIDED = 60, 10
DRAWS = 200
SIZES: tuple[int | None, ...] = (50, 200, None)
HOW = ("at random", "as officers do")

Rows = NDArray[np.int_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Bench:
    """The labelled calls by their rows in the pool of all calls, and which of them are relevant."""

    pool: Pool
    families: Sequence[str]
    rows: Rows
    relevant: Rows

    @property
    def scores(self) -> Numbers:
        return np.asarray(self.pool.scores[self.rows])

    def votes(self, chosen: Rows, relevant: Rows) -> list[Vote]:
        return [
            Vote(self.pool.readings[self.rows[one]].call_id, bool(relevant[one]), Reason.NONE, ("TEST",))
            for one in chosen
        ]

    def parts(self, seed: int) -> Rows:
        """The part of each labelled call: brothers in the same one."""
        cuts = GroupKFold(PARTS, shuffle=True, random_state=seed)
        part = np.zeros(len(self.rows), dtype=int)
        families = [self.families[row] for row in self.rows]
        for number, (_, held) in enumerate(cuts.split(self.rows, groups=families)):
            part[held] = number
        return part


def draw(bench: Bench, among: Rows, size: int | None, how: str, chance: np.random.Generator) -> Rows:
    """Which of the labelled calls `among` were decided on."""
    if size is None or size >= len(among):
        return among
    if how == "at random":
        return chance.choice(among, size, replace=False)
    best = among[np.argsort(-bench.scores[among], kind="stable")]
    chosen, later = list(best[: size // 2]), chance.permutation(best[size // 2 :])
    for week in range(0, len(later), WEEK):
        new = later[week : week + WEEK]
        chosen += list(new[np.argsort(-bench.scores[new], kind="stable")][:DECIDED])
    return np.array(chosen[:size])


@dataclass
class Run:
    """One seed: scores with the part always on and as the product does, probabilities, and how often it started."""

    always: Numbers
    product: Numbers
    probabilities: Numbers
    started: list[bool]


def run(bench: Bench, size: int | None, how: str, seed: int) -> Run:
    chance = np.random.default_rng(seed)
    parts = bench.parts(seed)
    done = Run(bench.scores.copy(), bench.scores.copy(), np.full(len(bench.rows), np.nan), [])
    for number in range(PARTS):
        chosen = draw(bench, np.flatnonzero(parts != number), size, how, chance)
        trained = train(bench.pool, bench.families, bench.votes(chosen, bench.relevant), None, None)
        done.started.append(trained.outcome is Outcome.STARTED)
        if not trained.parameters:
            continue
        held, rows = parts == number, bench.rows[parts == number]
        gained = LearntPart(**trained.parameters["part"]).of(bench.pool)[rows]
        done.always[held] += gained
        started = trained.outcome is Outcome.STARTED
        if started:
            done.product[held] += gained
        calibration = trained.parameters["calibration"]["learnt" if started else "unlearnt"]
        if calibration:
            done.probabilities[held] = Calibration.from_json(calibration).probabilities(done.product[held])
    return done


def gains(bench: Bench, scores: Numbers, chance: np.random.Generator) -> list[float]:
    """How much better `scores` are than the unlearnt ones, in samples of the calls."""
    found = []
    for _ in range(DRAWS):
        drawn = chance.integers(0, len(scores), len(scores))
        before = average_precision(bench.scores[drawn], bench.relevant[drawn])
        found.append(average_precision(scores[drawn], bench.relevant[drawn]) - before)
    return found


def line(bench: Bench, size: int | None, how: str, seeds: int) -> str:
    runs = [run(bench, size, how, seed) for seed in range(seeds)]
    chance = np.random.default_rng(1)
    always = [average_precision(one.always, bench.relevant) for one in runs]
    product = [average_precision(one.product, bench.relevant) for one in runs]
    low, high = np.percentile(
        [gain for one in runs for gain in gains(bench, one.always, chance)], [2.5, 97.5]
    )
    started = np.mean([one.started for one in runs])
    return (
        f"| {size or 'all others'} | {how} | {np.mean(always):.3f} ({min(always):.3f}-{max(always):.3f}) "
        f"| {np.mean(always) - average_precision(bench.scores, bench.relevant):+.3f} [{low:+.3f}, {high:+.3f}] "
        f"| {np.mean(product):.3f} | {started:.0%} | {_reliability(bench, runs)} |"
    )


def _reliability(bench: Bench, runs: Sequence[Run]) -> str:
    """Brier score and calibration error on calls that nobody decided on."""
    briers, errors = [], []
    for one in runs:
        told = np.isfinite(one.probabilities)
        if told.any():
            probabilities, relevant = one.probabilities[told], bench.relevant[told]
            briers.append(float(((probabilities - relevant) ** 2).mean()))
            errors.append(calibration_error(probabilities, relevant))
    return f"{np.mean(briers):.3f} | {np.mean(errors):.3f}" if briers else "– | –"


def false_starts(bench: Bench, size: int, seeds: int) -> float:
    """How often learning starts where there is nothing to learn: labels thrown by the unlearnt score alone."""
    odds = Calibration.from_json(_fitted(bench)).probabilities(bench.scores)
    starts = []
    for seed in range(seeds):
        chance = np.random.default_rng(seed)
        thrown = (chance.random(len(odds)) < odds).astype(int)
        chosen = draw(bench, np.arange(len(odds)), size, "as officers do", chance)
        trained = train(bench.pool, bench.families, bench.votes(chosen, thrown), None, None)
        starts.append(trained.outcome is Outcome.STARTED)
    return float(np.mean(starts))


def _fitted(bench: Bench) -> dict[str, object]:
    everyone = bench.votes(np.arange(len(bench.rows)), bench.relevant)
    calibration: dict[str, object] = train(bench.pool, bench.families, everyone, None, None).parameters[
        "calibration"
    ]["unlearnt"]
    return calibration


def main(gold: Path, seeds: int) -> None:
    settings = load_settings()
    database = Database(settings.database)
    sample = find_labelled(database, gold)
    profile = to_profile(settings.load_organisation())
    encoder = load_encoder(settings.encoder).encoder
    readings = [*map(Reader(profile).read_call, sample.calls)]
    meaning = meaning_of(database, readings, profile, encoder)
    with database.reading() as session:
        family_by_call = families(session)
    database.close()
    bench = Bench(
        pool=to_pool(rank(readings, profile, meaning=meaning), meaning, model_name(encoder)),
        families=[family_by_call[call.id or 0] for call in sample.calls],
        rows=np.array(sample.places),
        relevant=np.array([relevance >= RELEVANT for relevance in sample.relevance], dtype=int),
    )
    share = float(bench.relevant.mean())
    print(
        f"{bench.pool.version}; unlearnt AP {average_precision(bench.scores, bench.relevant):.3f}; {seeds} seeds; "
        f"Brier of the share alone {share * (1 - share):.3f}\n"
    )
    print("| decisions | drawn | AP, always on (over seeds) | gain | AP, product | started | Brier | ECE |")
    print("|---|---|---|---|---|---|---|---|")
    for size in SIZES:
        for how in HOW if size else HOW[:1]:
            print(line(bench, size, how, seeds), flush=True)
    for size in (50, 200, 500):
        print(
            f"nothing to learn, {size} decisions: started {false_starts(bench, size, 4 * seeds):.0%}",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5)
