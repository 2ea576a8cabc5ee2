"""When jobs did their work, so that a missed one is caught up once."""

from datetime import datetime

from sqlmodel import Session, col, select

from store.models import JobRun


def last_job(session: Session, organisation: str, job: str) -> JobRun | None:
    """The run of `job` with the latest due time."""
    statement = select(JobRun).where(JobRun.organisation == organisation, JobRun.job == job)
    return session.exec(statement.order_by(col(JobRun.due_at).desc())).first()


def begin_job(
    session: Session, organisation: str, job: str, due_at: datetime, now: datetime
) -> JobRun | None:
    """The run for `due_at`, begun at `now`; None when it has been done already.

    One that was begun and never ended belongs to a process that was killed, and is begun again.
    """
    statement = select(JobRun).where(
        JobRun.organisation == organisation, JobRun.job == job, JobRun.due_at == due_at
    )
    run = session.exec(statement).first()
    if run is None:
        run = JobRun(organisation=organisation, job=job, due_at=due_at, started_at=now)
    elif run.outcome != "running":
        return None
    run.started_at = now
    session.add(run)
    session.flush()
    return run


def end_job(session: Session, run_id: int, outcome: str, now: datetime) -> None:
    run = session.get_one(JobRun, run_id)
    run.outcome, run.ended_at = outcome, now
    session.add(run)
