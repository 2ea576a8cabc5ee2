"""The job: rank all calls in the store for one organisation and keep the reasons."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import numpy as np
from sqlmodel import col, select

from config.organisation import Organisation
from matcher.conditions import read_conditions
from matcher.documents import Document, to_document
from matcher.duplicates import group
from matcher.eligibility import Verdict
from matcher.explanation import Explainer
from matcher.fusion import Meaning, read_meaning
from matcher.learning import lessons, to_pool
from matcher.partners import PartnerFinder
from matcher.profile import Profile, to_profile
from matcher.ranking import MODEL, rank
from matcher.scorers.encoder import Encoder
from matcher.scorers.encoder_tiers import Vectors
from matcher.vectors import Kind, encode_all
from store.database import Database
from store.decisions import overrides, standing
from store.matches import replace_matches
from store.models import Call, Match
from store.same_calls import faces

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
    progress: Progress | None = None,
    encoder: Encoder | None = None,
    encoding: Progress | None = None,
) -> MatchReport:
    """Rank every call for `organisation`, one that several sources state once: as the face that is shown.

    What officers decided counts: a call of theirs is open whatever a rule says, and what was learnt is one more part of
    the score. Without an `encoder` words rank alone; `encoding` is told of the texts that it has not encoded yet. Killed
    half-way it leaves the former matches as they were, and the vectors that are done.
    """
    with database.reading() as session:
        copies = faces(session).keys()
        calls = [call for call in session.exec(select(Call).order_by(col(Call.id))) if call.id not in copies]
        documents = [to_document(call) for call in calls]
        versions = [call.version for call in calls]
        conditions = [read_conditions(call, organisation.programmes).as_json() for call in calls]
        open_by_decision = overrides(standing(session, organisation.key))
    profile = to_profile(organisation)
    meaning = meaning_of(database, documents, profile, encoder, encoding)
    unlearnt = rank(documents, profile, open_by_decision, meaning)
    with database.reading() as session:
        learnt = lessons(session, organisation.key, to_pool(unlearnt, meaning, model_name(encoder)))
    ranking = replace(unlearnt, parts=unlearnt.parts | {"learnt": learnt.part})
    percentiles = ranking.percentiles
    stands_for = group([document.body for document in documents], np.argsort(-ranking.scores, kind="stable"))
    partners = PartnerFinder(organisation.partners, organisation.networks)
    matches = []
    for number, explanation in enumerate(Explainer(profile).explain_all(ranking)):
        matches.append(
            Match(
                organisation=organisation.key,
                call_id=documents[number].call_id,
                call_version=versions[number],
                profile_hash=profile.hash,
                model=model_name(encoder, learnt.number),
                score=float(ranking.scores[number]),
                percentile=float(percentiles[number]),
                areas=explanation.areas,
                projects=explanation.projects,
                roles=explanation.roles,
                verdict=explanation.eligibility.verdict,
                rule=explanation.eligibility.rule,
                evidence=[asdict(evidence) for evidence in explanation.eligibility.evidence],
                conditions=conditions[number],
                named=partners.find(documents[number]),
                group_id=None if (best := stands_for[number]) is None else documents[best].call_id,
                probability=learnt.probabilities[number],
                learnt=learnt.reasons[number],
                matched_at=now,
            )
        )
        if progress is not None:
            progress(number + 1, len(documents))
    with database.writing() as session:
        replace_matches(session, organisation.key, matches)
        not_open = sum(match.verdict == Verdict.NOT_OPEN for match in matches)
    return MatchReport(len(documents), not_open, learnt.number, learnt.outdated)


def model_name(encoder: Encoder | None, learnt: int | None = None) -> str:
    """What scores depend on beside the calls and the profile: ranking, encoder and what was learnt, by version."""
    parts = [MODEL, encoder.model if encoder else "", f"learnt-{learnt}" if learnt else ""]
    return "+".join(filter(None, parts))


def meaning_of(
    database: Database,
    documents: Sequence[Document],
    profile: Profile,
    encoder: Encoder | None,
    progress: Progress | None = None,
) -> Meaning | None:
    """What the calls and the profile mean, as far as the store does not hold it already; None without an encoder."""
    if encoder is None:
        return None

    def encode(texts: Sequence[str], kind: Kind) -> Vectors:
        return encode_all(database, encoder, texts, progress if kind == "passage" else None, kind)

    return read_meaning(documents, profile, encode)
