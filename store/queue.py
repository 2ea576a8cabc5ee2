"""How the queue of jobs stands, where there is one: procrastinate's tables in PostgreSQL, read without procrastinate."""

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlmodel import Session

from store.database import Database

SCHEMA = "queue"
"""Procrastinate's tables are kept apart, in a schema of their own."""
SILENT = 30.0
"""Seconds without a sign of life after which a worker counts as dead, and what it was at is handed to another one."""


@dataclass(frozen=True)
class QueueState:
    """Jobs that wait, run, and failed; and the seconds since each worker's last sign of life.

    `oldest`: the seconds for which a job could have been begun and was not, 0 where none waits.
    """

    waiting: int
    running: int
    failed: int
    workers: tuple[float, ...]
    oldest: float = field(default=0.0, compare=False)

    @property
    def dead(self) -> int:
        return sum(silence > SILENT for silence in self.workers)

    @property
    def alive(self) -> int:
        return len(self.workers) - self.dead


def queue_state(database: Database) -> QueueState | None:
    """How the queue stands; None where there is none."""
    if database.engine.dialect.name != "postgresql":
        return None
    with database.reading() as session:
        if version_of_queue(session) is None:
            return None
        counts = dict(session.execute(text(JOBS)).all())
        silences = tuple(session.execute(text(SILENCES)).scalars())
        oldest = session.execute(text(OLDEST)).scalar_one()
    return QueueState(
        counts.get("todo", 0), counts.get("doing", 0), counts.get("failed", 0), silences, oldest
    )


def version_of_queue(session: Session) -> str | None:
    """The version of procrastinate that the tables were made by; None where there are none."""
    statement = text("SELECT obj_description(to_regnamespace(:name)::oid, 'pg_namespace')")
    found: str | None = session.execute(statement, {"name": SCHEMA}).scalar_one()
    return found


JOBS = "SELECT status::text, count(*) FROM queue.procrastinate_jobs WHERE task_name = 'do' GROUP BY 1"
SILENCES = (
    "SELECT extract(epoch FROM now() - last_heartbeat)::float FROM queue.procrastinate_workers ORDER BY id"
)
OLDEST = """
SELECT coalesce(extract(epoch FROM now() - min(coalesce(job.scheduled_at, event.at))), 0)::float
FROM queue.procrastinate_jobs AS job
JOIN queue.procrastinate_events AS event ON event.job_id = job.id AND event.type = 'deferred'
WHERE job.status = 'todo' AND job.task_name = 'do' AND coalesce(job.scheduled_at, event.at) <= now()
"""
