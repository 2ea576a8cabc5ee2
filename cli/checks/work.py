"""The jobs of the schedule: whether each was done of late; and the queue, where workers do them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cli.checks.findings import FAULT, OK, WARNING, Finding
from config.organisation import Organisation
from jobs.plan import Job, plan
from store.database import Database
from store.measures import JobState, job_states
from store.queue import QueueState, queue_state

LATE = 2
"""Periods without success after which a job is told of."""
LONGEST_WAIT = timedelta(hours=1)
START = "start `funding schedule`, as in docs/operations.md"


def check_jobs(database: Database, organisations: Sequence[Organisation], now: datetime) -> Iterator[Finding]:
    """Each job that is late, and how many are not."""
    with database.reading() as session:
        found = [one for key in ("", *(one.key for one in organisations)) for one in job_states(session, key)]
    if not found:
        yield Finding("jobs", WARNING, f"none was ever done by itself: {START}")
        return
    states = {(one.organisation, one.job): one for one in found}
    jobs = plan(organisations)
    late = [
        finding
        for job in jobs
        if (finding := _check_job(job, states.get((job.work.organisation, job.work.name)), now))
    ]
    yield Finding("jobs", OK, f"{len(jobs) - len(late)} of {len(jobs)} were done in time, or are not due yet")
    yield from late


def _check_job(job: Job, state: JobState | None, now: datetime) -> Finding | None:
    what = f"job {job.work.key}"
    if state is None:
        return Finding(what, WARNING, f"never heard of by the schedule: {START}")
    following = job.trigger.get_next_fire_time(None, now)
    period = job.trigger.get_next_fire_time(following, following) - following
    if state.success_at is not None and now - state.success_at <= LATE * period:
        return None
    if state.success_at is None and state.outcome in ("skipped", "running"):
        return None
    since = f"last well on {state.success_at:%Y-%m-%d %H:%M} UTC" if state.success_at else "never well"
    detail = f" ({state.detail.strip().splitlines()[0]})" if state.detail.strip() else ""
    do = "see its log" if state.outcome == "failed" else f"see whether `funding schedule` runs, or {START}"
    return Finding(what, WARNING, f"{since}, then {state.outcome}{detail}: {do}")


def check_queue(database: Database) -> Finding:
    state = queue_state(database)
    if state is None:
        return Finding("queue", OK, "none: `funding schedule` does the jobs itself")
    counts = f"{state.waiting} wait, {state.running} run, {state.failed} failed; {state.alive} workers"
    faults = list(_faults_of(state))
    if not faults:
        return Finding("queue", OK, counts)
    return Finding("queue", max(faults, key=_weight)[0], "; ".join([counts, *(said for _, said in faults)]))


def _faults_of(state: QueueState) -> Iterator[tuple[str, str]]:
    if state.waiting and not state.alive:
        yield FAULT, "nobody does them: start `funding worker`"
    elif state.oldest > LONGEST_WAIT.total_seconds():
        yield WARNING, f"one has waited for {state.oldest / 3600:,.0f} hours: start more of `funding worker`"
    if state.dead:
        yield (
            WARNING,
            f"{state.dead} gone without a word: what they were at is handed to others by a living one",
        )
    if state.failed:
        yield WARNING, "those that failed are done again by the schedule: see the log of the workers"


def _weight(fault: tuple[str, str]) -> bool:
    return fault[0] == FAULT
