"""The job: rank all calls in the store for one organisation and keep the reasons."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import col, select

from config.organisation import Organisation
from matcher.documents import to_document
from matcher.eligibility import Verdict
from matcher.explanation import Explainer
from matcher.profile import to_profile
from matcher.ranking import MODEL, rank
from store.database import Database
from store.matches import replace_matches
from store.models import Call, Match
from store.same_calls import faces

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class MatchReport:
    """How many calls were ranked, and for how many a rule says that they are not open."""

    calls: int
    not_open: int


def match_calls(
    database: Database,
    organisation: Organisation,
    now: datetime,
    progress: Progress | None = None,
) -> MatchReport:
    """Rank every call for `organisation`, one that several sources state once: as the face that is shown.

    Killed half-way it leaves the former matches as they were.
    """
    with database.reading() as session:
        copies = faces(session).keys()
        calls = [call for call in session.exec(select(Call).order_by(col(Call.id))) if call.id not in copies]
        documents = [to_document(call) for call in calls]
        versions = [call.version for call in calls]
    profile = to_profile(organisation)
    ranking = rank(documents, profile)
    percentiles = ranking.percentiles
    matches = []
    for number, explanation in enumerate(Explainer(profile).explain_all(ranking)):
        matches.append(
            Match(
                organisation=organisation.key,
                call_id=documents[number].call_id,
                call_version=versions[number],
                profile_hash=profile.hash,
                model=MODEL,
                score=float(ranking.scores[number]),
                percentile=float(percentiles[number]),
                areas=explanation.areas,
                projects=explanation.projects,
                roles=explanation.roles,
                verdict=explanation.eligibility.verdict,
                rule=explanation.eligibility.rule,
                evidence=[asdict(evidence) for evidence in explanation.eligibility.evidence],
                matched_at=now,
            )
        )
        if progress is not None:
            progress(number + 1, len(documents))
    with database.writing() as session:
        replace_matches(session, organisation.key, matches)
        not_open = sum(match.verdict == Verdict.NOT_OPEN for match in matches)
    return MatchReport(calls=len(documents), not_open=not_open)
