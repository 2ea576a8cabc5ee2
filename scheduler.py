"""The jobs at their times, by APScheduler: done here, or handed to workers; what was missed is caught up once."""

import math
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from config.clock import clock
from config.errors import ConfigurationError
from config.logs import logger
from jobs.installation import Installation
from jobs.plan import SETTLE, Job, Task, Work, plan
from jobs.running import do, owed
from jobs.tasks import Done, StoppedError
from jobs.times import due_times
from store.errors import StoreError
from store.locks import BusyError, exclusive

log = logger(__name__)
CATCH_UP = timedelta(minutes=5)
"""How often it is looked at what failed, what was missed while the machine slept, and which jobs there are now."""
CRAWLS, OTHERS = "crawls", "others"
"""Two lanes: a portal that is slow holds back no digest, and nobody is asked by two crawls at a time."""

Hand = Callable[[Work, datetime], Done | None]
"""Does work for its due time, or hands it to whoever does."""


def upcoming(here: Installation, after: datetime, days: int) -> list[tuple[datetime, Job]]:
    """What runs in the `days` after `after`, in the order of its times."""
    until = after + timedelta(days=days)
    jobs = plan(here.organisations())
    found = [(due, job) for job in jobs for due in due_times(job.trigger, after, until)]
    return sorted(found, key=lambda one: one[0])


def schedule(here: Installation, hand: Hand | None = None) -> None:
    """Do the jobs at their times until the process is told to stop; `hand` gives them to somebody else instead.

    A job under way is finished, a crawl is cut short and begun again at the next start. While another process schedules for
    this installation it raises store.locks.BusyError; where jobs are handed over it stands by, to go on in its place.
    """
    with exclusive(here.settings.home, "schedule", here.database, wait=math.inf if hand else 0):
        scheduler = Scheduler(here, hand)
        with _told_to_stop(scheduler.stop):
            scheduler.run()


class Scheduler:
    """APScheduler with the jobs of an installation, which it keeps in step with the organisations' files."""

    def __init__(self, here: Installation, hand: Hand | None = None) -> None:
        self._here = here
        self._hand = hand or (lambda work, due_at: do(here, work, due_at))
        lanes = {lane: ThreadPoolExecutor(max_workers=1) for lane in ("default", CRAWLS, OTHERS)}
        # A late job is dropped by default: these run however late they are, once.
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler = BlockingScheduler(timezone="UTC", executors=lanes, job_defaults=defaults)
        self._scheduler.add_job(
            self._catch_up,
            IntervalTrigger(seconds=CATCH_UP.total_seconds()),
            id="catch up",
            next_run_time=clock(),
        )

    def run(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._here.stopping.set()
        self._scheduler.shutdown(wait=True)

    def _catch_up(self) -> None:
        """Begin what is owed, and plan anew: officers and sources come and go."""
        try:
            jobs = plan(self._here.organisations())
            for job in jobs:
                self._add(job.work.key, job.work, self._at_its_time, job, at=job.trigger)
                if owed(self._here.database, job, clock()) is not None:
                    self._add(f"{job.work.key}, owed", job.work, self._at_its_time, job)
        except (ConfigurationError, StoreError) as fault:
            log.error("cannot plan", reason=str(fault))  # noqa: TRY400  until it is mended, all goes on as before
            return
        planned = {job.work.key for job in jobs}
        for known in self._scheduler.get_jobs():
            if known.func == self._at_its_time and known.args[0].work.key not in planned:
                known.remove()

    def _at_its_time(self, job: Job) -> None:
        due_at = owed(self._here.database, job, clock())
        if due_at is not None:
            self._do(job.work, due_at)

    def _do(self, work: Work, due_at: datetime) -> None:
        """Do or hand over `work`. What cannot be done now is owed still, and tried again by the next catch-up."""
        if self._here.stopping.is_set():
            return
        try:
            done = self._hand(work, due_at)
        except (BusyError, StoppedError, StoreError) as fault:
            log.warning("job put off", job=work.key, reason=str(fault))
            return
        for following in done.then if done else ():
            later = clock() + SETTLE
            self._add(f"{following.key} after {work.task}", following, self._do, following, later, at=later)

    def _add(
        self, key: str, work: Work, function: Callable[..., None], *arguments: Any, at: Any = None
    ) -> None:
        """At a time or by a trigger, at once where neither is given; in the place of what has the same key."""
        self._scheduler.add_job(
            function,
            DateTrigger(at) if isinstance(at, datetime) else at,
            arguments,
            id=key,
            executor=CRAWLS if work.task is Task.CRAWL else OTHERS,
            replace_existing=True,
        )


@contextmanager
def _told_to_stop(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and Ctrl+C end the schedule in order; a second one at once."""

    def handle(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        threading.Thread(target=stop).start()  # the main thread may be in the midst of APScheduler's own work

    before = {number: signal.signal(number, handle) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
