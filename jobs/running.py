"""Doing what is due, once: claimed, done, noted, whoever is killed between."""

from collections.abc import Mapping
from datetime import datetime

from config.clock import clock
from config.errors import ConfigurationError
from config.logs import logger
from jobs.installation import Installation
from jobs.plan import Job, Task, Work
from jobs.tasks import FUNCTIONS, Done, Function, StoppedError
from notifier.transport import DeliveryError
from store.database import Database
from store.jobs import FAILED, begin_job, end_job, is_owed, last_job, skip_job
from store.locks import BusyError, exclusive

log = logger(__name__)
LONGEST_DETAIL = 500


def owed(database: Database, job: Job, now: datetime) -> datetime | None:
    """The due time for which `job` is still to be done; None when nothing is owed.

    Several missed times are owed one run. What was due before the job was first heard of is not owed, and is noted.
    """
    work, latest = job.work, job.trigger.latest(now)
    with database.reading() as session:
        last = last_job(session, work.organisation, work.name)
        if last is not None:
            if last.due_at < latest:
                return latest
            return last.due_at if is_owed(last, now) else None
    with database.writing() as session:
        if last_job(session, work.organisation, work.name) is None:
            skip_job(session, work.organisation, work.name, latest, now)
    return None


def do(
    here: Installation,
    work: Work,
    due_at: datetime,
    now: datetime | None = None,
    functions: Mapping[Task, Function] = FUNCTIONS,
) -> Done | None:
    """Do `work` for `due_at`, exactly once; None when it was done already.

    A fault that an operator can mend is its outcome; any other is noted and raised. Raises store.locks.BusyError while
    another process does the same work, and jobs.tasks.StoppedError when it was not finished because this process ends.
    """
    begun = now or clock()
    with exclusive(here.settings.home, f"job {work.key}".replace(": ", "-").replace(" ", "-"), here.database):
        with here.database.writing() as session:
            run = begin_job(session, work.organisation, work.name, due_at, begun)
            run_id = run.id if run else None
        if run_id is None:
            return None
        try:
            done = functions[work.task](here, work, begun)
        except (BusyError, ConfigurationError, DeliveryError) as fault:
            done = Done(FAILED, str(fault))
        except StoppedError:
            raise
        except Exception as fault:
            _note(here.database, run_id, Done(FAILED, f"{type(fault).__name__}: {fault}"), now)
            raise
        _note(here.database, run_id, done, now)
    log.info("job done", job=work.key, outcome=done.outcome, detail=done.detail)
    return done


def _note(database: Database, run_id: int, done: Done, now: datetime | None) -> None:
    with database.writing() as session:
        end_job(session, run_id, done.outcome, now or clock(), done.detail[:LONGEST_DETAIL])
