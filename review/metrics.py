"""Figures for monitoring, in the format of Prometheus: requests as they come, all else as the store is when asked.

No label names a person: what is done for each officer counts as one job, and requests by the template of their address.
"""

from collections import Counter as Counted
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from time import perf_counter

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.logs import logger
from review.api import admit
from review.health import PATH as HEALTH
from review.rendering import VERSION
from review.site import Site, TheSite
from store.measures import (
    Backups,
    JobState,
    LastReading,
    backups,
    calls_by_source,
    digests_by_state,
    job_states,
    last_readings,
    live_calls_by_source,
    matches_by_verdict,
)
from store.queue import QueueState, queue_state

PATH = "/metrics"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
"""Whatever else is asked counts as `other`: whoever makes up words makes up no series."""
NO_ROUTE = "none"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
GONE = 499
"""nginx's word for whoever hung up before the answer."""
ACCESS = "review.access"
access = logger(ACCESS)
router = APIRouter()
Rows = Iterable[tuple[Sequence[str], float]]


class Requests:
    """What is counted of requests while the process lives, and the process itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._count = Counter(
            "funding_review_requests",
            "Requests by template of address",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "funding_review_request_duration_seconds",
            "Until the answer was out, by template of address",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        method = method if method in METHODS else "other"
        self._count.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if route not in (HEALTH, PATH):
            milliseconds = round(seconds * 1000, 1)
            access.info("request", method=method, route=route, status=status, milliseconds=milliseconds)


class Measured:
    """The outermost ASGI layer: counts each request and logs it in a line that tells nothing of whoever asked."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self.app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, begun = 0, perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        otherwise = 500
        try:
            await self.app(scope, receive, sending)
            otherwise = GONE
        finally:
            self._requests.note(
                scope["method"], _template(scope), status or otherwise, perf_counter() - begun
            )


def _template(scope: Scope) -> str:
    """`/calls/{source}/{key:path}`: of the page that was reached, and none where that was none."""
    path: str = getattr(scope.get("route"), "path", "")
    return path or ("/static" if scope.get("endpoint") else NO_ROUTE)


@router.get(PATH, dependencies=[Depends(admit)], include_in_schema=False)
def metrics(request: Request, site: TheSite) -> Response:
    """For whoever has a program's token. Raises StoreError."""
    requests: Requests = request.app.state.requests
    stored = CollectorRegistry()
    stored.register(Stored(site, site.clock()))
    return Response(
        generate_latest(requests.registry) + generate_latest(stored), media_type=CONTENT_TYPE_PLAIN_1_0_0
    )


class Stored(Collector):
    """What the store, the queue and the folder of backups show at `now`: of one organisation, and of what all share."""

    def __init__(self, site: Site, now: datetime) -> None:
        self._site = site
        self._now = now

    def collect(self) -> Iterator[Metric]:
        organisation = self._site.organisation
        yield _gauge("funding_info", "The version that runs", ("version",), [((VERSION,), 1)])
        on = [((source.key,), source.enabled) for source in organisation.sources]
        yield _gauge("funding_source_enabled", "Whether a source is to be read", ("source",), on)
        with self._site.database.reading() as session:
            found = [
                *_of_calls(session, organisation.key, self._now),
                *_of_readings(last_readings(session)),
                *_of_jobs([*job_states(session, ""), *job_states(session, organisation.key)]),
            ]
        yield from found
        yield from _of_queue(queue_state(self._site.database))
        yield from _of_backups(backups(self._site.settings))


def _of_calls(session: Session, organisation: str, now: datetime) -> Iterator[Metric]:
    source = ("source",)
    yield _gauge("funding_calls", "Calls that are stored", source, _by(calls_by_source(session)))
    live = _by(live_calls_by_source(session, now))
    yield _gauge("funding_calls_live", "Calls that are not closed", source, live)
    matches = _by(matches_by_verdict(session, organisation), organisation)
    yield _gauge("funding_matches", "Calls that were ranked", ("organisation", "verdict"), matches)
    digests = _by(digests_by_state(session, organisation), organisation)
    yield _gauge("funding_digests", "Digests by what became of them", ("organisation", "state"), digests)


