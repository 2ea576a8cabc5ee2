"""The queue in PostgreSQL: what is handed over is done once, whoever does it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from config.errors import ConfigurationError
from config.settings import Settings
from jobs.installation import Installation
from jobs.plan import Task, Work, newest_due, plan
from jobs.queue import Queue, make_queue, work_off
from store.database import Database
from store.models import JobRun
from store.queue import QueueState, queue_state

NOBODY = Work(Task.DIGEST, "amb", "test_nobody")
"""Work that is skipped: the officer is none."""
MONDAY = datetime(2026, 8, 17, 5, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def queue(here: Installation) -> Iterator[Queue]:
    queue = Queue(here)
    yield queue
    queue.close()


def runs(here: Installation) -> list[tuple[str, datetime, int]]:
    with here.database.reading() as session:
        return [(one.outcome, one.due_at, one.tries) for one in session.exec(select(JobRun))]


def waiting(here: Installation) -> int:
    state = queue_state(here.database)
    assert state is not None
    return state.waiting


def test_what_is_handed_over_is_done_and_noted(here: Installation, queue: Queue) -> None:
    queue.hand(NOBODY, MONDAY)
    assert waiting(here) == 1
    work_off(here, until_empty=True)
    assert runs(here) == [("skipped", MONDAY, 1)]
    assert queue_state(here.database) == QueueState(0, 0, 0, ())


def test_what_waits_is_not_handed_over_twice(here: Installation, queue: Queue) -> None:
    for day in range(3):
        queue.hand(NOBODY, MONDAY + day * DAY)
    assert waiting(here) == 1


def test_what_is_handed_over_again_for_the_same_time_is_done_once(here: Installation, queue: Queue) -> None:
    for _ in range(2):
        queue.hand(NOBODY, MONDAY)
        work_off(here, until_empty=True)
    assert runs(here) == [("skipped", MONDAY, 1)]


def test_two_schedulers_hand_over_one_job(here: Installation, queue: Queue) -> None:
    other = Queue(here)
    queue.hand(NOBODY, MONDAY)
    other.hand(NOBODY, MONDAY)
    other.close()
    assert waiting(here) == 1


def test_what_waited_past_its_next_time_counts_for_that(here: Installation) -> None:
    """Else it would be done a second time at once."""
    organisations = here.organisations()
    job = next(one for one in plan(organisations) if one.work.task is Task.MATCH)
    first = job.trigger.latest(MONDAY)
    assert newest_due(organisations, job.work, first, first + 3 * DAY) == job.trigger.latest(first + 3 * DAY)
    assert newest_due(organisations, NOBODY, first, first + 3 * DAY) == first


def test_what_follows_later_waits_until_then(here: Installation, queue: Queue) -> None:
    later = datetime.now(UTC) + DAY
    queue.hand(NOBODY, later, after=later)
    work_off(here, until_empty=True)
    assert (waiting(here), runs(here)) == (1, [])


def test_sources_of_one_host_are_read_one_after_the_other(tmp_path: Path, here: Installation) -> None:
    addresses = {
        "eu_portal": "http://127.0.0.2:1",
        "cido": "http://127.0.0.2:2",
        "bdns": "http://127.0.0.3:1",
    }
    queue = Queue(Installation(Settings(home=tmp_path, address=addresses), here.database))
    for source in addresses:
        queue.hand(Work(Task.CRAWL, of=source), MONDAY)
    queue.close()
    with here.database.reading() as session:
        locks = session.execute(text("SELECT lock FROM queue.procrastinate_jobs ORDER BY id")).scalars().all()
    assert locks == ["host 127.0.0.2", "host 127.0.0.2", "host 127.0.0.3"]


def test_a_queue_of_another_version_is_made_anew(here: Installation, queue: Queue) -> None:
    queue.hand(NOBODY, MONDAY)
    with here.database.writing() as session:
        session.execute(text("COMMENT ON SCHEMA queue IS '0.1'"))
    make_queue(here.database)
    assert waiting(here) == 0
    make_queue(here.database)


def test_without_postgresql_it_is_said_what_to_do(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="FUNDING_DATABASE_URL"):
        make_queue(database)
    assert queue_state(database) is None
