"""What became of jobs at the times at which they were due: each is done once, and one that failed is tried again."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from store.models import JobRun

FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)
RUNNING, FAILED = "running", "failed"


def last_job(session: Session, organisation: str, job: str) -> JobRun | None:
    """The run of `job` with the latest due time."""
    statement = select(JobRun).where(JobRun.organisation == organisation, JobRun.job == job)
    return session.exec(statement.order_by(col(JobRun.due_at).desc())).first()


def pause_before(tries: int) -> timedelta:
    """How long after its last try a job that failed `tries` times is tried again: 15 minutes, twice that, up to 6 hours."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(tries - 1, 10)
    return min(doubled, LONGEST_PAUSE)


def is_owed(run: JobRun, now: datetime) -> bool:
    """Whether `run` is to be done once more: it never ended, or failed and its pause is over.

    A pause never begins after `now`: a clock that was set back does not stop the job.
    """
    if run.outcome != FAILED or run.ended_at is None:
        return run.outcome == RUNNING
    return not now - pause_before(run.tries) < run.ended_at <= now


def begin_job(
    session: Session, organisation: str, job: str, due_at: datetime, now: datetime
) -> JobRun | None:
    """The run for `due_at`, begun at `now`; None when it has been done.

    Whoever begins one holds its lock: one that was begun and never ended belongs to a process that was killed.
    """
    statement = select(JobRun).where(
        JobRun.organisation == organisation, JobRun.job == job, JobRun.due_at == due_at
    )
    run = session.exec(statement).first()
    if run is None:
        run = JobRun(organisation=organisation, job=job, due_at=due_at, started_at=now)
    elif run.outcome in (RUNNING, FAILED):
        run.tries += 1
        run.started_at, run.ended_at, run.outcome, run.detail = now, None, RUNNING, ""
    else:
        return None
    session.add(run)
    session.flush()
    return run


def end_job(session: Session, run_id: int, outcome: str, now: datetime, detail: str = "") -> None:
    run = session.get_one(JobRun, run_id)
    run.outcome, run.ended_at, run.detail = outcome, now, detail
    session.add(run)


def skip_job(session: Session, organisation: str, job: str, due_at: datetime, now: datetime) -> None:
    """Note that nobody does `job` at `due_at`: what was due before it was first heard of is not owed."""
    run = JobRun(organisation=organisation, job=job, due_at=due_at, started_at=now, ended_at=now)
    run.outcome = "skipped"
    session.add(run)
