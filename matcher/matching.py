"""The job: rank all calls in the store for one organisation and keep the reasons."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlmodel import Session, select

from config.organisation import Organisation
from matcher.documents import to_body
from matcher.duplicates import group
from matcher.eligibility import Verdict
from matcher.explanation import explain_all
from matcher.fusion import Meaning, read_meaning
from matcher.learning import Lessons, lessons, to_pool
from matcher.profile import Profile, to_profile
from matcher.ranking import MODEL, Ranking, rank
from matcher.reading import Reading
from matcher.readings import read_all
from matcher.scorers.encoder import Encoder
from matcher.scorers.encoder_tiers import Vectors
from matcher.vectors import Kind, encode_all
from store.database import Database
from store.decisions import overrides, standing
from store.matches import replace_matches
from store.models import Call

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MatchReport:
    """How many calls were ranked, and for how many a rule says that they are not open.

    `learnt` is the number of the model that was learnt from decisions and took part; `outdated` that of one that belongs
    to another version of the ranking and did not.
    """

    calls: int
    not_open: int
    learnt: int | None = None
    outdated: int | None = None


def match_calls(
    database: Database,
    organisation: Organisation,
    now: datetime,
    reading: Progress | None = None,
    encoder: Encoder | None = None,
    encoding: Progress | None = None,
) -> MatchReport:
    """Rank every call for `organisation`, one that several sources state once: as the face that is shown.

    What officers decided counts: a call of theirs is open whatever a rule says, and what was learnt is one more part of
    the score. Without an `encoder` words rank alone. `reading` is told of the calls that have not been read yet, `encoding`
    of the texts that have not been encoded. Killed half-way it leaves the former matches as they were, and keeps what was
    read and encoded.
    """
    profile = to_profile(organisation)
    read = read_all(database, organisation.key, profile, reading)
    with database.reading() as session:
        open_by_decision = overrides(standing(session, organisation.key))
    meaning = meaning_of(database, read.readings, profile, encoder, encoding)
    unlearnt = rank(read.readings, profile, open_by_decision, meaning)
    with database.reading() as session:
        learnt = lessons(session, organisation.key, to_pool(unlearnt, meaning, model_name(encoder)))
    ranking = replace(unlearnt, parts=unlearnt.parts | {"learnt": learnt.part})
    shared = {
        "organisation": organisation.key,
        "profile_hash": profile.hash,
        "model": model_name(encoder, learnt.number),
        "matched_at": now,
    }
    not_open = sum(entry.verdict is Verdict.NOT_OPEN for entry in ranking.eligibility)
    with database.reading() as session:
        found = _matches(ranking, profile, learnt, read.versions, _groups(session, ranking))
    with database.writing() as session:
        replace_matches(session, organisation.key, (shared | match for match in found))
    return MatchReport(len(read.readings), not_open, learnt.number, learnt.outdated)


def _matches(
    ranking: Ranking,
    profile: Profile,
    learnt: Lessons,
    versions: Sequence[int],
    stands_for: Sequence[int | None],
) -> Iterator[dict[str, Any]]:
    """The rows of `store.models.Match`, without what they all share."""
    percentiles = ranking.percentiles
    for number, (reading, explanation) in enumerate(
        zip(ranking.readings, explain_all(ranking, profile), strict=True)
    ):
        best = stands_for[number]
        yield {
            "call_id": reading.call_id,
            "call_version": versions[number],
            "score": float(ranking.scores[number]),
            "percentile": float(percentiles[number]),
            "areas": explanation.areas,
            "projects": explanation.projects,
            "roles": explanation.roles,
            "verdict": explanation.eligibility.verdict,
            "rule": explanation.eligibility.rule,
            "evidence": [asdict(evidence) for evidence in explanation.eligibility.evidence],
            "conditions": reading.conditions,
            "named": list(reading.named),
            "group_id": None if best is None else ranking.readings[best].call_id,
            "probability": learnt.probabilities[number],
            "learnt": learnt.reasons[number],
        }


def _groups(session: Session, ranking: Ranking) -> list[int | None]:
    """Of each call, which one stands for all with nearly the same text: the best-ranked of them."""

    def text_of(number: int) -> str:
        texts = session.exec(
            select(Call.texts).where(Call.id == ranking.readings[number].call_id)
        ).one_or_none()
        return to_body(texts or {})

    order = np.argsort(-ranking.scores, kind="stable")
    return group([reading.sentences for reading in ranking.readings], text_of, order)


def model_name(encoder: Encoder | None, learnt: int | None = None) -> str:
    """What scores depend on beside the calls and the profile: ranking, encoder and what was learnt, by version."""
    parts = [MODEL, encoder.model if encoder else "", f"learnt-{learnt}" if learnt else ""]
    return "+".join(filter(None, parts))


def meaning_of(
    database: Database,
    readings: Sequence[Reading],
    profile: Profile,
    encoder: Encoder | None,
    progress: Progress | None = None,
) -> Meaning | None:
    """What the calls and the profile mean, as far as the store does not hold it already; None without an encoder."""
    if encoder is None:
        return None

    def encode(texts: Sequence[str], kind: Kind) -> Vectors:
        return encode_all(database, encoder, texts, progress if kind == "passage" else None, kind)

    return read_meaning(readings, profile, encode)
