"""The clock of this machine, that of the database's server, and the time zones."""

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import available_timezones

from sqlalchemy import text

from cli.checks.findings import FAULT, OK, WARNING, Finding
from store.database import Database
from store.measures import last_readings, newest_start

APART = timedelta(minutes=1)
"""How far clocks may be apart: a worker counts as dead after half a minute by that of the server."""
ZONES = frozenset({"Europe/Madrid", "Europe/Brussels"})
"""That of people, and that of deadlines of the EU."""


def check_zones(zones: Collection[str]) -> Finding:
    missing = sorted(ZONES.union(zones) - available_timezones())
    if missing:
        remark = f"no time zone data for {', '.join(missing)}: pip install --upgrade tzdata"
        return Finding("time zones", FAULT, remark)
    return Finding("time zones", OK, f"{', '.join(sorted(ZONES.union(zones)))}")


def check_clock(database: Database, organisations: Collection[str], now: datetime) -> Finding:
    """Whether anything that is stored was done after `now`, and whether the server has another time."""
    with database.reading() as session:
        newest = newest_start(session, ("", *organisations)) or now
        read = max((one.ended_at for one in last_readings(session)), default=now)
    if newest > now + APART:
        remark = (
            "the clock was set back, and jobs wait until then: set it, such as by timedatectl set-ntp true"
        )
        return Finding(
            "clock", FAULT, f"a job began at {newest:%Y-%m-%d %H:%M} UTC, which is yet to come: {remark}"
        )
    if read > now + APART:
        remark = "the clock was set back, or somebody used --today: see whether it is right by timedatectl"
        return Finding(
            "clock", WARNING, f"a source was read on {read:%Y-%m-%d}, which is yet to come: {remark}"
        )
    return _beside_server(database, now)


def _beside_server(database: Database, now: datetime) -> Finding:
    told = f"{now:%Y-%m-%d %H:%M} UTC"
    if database.engine.dialect.name != "postgresql":
        return Finding("clock", OK, told)
    with database.reading() as session:
        server: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = server - now
    if abs(apart) > APART:
        seconds = f"{abs(apart).total_seconds():,.0f} seconds {'ahead' if apart > timedelta() else 'behind'}"
        remark = "set both by NTP, or workers that live count as dead"
        return Finding("clock", WARNING, f"that of the database's server is {seconds}: {remark}")
    return Finding("clock", OK, f"{told}, as the database's server has it")
