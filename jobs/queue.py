"""The queue: work handed to workers on any machine, by procrastinate in the installation's own PostgreSQL.

What is owed stands in the store (`jobs.running`), not here: the queue can be thrown away at any time, and is whenever
procrastinate's tables belong to another version of it.
"""

import asyncio
import signal
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager

from config.clock import clock
from config.errors import ConfigurationError
from config.logs import logger
from jobs.installation import Installation
from jobs.plan import SETTLE, Task, Work, newest_due
from jobs.running import do
from jobs.tasks import StoppedError
from store.database import Database
from store.locks import BusyError
from store.queue import SCHEMA, SILENT, version_of_queue

log = logger(__name__)
VERSION = version("procrastinate")
SIGN_OF_LIFE = 5.0
EVERY_MINUTE = "* * * * *"


class Queue:
    """Hands work to workers. Raises ConfigurationError where the database is no PostgreSQL."""

    def __init__(self, here: Installation) -> None:
        self._here = here
        make_queue(here.database)
        self._app = procrastinate.App(
            connector=procrastinate.SyncPsycopgConnector(min_size=1, **_connection(here.database))
        )
        self._app.open()

    def hand(self, work: Work, due_at: datetime, after: datetime | None = None) -> None:
        """Hand `work` over, to be done from `after` on; what waits already is not handed over twice."""
        handed = self._app.configure_task(
            "do", lock=self._lock(work), queueing_lock=work.key, schedule_at=after
        )
        with suppress(AlreadyEnqueued):
            handed.defer(**asdict(work), due_at=due_at.isoformat())

    def close(self) -> None:
        self._app.close()

    def _lock(self, work: Work) -> str:
        """What no two workers hold at a time: a host is asked by one crawl, an organisation's mails go out in turn."""
        if work.task is Task.CRAWL:
            source = self._here.first().source(work.of)
            return f"host {self._here.settings.host_of(work.of, source.address) if source else work.of}"
        together = {Task.LEARN: Task.MATCH, Task.REMIND: Task.DIGEST}
        return f"{work.organisation} {together.get(work.task, work.task)}"


def work_off(here: Installation, concurrency: int = 1, *, until_empty: bool = False) -> None:
    """Do what is handed over, until the process is told to stop, or nothing waits any more.

    Told to stop, it finishes what it is at; a crawl is cut short and begun again.
    """
    queue = Queue(here)
    try:
        asyncio.run(_work_off(here, queue, concurrency, until_empty=until_empty))
    finally:
        queue.close()


async def _work_off(here: Installation, queue: Queue, concurrency: int, *, until_empty: bool) -> None:
    app = _worker_app(here, queue, concurrency)
    async with app.open_async():
        working = asyncio.ensure_future(
            app.run_worker_async(
                concurrency=concurrency,
                wait=not until_empty,
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=SIGN_OF_LIFE,
                stalled_worker_timeout=SILENT,
            )
        )

        def stop() -> None:
            here.stopping.set()
            working.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        with suppress(asyncio.CancelledError):
            await working


def _worker_app(here: Installation, queue: Queue, concurrency: int) -> procrastinate.App:
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            min_size=2, max_size=concurrency + 4, **_connection(here.database)
        )
    )

    @app.task(name="do")
    def run(task: str, organisation: str, of: str, due_at: str) -> None:
        do_handed(here, queue, Work(Task(task), organisation, of), datetime.fromisoformat(due_at))

    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="hand_back", queueing_lock="hand back", pass_context=True)
    async def look(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001  procrastinate names it
        await hand_back(context.app.job_manager)

    return app


async def hand_back(manager: JobManager) -> None:
    """What dead workers were at waits again."""
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        log.warning("worker gone, job handed back", job=job.queueing_lock)
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            # The schedule has handed it over anew: that one waits for the lock of this one.
            await manager.finish_job(job, Status.FAILED, delete_job=True)


def do_handed(here: Installation, queue: Queue, work: Work, due_at: datetime) -> None:
    """Do `work` as a worker; what cannot be done now is owed still, and handed over again by the schedule."""
    try:
        whose = here.organisation(work.organisation) if work.organisation else here.first()
        done = do(here, work, newest_due([whose], work, due_at, clock()))
    except (BusyError, ConfigurationError, StoppedError) as fault:
        log.warning("job put off", job=work.key, reason=str(fault))
        return
    for following in done.then if done else ():
        queue.hand(following, clock() + SETTLE, after=clock() + SETTLE)


def make_queue(database: Database) -> None:
    """Make procrastinate's tables where there are none of its version. Raises ConfigurationError without PostgreSQL."""
    if database.engine.dialect.name != "postgresql":
        raise ConfigurationError(
            "workers share a PostgreSQL: set FUNDING_DATABASE_URL to postgresql+psycopg://…; "
            "without one `funding schedule` does everything by itself"
        )
    with database.writing() as session:
        if version_of_queue(session) == VERSION:
            return
        connection = session.connection().connection.driver_connection
        assert connection is not None
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"SET LOCAL search_path = {SCHEMA}")
        connection.execute(SchemaManager.get_schema())
        connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{VERSION}'")


def _connection(database: Database) -> dict[str, Any]:
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {"conninfo": url, "kwargs": {"options": f"-c search_path={SCHEMA}"}}
