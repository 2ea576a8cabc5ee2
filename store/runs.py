"""Runs of crawls: begun, counted and ended, whatever happens to the process between."""

from datetime import datetime

from sqlmodel import Session, col, select

from store.models import CrawlRun


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
