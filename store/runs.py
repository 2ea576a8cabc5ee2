"""Runs of crawls: begun, counted and ended, whatever happens to the process between."""

from datetime import datetime
from statistics import median

from sqlmodel import Session, col, select

from store.models import Call, CrawlRun

TRAILING = 8
"""How many readings before the last one tell what is usual."""


def begin_run(session: Session, source: str, now: datetime) -> CrawlRun:
    """A new run of `source`. Earlier ones that never got an outcome belong to processes that were killed."""
    unfinished = select(CrawlRun).where(CrawlRun.source == source, CrawlRun.outcome == "running")
    for abandoned in session.exec(unfinished):
        end_run(session, abandoned, "failed", "incomplete", "the process was killed", now)
    run = CrawlRun(source=source, started_at=now)
    session.add(run)
    session.flush()
    return run


def end_run(session: Session, run: CrawlRun, outcome: str, error: str, detail: str, now: datetime) -> None:
    """Give a run its outcome; one that already has its outcome keeps it."""
    if run.outcome == "running":
        run.outcome, run.error, run.detail, run.ended_at = outcome, error, detail, now
        session.add(run)


def last_runs(session: Session) -> dict[str, CrawlRun]:
    """The last ended run of each source."""
    statement = select(CrawlRun).where(CrawlRun.outcome != "running").order_by(col(CrawlRun.id))
    return {run.source: run for run in session.exec(statement)}


def trailing_runs(session: Session) -> dict[str, list[CrawlRun]]:
    """By source: up to TRAILING readings that brought something, the last ended one left out, newest first."""
    statement = select(CrawlRun).where(CrawlRun.outcome != "running").order_by(col(CrawlRun.id).desc())
    ended: dict[str, list[CrawlRun]] = {}
    for run in session.exec(statement):
        ended.setdefault(run.source, []).append(run)
    return {
        source: [run for run in runs[1:] if run.outcome in ("ok", "partial")][:TRAILING]
        for source, runs in ended.items()
    }


def detection_lags(session: Session) -> dict[str, float]:
    """By source: the median of days from a call's publication to when it was first seen.

    What the first reading found was published before anybody looked: it is left out, and so is what states no day.
    """
    first_end: dict[str, datetime] = {}
    for run in session.exec(select(CrawlRun).order_by(col(CrawlRun.id))):
        if run.outcome in ("ok", "partial") and run.ended_at is not None:
            first_end.setdefault(run.source, run.ended_at)
    days: dict[str, list[int]] = {}
    for call in session.exec(select(Call).where(col(Call.published).is_not(None))):
        if call.source in first_end and call.first_seen_at > first_end[call.source]:
            assert call.published is not None
            days.setdefault(call.source, []).append((call.first_seen_at.date() - call.published).days)
    return {source: median(lags) for source, lags in days.items()}
