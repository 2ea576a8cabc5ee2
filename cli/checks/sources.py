"""How each source was last read, and how long ago."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cli.checks.findings import FAULT, OK, WARNING, Finding
from config.organisation import Organisation
from config.schema import Source
from store.database import Database
from store.measures import LastReading, last_readings
from store.runs import last_runs

CADENCES = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}
MISSED = 3
"""Cadences without a good reading after which what is known of a source is old."""


def check_sources(database: Database, organisation: Organisation, now: datetime) -> Iterator[Finding]:
    with database.reading() as session:
        readings = {one.source: one for one in last_readings(session)}
        details = {key: run.detail for key, run in last_runs(session).items()}
    for source in organisation.sources:
        last = readings.get(source.key)
        yield _check(source, last, details.get(source.key, ""), now)


def _check(source: Source, last: LastReading | None, detail: str, now: datetime) -> Finding:
    what, crawl = f"source {source.key}", f"funding crawl {source.key}"
    if not source.enabled:
        return Finding(what, OK, f"off: {source.reason}")
    if last is None:
        return Finding(what, WARNING, f"never read: {crawl}")
    told = f"{last.outcome}, {last.seen} rows {detail}".strip()
    if last.good_at is None or now - last.good_at > MISSED * CADENCES[source.cadence]:
        since = f"no calls since {last.good_at:%Y-%m-%d}" if last.good_at else "never any calls"
        told = f"{told}; {since}, and it is to be read {source.cadence}: {crawl}, or see whether `funding schedule` runs"
        return Finding(what, FAULT if last.outcome == "failed" else WARNING, told)
    return Finding(what, {"ok": OK, "failed": FAULT}.get(last.outcome, WARNING), told)
