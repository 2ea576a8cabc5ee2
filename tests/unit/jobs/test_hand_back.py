"""What a worker was at when it died is done by another one, whatever was handed over meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import procrastinate
import pytest
from sqlalchemy import text

from jobs.installation import Installation
from jobs.plan import Task, Work
from jobs.queue import Queue, _worker_app, hand_back, work_off
from store.database import Database
from store.queue import QueueState, queue_state

NOBODY = Work(Task.DIGEST, "amb", "test_nobody")
MONDAY = datetime(2026, 8, 17, 5, tzinfo=UTC)
DIE = "UPDATE procrastinate_jobs SET status = 'doing'"
"""What is waiting has been begun, by a worker of whom nothing is left."""


@pytest.fixture
def queue(here: Installation) -> Iterator[Queue]:
    queue = Queue(here)
    queue.hand(NOBODY, MONDAY)
    with here.database.writing() as session:
        session.execute(text("SET LOCAL search_path = queue"))
        session.execute(text(DIE))
    yield queue
    queue.close()


def look(database: Database) -> None:
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)

    async def look_once() -> None:
        connector = procrastinate.PsycopgConnector(conninfo=url, kwargs={"options": "-c search_path=queue"})
        async with procrastinate.App(connector=connector).open_async() as app:
            await hand_back(app.job_manager)

    asyncio.run(look_once())


@pytest.mark.parametrize("handed_over_anew", [False, True])
def test_what_a_dead_worker_was_at_is_done(here: Installation, queue: Queue, handed_over_anew: bool) -> None:
    if handed_over_anew:
        queue.hand(NOBODY, MONDAY)
    look(here.database)
    assert queue_state(here.database) == QueueState(1, 0, 0, ())
    work_off(here, until_empty=True)
    assert queue_state(here.database) == QueueState(0, 0, 0, ())


def test_one_that_died_handing_back_keeps_no_other_from_it(here: Installation) -> None:
    """Else nothing would be handed back any more, for good."""
    with closing(Queue(here)) as queue:
        app = _worker_app(here, queue, 1)

        async def begin_twice() -> None:
            async with app.open_async():
                await app.tasks["hand_back"].defer_async(timestamp=0)
                await app.connector.execute_query_async(DIE)
                await app.tasks["hand_back"].defer_async(timestamp=0)

        asyncio.run(begin_twice())
    work_off(here, until_empty=True)
    with here.database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM queue.procrastinate_jobs")).scalar_one() == 0
