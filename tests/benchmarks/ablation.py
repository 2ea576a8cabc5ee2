"""What each part and each constant of the ranking brings: the figures of docs/matching.md.

    FUNDING_HOME=… python tests/benchmarks/ablation.py GOLD.csv [TITLES.tsv]

Ranks the calls of the store with some parts only, with another value of a constant, with the profile in one language
alone, and without the encoder, and measures each ranking as `funding evaluate` does. With a file of translated titles
(identifier, en, ca, es, fr): how far up each title finds the text of its call, from which the title is taken out.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from config.clock import clock
from config.organisation import LANGUAGES, Language
from config.settings import load_settings
from matcher import fusion, ranking, reading
from matcher.documents import to_document
from matcher.evaluation import read_gold
from matcher.fusion import Meaning, read_meaning, standardised
from matcher.measures import RELEVANT, Figures, Interval, intervals, measure
from matcher.passages import split
from matcher.profile import Profile, to_profile
from matcher.ranking import GATES, Ranking, rank
from matcher.reading import Reader, Reading
from matcher.scorers.encoder import load_encoder
from matcher.scorers.encoder_tiers import Vectors
from matcher.scorers.tfidf import Scores, TfidfIndex
from matcher.vectors import Kind, encode_all
from store.calls import find_calls
from store.database import Database

CONSTANTS = (
    (fusion, "NEAREST", (1, 5)),
    (fusion, "STRANGERS", (0.5, 10)),
    (ranking, "CHARACTERS", (0.0, 0.5)),
    (reading, "SHORT_TEXT", (30, 300)),
    (ranking, "GATES", (dict.fromkeys(GATES, 0.0), {verdict: gate / 4 for verdict, gate in GATES.items()})),
)
PARTS = 3
"""Passages of a call that a title is looked for in."""
CHARACTERS = (0.0, 0.1, 0.2, 0.3)


class Bench:
    """The labelled calls of a store, each identifier and title once."""

    def __init__(self, gold: Path) -> None:
        settings = load_settings()
        labels = read_gold(gold)
        self.database = Database(settings.database)
        self.encoder = load_encoder(settings.encoder).encoder
        with self.database.reading() as session:
            self.calls = find_calls(session, None, clock())
            self.documents = [to_document(call) for call in self.calls]
            session.expunge_all()
        first: dict[object, int] = {}
        for place, call in enumerate(self.calls):
            if call.source_key in labels:
                first.setdefault((tuple(call.identifiers), call.title), place)
        self.places = sorted(first.values())
        self.labels = [labels[self.calls[place].source_key] for place in self.places]
        self.relevance = [label.relevance for label in self.labels]
        self.profile = to_profile(settings.load_organisation())

    def read(self, profile: Profile) -> list[Reading]:
        return [*map(Reader(profile).read, self.documents)]

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        assert self.encoder is not None
        return encode_all(self.database, self.encoder, texts, kind=kind)

    def meaning(self, profile: Profile) -> Meaning | None:
        return read_meaning(self.read(profile), profile, self.encode) if self.encoder else None

    def rank(self, profile: Profile, meaning: Meaning | None) -> Ranking:
        return rank(self.read(profile), profile, meaning=meaning)

    def labelled(self, scores: Scores) -> list[float]:
        return [float(score) for score in scores[self.places]]

    def measure(self, scores: Scores) -> Figures:
        return measure(self.labelled(scores), self.relevance)

    def areas_right(self, ranking_: Ranking) -> float:
        """The share of the relevant calls for which one labelled area is among the two strongest."""
        strongest = np.argsort(-ranking_.area_strength, axis=0)[:2]
        hits = [
            any(ranking_.area_ids[area] in label.areas for area in strongest[:, place])
            for place, label in zip(self.places, self.labels, strict=True)
            if label.relevance >= RELEVANT and label.areas
        ]
        return float(np.mean(hits))


def in_one_language(profile: Profile, language: Language) -> Profile:
    """A profile that was written in `language` alone, without the summaries of projects, which are in English."""

    def alone(texts: dict[Language, str]) -> dict[Language, str]:
        return {other: texts[other] if other == language else "" for other in LANGUAGES}

    others = [other for other in LANGUAGES if other != language]
    roles = tuple(
        role.model_copy(
            update={
                "words": role.words.model_copy(update=dict.fromkeys(others, ())),
                "description": role.description
                and role.description.model_copy(update=dict.fromkeys(others, "")),
            }
        )
        for role in profile.roles
    )
    return replace(
        profile,
        themes=tuple(replace(theme, queries=alone(theme.queries)) for theme in profile.themes),
        roles=roles,
        lacks=alone(profile.lacks),
        others=tuple(alone(other) for other in profile.others),
        projects=(),
    )


def row(name: str, figures: Figures) -> str:
    measured = (figures.ndcg_10, figures.p_20, figures.ap, figures.r_15, figures.r3_15)
    return f"| {name} | " + " | ".join("–" if value is None else f"{value:.3f}" for value in measured) + " |"


def interval_row(found: dict[str, Interval]) -> str:
    names = ("ndcg_10", "p_20", "ap", "r_15", "r3_15")
    return "| 95 % | " + " | ".join(f"{found[name][0]:.3f}–{found[name][1]:.3f}" for name in names) + " |"


def print_parts(bench: Bench, meaning: Meaning | None) -> None:
    whole = bench.rank(bench.profile, meaning)
    print(row("as it is", bench.measure(whole.scores)))
    print(interval_row(dict(intervals(bench.labelled(whole.scores), bench.relevance))))
    for part, scores in whole.parts.items():
        print(row(f"without {part}", bench.measure(whole.scores - scores)))
        print(row(f"{part} alone", bench.measure(scores)))
    print(f"areas: {bench.areas_right(whole):.3f}")


def print_constants(bench: Bench, meaning: Meaning | None) -> None:
    for module, name, values in CONSTANTS:
        usual = getattr(module, name)
        for value in values:
            setattr(module, name, value)
            print(row(f"{name} {value}", bench.measure(bench.rank(bench.profile, meaning).scores)))
        setattr(module, name, usual)


def print_profiles(bench: Bench) -> None:
    for language in LANGUAGES:
        profile = in_one_language(bench.profile, language)
        found = bench.rank(profile, bench.meaning(profile))
        print(row(f"profile in {language} alone", bench.measure(found.scores)))
    for number in range(len(bench.profile.others)):
        others = bench.profile.others[:number] + bench.profile.others[number + 1 :]
        profile = replace(bench.profile, others=others)
        found = bench.rank(profile, bench.meaning(profile))
        print(row(f"without other {number + 1}", bench.measure(found.scores)))


def print_titles(bench: Bench, titles: Path) -> None:
    """Mean nDCG@10 of one right call a title, among all different calls, for several weights of characters."""
    chosen = {
        (call.call_identifier, tuple(call.identifiers), call.title): n for n, call in enumerate(bench.calls)
    }
    places = sorted(chosen.values())
    bodies = [bench.documents[n].body.replace(bench.documents[n].title, " ") for n in places]
    parts = [split(body, PARTS)[:PARTS] for body in bodies]
    owners = np.repeat(np.arange(len(parts)), [len(some) for some in parts])
    vectors = bench.encode([part for some in parts for part in some], "passage")
    characters = TfidfIndex(bodies)
    with titles.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    right = [
        [place for place, n in enumerate(places) if bench.documents[n].identifier == asked["identifier"]]
        for asked in rows
    ]
    written = np.array([bool(some) for some in parts])
    for language in ("en", "ca", "es", "fr"):
        asked = [entry[language] for entry in rows]
        similar = np.full((len(asked), len(parts)), -1.0)
        np.maximum.at(similar.T, owners, (bench.encode(asked, "query") @ vectors.T).T)
        spelt = characters.scores(asked)
        told = []
        for weight in CHARACTERS:
            gains = []
            for number, places_right in enumerate(right):
                scores = np.full(len(parts), -np.inf)
                scores[written] = standardised(similar[number][written]) + weight * standardised(
                    spelt[number][written]
                )
                position = 1 + int((scores > max(scores[place] for place in places_right)).sum())
                gains.append(1 / np.log2(1 + position) if position <= 10 else 0.0)
            told.append(f"{weight}: {np.mean(gains):.3f}")
        print(f"titles in {language}, by weight of characters: " + ", ".join(told))


def main(gold: Path, titles: Path | None = None) -> None:
    bench = Bench(gold)
    meaning = bench.meaning(bench.profile)
    for name, known in ((bench.encoder.name if bench.encoder else "", meaning), ("none", None)):
        if name:
            print(f"\n| {name} | nDCG@10 | P@20 | AP | R@15 % | R3@15 % |\n|---|---|---|---|---|---|")
            print_parts(bench, known)
            print_constants(bench, known)
    print_profiles(bench)
    if titles is not None and bench.encoder is not None:
        print_titles(bench, titles)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
