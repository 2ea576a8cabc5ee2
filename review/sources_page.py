"""The portals: on or off and why, how their last readings went, and what looks at them found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from config.organisation import Organisation
from config.schema import Source
from notifier.health import SourceHealth, health_of
from notifier.health_words import cause, health_state
from notifier.words import MADRID, Words
from review.rendering import page
from review.site import TheSite, TheVisitor
from store.checks import last_checks, verified_live
from store.models import CrawlRun, SourceCheck
from store.runs import detection_lags

RUNS = 30
"""Readings in the table."""
FINDINGS = 10
"""Differences of one look that are shown."""
router = APIRouter()


@dataclass(frozen=True)
class Row:
    """A source in words. `tone` is that of its state; `lag`: days from publication to when a call was first seen."""

    source: Source
    state: str
    tone: str
    health: str
    sound: bool
    lag: str
    check: str
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A run in words; counts are None for what it could not tell."""

    run: CrawlRun
    source: str
    started: str
    outcome: str
    tone: str
    cause: str


@router.get("/sources")
def sources_page(request: Request, site: TheSite, visitor: TheVisitor) -> Response:
    organisation, words, now = site.organisation, visitor.words, site.clock()
    with site.database.reading() as session:
        rows = _rows(session, organisation, words, now)
        runs = session.exec(select(CrawlRun).order_by(col(CrawlRun.id).desc()).limit(RUNS)).all()
        readings = [_reading(run, organisation, words, now) for run in runs]
    return page(request, "sources.html.j2", rows=rows, readings=readings)


def _rows(session: Session, organisation: Organisation, words: Words, now: datetime) -> list[Row]:
    verified, lags = verified_live(session), detection_lags(session)
    live, of_replicas = last_checks(session, live=True), last_checks(session, live=False)
    rows = []
    for health in health_of(session, organisation.sources):
        key = health.source.key
        state, tone = _state(words, health, verified)
        check = live.get(key) or of_replicas.get(key)
        lag = lags.get(key)
        rows.append(
            Row(
                source=health.source,
                state=state,
                tone=tone,
                health=health_state(words, health, now),
                sound=health.sound or not health.source.enabled,
                lag="" if lag is None else words.number(round(lag, 1)),
                check=_check(words, check, now) if check else "",
                findings=tuple(_findings(check)) if check else (),
            )
        )
    return rows


def _state(words: Words, health: SourceHealth, verified: Iterable[str]) -> tuple[str, str]:
    """The state of a source, and its tone."""
    source = health.source
    if source.forbidden:
        return words.gettext("Forbidden"), "plain"
    if not source.enabled:
        return words.gettext("Off"), "plain"
    if not source.verified and source.key not in verified:
        return words.gettext("On, not verified yet"), "soon"
    return words.gettext("On"), "good"


def _check(words: Words, check: SourceCheck, now: datetime) -> str:
    """`Looked at yesterday: as expected`."""
    said = {
        "ok": words.gettext("as expected"),
        "drift": words.gettext("it answers otherwise than expected"),
    }.get(check.outcome, words.gettext("it could not be looked at"))
    when = words.on(check.checked_at, now)
    if check.live:
        return words.gettext("The portal was looked at %(when)s: %(result)s.", when=when, result=said)
    return words.gettext("Only its replica was looked at %(when)s: %(result)s.", when=when, result=said)


def _findings(check: SourceCheck) -> Iterable[str]:
    """What differs, in the terms of the check: part, field, before and after."""
    for found in check.findings[:FINDINGS]:
        names = (str(found.get(name) or "") for name in ("part", "field", "kind"))
        change = " → ".join(
            str(found[name]) for name in ("before", "after") if found.get(name) not in (None, "")
        )
        yield " · ".join(filter(None, (*names, change)))[:300]


def _reading(run: CrawlRun, organisation: Organisation, words: Words, now: datetime) -> Reading:
    source = organisation.source(run.source)
    outcome, tone = {
        "ok": (words.gettext("complete"), "good"),
        "partial": (words.gettext("partial"), "soon"),
        "failed": (words.gettext("failed"), "urgent"),
        "empty": (words.gettext("without any call"), "urgent"),
    }.get(run.outcome, (words.gettext("under way"), "plain"))
    started = run.started_at.astimezone(MADRID)
    return Reading(
        run=run,
        source=source.name if source else run.source,
        started=f"{words.short_date(started.date(), now.astimezone(MADRID).date())}, {started:%H:%M}",
        outcome=outcome,
        tone=tone,
        cause=cause(words, run.error) if run.error else "",
    )