def _of_readings(found: Sequence[LastReading]) -> Iterator[Metric]:
    source = ("source",)
    yield _gauge(
        "funding_source_last_run_timestamp_seconds",
        "When a source was last read, well or badly",
        source,
        [((one.source,), one.ended_at.timestamp()) for one in found],
    )
    yield _gauge(
        "funding_source_last_good_run_timestamp_seconds",
        "When a source last gave calls",
        source,
        [((one.source,), one.good_at.timestamp()) for one in found if one.good_at],
    )
    yield _gauge(
        "funding_source_last_run_outcome",
        "1 for the outcome of the last reading",
        ("source", "outcome"),
        [((one.source, one.outcome), 1) for one in found],
    )
    yield _gauge(
        "funding_source_rows_seen",
        "Rows in the last reading",
        source,
        [((one.source,), one.seen) for one in found],
    )
    yield _gauge(
        "funding_source_rows_quarantined",
        "Rows of the last reading that were refused",
        source,
        [((one.source,), one.quarantined) for one in found],
    )


def _of_jobs(found: Sequence[JobState]) -> Iterator[Metric]:
    """What is done for each officer is one job: the last that went well, how each ended, the most tries."""
    by_job = {key: list(jobs) for key, jobs in groupby(sorted(found, key=_key), _key)}
    labels = ("organisation", "job")
    success = ((key, [one.success_at for one in jobs if one.success_at]) for key, jobs in by_job.items())
    yield _gauge(
        "funding_job_last_success_timestamp_seconds",
        "When a job last ended well",
        labels,
        [(key, max(times).timestamp()) for key, times in success if times],
    )
    outcomes = Counted((*_key(one), one.outcome) for one in found)
    yield _gauge(
        "funding_job_last_outcome",
        "Jobs by how the last of their times ended",
        (*labels, "outcome"),
        outcomes.items(),
    )
    yield _gauge(
        "funding_job_tries",
        "How often a job was begun for the last of its times",
        labels,
        [(key, max(one.tries for one in jobs)) for key, jobs in by_job.items()],
    )


def _key(job: JobState) -> tuple[str, str]:
    """Only a crawl is told by what it is of, which is a source: what else is done for one officer or all is one job."""
    return job.organisation, job.job if job.job.startswith("crawl ") else job.job.partition(" ")[0]


def _of_queue(state: QueueState | None) -> Iterator[Metric]:
    if state is None:
        return
    jobs = {"waiting": state.waiting, "running": state.running, "failed": state.failed}
    yield _gauge("funding_queue_jobs", "Jobs that were handed to workers", ("state",), _by(jobs))
    yield _gauge("funding_queue_oldest_waiting_seconds", "How long one has waited", (), [((), state.oldest)])
    workers = {"alive": state.alive, "dead": state.dead}
    yield _gauge("funding_queue_workers", "Workers by their signs of life", ("state",), _by(workers))


def _of_backups(found: Backups | None) -> Iterator[Metric]:
    yield _gauge("funding_backups", "Backups in their folder", (), [((), found.count if found else 0)])
    if found is None:
        return
    newest = found.newest_at.timestamp()
    yield _gauge("funding_backup_last_timestamp_seconds", "When the newest one was taken", (), [((), newest)])
    yield _gauge("funding_backup_last_size_bytes", "The newest one", (), [((), found.newest_size)])


def _by(counts: Mapping[str, int], *first: str) -> Rows:
    return [((*first, key), count) for key, count in counts.items()]


def _gauge(name: str, meaning: str, labels: Sequence[str], rows: Rows) -> Metric:
    gauge = GaugeMetricFamily(name, meaning, labels=labels)
    for values, number in rows:
        gauge.add_metric(values, float(number))
    return gauge
