"""How good the ranking of a store is against a file of labels: whole, by group, and beside other rankings."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from config.errors import ConfigurationError
from config.organisation import Organisation
from matcher.documents import to_document
from matcher.eligibility import Verdict
from matcher.explanation import explain_all
from matcher.language import identify
from matcher.matching import meaning_of, model_name
from matcher.measures import RELEVANT, Figures, Interval, by_group, intervals, measure
from matcher.profile import to_profile
from matcher.ranking import Ranking, rank
from matcher.reading import Reader
from matcher.scorers.encoder import Encoder
from store.database import Database
from store.matches import matches_of
from store.models import Call
from store.same_calls import faces

RELEVANCE = {"0": 0, "1": 1, "2": 2, "3": 3}
NAMED_AREAS = 2
"""How many areas of a call are compared with its labels: those that a reader looks at."""


@dataclass(frozen=True)
class Label:
    """One row of a gold file: how relevant a call is, 0 to 3, whether it is open, and its areas."""

    reference: str
    relevance: int
    eligibility: str = ""
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """The labelled calls of a store, each once, and where each stands among all `calls`."""

    calls: Sequence[Call]
    places: Sequence[int]
    labels: Sequence[Label]
    missing: int

    @property
    def relevance(self) -> list[int]:
        return [label.relevance for label in self.labels]

    def groups(self, by: str) -> list[str]:
        """What each labelled call is counted under: its language, programme or kind."""
        return [self._group(by, place) for place in self.places]

    def _group(self, by: str, place: int) -> str:
        match by:
            case "language":
                return identify(to_document(self.calls[place]).text)
            case "programme":
                return self.calls[place].programme or "not stated"
            case _:
                return self.calls[place].kind


GROUPS = ("language", "programme", "kind")


@dataclass(frozen=True)
class Closed:
    """How right the verdict `not_open` is, unique calls: given, given rightly, labelled so, and given to relevant ones."""

    given: int
    right: int
    labelled: int
    relevant_hidden: int


@dataclass(frozen=True)
class Evaluated:
    """One ranking against the labels. `areas`: share of relevant calls of which one labelled area is among the first two."""

    name: str
    model: str
    figures: Figures
    intervals: Mapping[str, Interval]
    groups: Mapping[str, Mapping[str, Figures]]
    areas: float | None = None
    closed: Closed | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Evaluation:
    """Rankings of the same labelled calls, side by side; `missing` labels found no call in the store."""

    rankings: Sequence[Evaluated]
    missing: int


def read_gold(path: Path) -> dict[str, Label]:
    """The labels of a CSV file with `reference`, `relevance` and, if there is one, `eligibility` and `areas`.

    Raises ConfigurationError, which names file and line.
    """
    labels: dict[str, Label] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # spreadsheets put a byte order mark first
            rows = csv.DictReader(file)
            for row in rows:
                try:
                    areas = filter(None, (row.get("areas") or "").split(";"))
                    label = Label(
                        row["reference"],
                        RELEVANCE[row["relevance"]],
                        row.get("eligibility") or "",
                        tuple(area.strip() for area in areas),
                    )
                except KeyError as error:
                    raise ConfigurationError(
                        f"{path}, line {rows.line_num}: expected the columns reference and relevance (0 to 3)"
                    ) from error
                labels[label.reference] = label
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error
    return labels


def evaluate_store(
    database: Database, organisation: Organisation, gold: Path, encoder: Encoder | None = None
) -> tuple[Figures, int]:
    """The figures of the ranking as it would be now, and how many labels found no call.

    Raises ConfigurationError when no label fits a call.
    """
    sample = find_labelled(database, gold)
    ranking = _rank(database, organisation, sample, encoder)
    scores = [float(ranking.scores[place]) for place in sample.places]
    return measure(scores, sample.relevance), sample.missing


def evaluate(
    database: Database, organisation: Organisation, gold: Path, encoders: Mapping[str, Encoder | None]
) -> Evaluation:
    """Measure the ranking with each of `encoders` (by the name of its tier), and the one that stands in the store.

    Raises ConfigurationError when no label fits a call.
    """
    sample = find_labelled(database, gold)
    rankings = [
        _evaluated(database, organisation, sample, name, encoder) for name, encoder in encoders.items()
    ]
    kept = _kept(database, organisation, sample)
    return Evaluation((*rankings, *([kept] if kept else [])), sample.missing)


def find_labelled(database: Database, gold: Path) -> Sample:
    """The calls of the store that have a label; those that share identifier and title count once."""
    labels = read_gold(gold)
    with database.reading() as session:
        copies = faces(session).keys()
        calls = [call for call in session.exec(select(Call).order_by(col(Call.id))) if call.id not in copies]
        session.expunge_all()
    places, found, seen = [], 0, set()
    for place, call in enumerate(calls):
        if call.source_key not in labels:
            continue
        found += 1
        key = (tuple(call.identifiers), call.title)
        if key not in seen:
            seen.add(key)
            places.append(place)
    if not found:
        raise ConfigurationError(
            f"{gold}: none of its {len(labels)} references is a call in the store; crawl first"
        )
    chosen = [labels[calls[place].source_key] for place in places]
    return Sample(calls, places, chosen, len(labels) - found)


def _evaluated(
    database: Database, organisation: Organisation, sample: Sample, name: str, encoder: Encoder | None
) -> Evaluated:
    ranking = _rank(database, organisation, sample, encoder)
    return _measured(
        name,
        model_name(encoder),
        sample,
        [float(ranking.scores[place]) for place in sample.places],
        areas=_areas_right(organisation, sample, ranking),
        closed=_closed(sample, [ranking.eligibility[place].verdict for place in sample.places]),
    )


def _rank(database: Database, organisation: Organisation, sample: Sample, encoder: Encoder | None) -> Ranking:
    profile = to_profile(organisation)
    readings = [*map(Reader(profile).read_call, sample.calls)]
    meaning = meaning_of(database, readings, profile, encoder)
    return rank(readings, profile, meaning=meaning)


def _kept(database: Database, organisation: Organisation, sample: Sample) -> Evaluated | None:
    """The ranking that `funding match` left in the store, with what it had learnt; None when it ranked other calls."""
    with database.reading() as session:
        matches = {match.call_id: match for match in matches_of(session, organisation.key)}
        session.expunge_all()
    chosen = [matches.get(sample.calls[place].id or 0) for place in sample.places]
    ranked = [match for match in chosen if match is not None]
    if len(ranked) < len(chosen):
        return None
    return _measured(
        "as matched",
        ranked[0].model,
        sample,
        [match.score for match in ranked],
        closed=_closed(sample, [match.verdict for match in ranked]),
    )


def _measured(
    name: str,
    model: str,
    sample: Sample,
    scores: list[float],
    *,
    areas: float | None = None,
    closed: Closed | None = None,
) -> Evaluated:
    return Evaluated(
        name=name,
        model=model,
        figures=measure(scores, sample.relevance),
        intervals=intervals(scores, sample.relevance),
        groups={group: by_group(scores, sample.relevance, sample.groups(group)) for group in GROUPS},
        areas=areas,
        closed=closed,
    )


def _areas_right(organisation: Organisation, sample: Sample, ranking: Ranking) -> float | None:
    """Of the relevant calls with labelled areas: the share for which one is among the first that are named."""
    explained = list(explain_all(ranking, to_profile(organisation)))
    hits = [
        any(area["id"] in label.areas for area in explained[place].areas[:NAMED_AREAS])
        for place, label in zip(sample.places, sample.labels, strict=True)
        if label.relevance >= RELEVANT and label.areas
    ]
    return sum(hits) / len(hits) if hits else None


def _closed(sample: Sample, verdicts: Sequence[str]) -> Closed | None:
    """None where the labels say nothing of eligibility."""
    if not any(label.eligibility for label in sample.labels):
        return None
    given = [
        label
        for label, verdict in zip(sample.labels, verdicts, strict=True)
        if verdict == Verdict.NOT_OPEN and label.eligibility
    ]
    return Closed(
        given=len(given),
        right=sum(label.eligibility == Verdict.NOT_OPEN for label in given),
        labelled=sum(label.eligibility == Verdict.NOT_OPEN for label in sample.labels),
        relevant_hidden=sum(label.relevance >= RELEVANT for label in given),
    )
