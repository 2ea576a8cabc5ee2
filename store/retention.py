"""What goes after a time: what can be made anew, or is of no use any more.

Calls, their versions, matches, decisions, stages, assignments and notes never go, nor does any event on a call or any
row of a delivery: the figures are made of them, and the ledger is what keeps a mail from being sent twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, or_, select, tuple_, update
from sqlmodel import Session, SQLModel, col, func

from config.retention import Retention
from store.access import ONCE
from store.database import Database
from store.deliveries import GIVEN_UP, DeliveryState
from store.models import (
    AccessToken,
    AuditEvent,
    CallReading,
    CallVersion,
    CrawlRun,
    Delivery,
    JobRun,
    Match,
    Quarantined,
    SameCall,
    SourceCheck,
    Vector,
)
from store.runs import TRAILING

AT_ONCE = 400
"""Rows in one transaction: others who write wait for it, and SQLite takes 999 variables in its older builds."""
READ = ("ok", "partial")
"""Outcomes of readings that brought something."""


@dataclass
class Retained:
    """How many rows went, or would go; of mails, how many texts were emptied."""

    quarantined: int = 0
    runs: int = 0
    checks: int = 0
    jobs: int = 0
    mails: int = 0
    events: int = 0
    tokens: int = 0
    readings: int = 0
    vectors: int = 0


@dataclass(frozen=True)
class _Rule:
    """Rows of `table` that go where `gone` holds; with `emptied`, only that column of theirs."""

    name: str
    table: type[SQLModel]
    gone: ColumnElement[bool]
    emptied: str = ""


def retain(
    database: Database,
    organisation: str,
    periods: Retention,
    now: datetime,
    *,
    dry_run: bool = False,
    progress: Callable[[Retained], None] | None = None,
) -> Retained:
    """Let go what is over, some rows at a time: others go on writing, and killed half-way the next time goes on.

    What is of one organisation goes for `organisation` alone. Raises StoreError.
    """
    done = Retained()
    with database.reading() as session:
        rules = list(_rules(session, organisation, periods, now))
        if dry_run:
            return Retained(**{rule.name: _count(session, rule) for rule in rules})
    for rule in rules:
        while went := _let_go(database, rule):
            setattr(done, rule.name, getattr(done, rule.name) + went)
            if progress is not None:
                progress(done)
    return done


def _count(session: Session, rule: _Rule) -> int:
    count = select(func.count()).select_from(rule.table).where(rule.gone)
    return int(session.execute(count).scalar_one())


def _let_go(database: Database, rule: _Rule) -> int:
    keys = rule.table.__table__.primary_key.columns  # type: ignore[attr-defined]
    with database.writing() as session:
        some = session.execute(select(*keys).where(rule.gone).limit(AT_ONCE)).all()
        if some:
            these = tuple_(*keys).in_([tuple(key) for key in some])
            change = update(rule.table).values({rule.emptied: ""}) if rule.emptied else delete(rule.table)
            session.execute(change.where(these, rule.gone), execution_options={"synchronize_session": False})
    return len(some)


def _rules(session: Session, organisation: str, periods: Retention, now: datetime) -> Iterator[_Rule]:
    def before(days: int) -> datetime:
        return now - timedelta(days=days)

    # In this order: rows in quarantine before the runs that they came by.
    yield _Rule("quarantined", Quarantined, col(Quarantined.seen_at) < before(periods.quarantined))
    yield _Rule("runs", CrawlRun, _unused_runs(before(periods.runs), before(periods.quarantined)))
    yield _Rule("checks", SourceCheck, _unused_checks(before(periods.runs)))
    yield _Rule("jobs", JobRun, _unused_jobs(organisation, before(periods.runs)))
    yield _Rule("mails", Delivery, _settled_mails(organisation, before(periods.mails)), emptied="message")
    yield _Rule("events", AuditEvent, _events_on_no_call(organisation, before(periods.events)))
    yield _Rule("tokens", AccessToken, _ended_tokens(organisation, before(periods.tokens)))
    yield _Rule("readings", CallReading, _readings_of_copies(organisation))
    encoders = _encoders_in_use(session)
    if encoders:  # nothing is matched yet, or for a while without an encoder: that makes none of them useless
        yield _Rule("vectors", Vector, col(Vector.model).not_in(encoders))


def _unused_runs(before: datetime, quarantine: datetime) -> ColumnElement[bool]:
    """No version came by them and no row that stays in quarantine, and neither health nor the lag of detection goes by
    them.
    """
    quarantined = col(Quarantined.run_id).is_not(None) & (col(Quarantined.seen_at) >= quarantine)
    run_id = col(CrawlRun.id)
    read = col(CrawlRun.outcome).in_(READ)
    first = select(func.min(run_id)).where(read).group_by(col(CrawlRun.source))
    return (
        (col(CrawlRun.ended_at) < before)
        & run_id.not_in(_newest(run_id, CrawlRun.source, TRAILING + 1))
        & run_id.not_in(_newest(run_id, CrawlRun.source, TRAILING + 1, read))
        & run_id.not_in(first)
        & run_id.not_in(select(col(CallVersion.run_id)).where(col(CallVersion.run_id).is_not(None)))
        & run_id.not_in(select(col(Quarantined.run_id)).where(quarantined))
    )


def _unused_checks(before: datetime) -> ColumnElement[bool]:
    """Neither the last of a source, live or of a replica, nor the last that verified it."""
    check_id = col(SourceCheck.id)
    last = select(func.max(check_id)).group_by(col(SourceCheck.source), col(SourceCheck.live))
    verified = last.where(col(SourceCheck.live), col(SourceCheck.outcome) != "failed")
    return (col(SourceCheck.checked_at) < before) & check_id.not_in(last) & check_id.not_in(verified)


def _unused_jobs(organisation: str, before: datetime) -> ColumnElement[bool]:
    """Not the last of a job, which catching up goes by."""
    ours = col(JobRun.organisation) == organisation
    last = select(col(JobRun.job), func.max(col(JobRun.due_at))).where(ours).group_by(col(JobRun.job))
    return ours & (col(JobRun.ended_at) < before) & tuple_(col(JobRun.job), col(JobRun.due_at)).not_in(last)


def _settled_mails(organisation: str, before: datetime) -> ColumnElement[bool]:
    """Of those that went out or never will; whatever may still be sent keeps its text."""
    return (
        (col(Delivery.organisation) == organisation)
        & col(Delivery.state).in_([DeliveryState.SENT, *GIVEN_UP])
        & (func.coalesce(col(Delivery.sent_at), col(Delivery.prepared_at)) < before)
        & (col(Delivery.message) != "")
    )


def _events_on_no_call(organisation: str, before: datetime) -> ColumnElement[bool]:
    return (
        (col(AuditEvent.organisation) == organisation)
        & col(AuditEvent.call_id).is_(None)
        & (col(AuditEvent.happened_at) < before)
    )


def _ended_tokens(organisation: str, before: datetime) -> ColumnElement[bool]:
    return (col(AccessToken.organisation) == organisation) & or_(
        col(AccessToken.expires_at) < before,
        col(AccessToken.revoked_at) < before,
        col(AccessToken.kind).in_(sorted(ONCE)) & (col(AccessToken.used_at) < before),
    )


def _readings_of_copies(organisation: str) -> ColumnElement[bool]:
    """A call that another one stands for is not read any more."""
    return (col(CallReading.organisation) == organisation) & col(CallReading.call_id).in_(
        select(col(SameCall.call_id))
    )


def _encoders_in_use(session: Session) -> list[str]:
    """Those that have vectors and that matches were made by, of whatever organisation."""
    made_by = session.execute(select(col(Match.model)).distinct()).scalars().all()
    parts = {part for name in made_by for part in name.split("+")}
    stored = session.execute(select(col(Vector.model)).distinct()).scalars()
    return sorted(parts & set(stored))


def _newest(key: Any, by: Any, count: int, *where: Any) -> Select[Any]:
    """The `key` of the newest `count` rows of each `by`."""
    place = func.row_number().over(partition_by=by, order_by=key.desc()).label("place")
    ranked = select(key.label("key"), place).where(*where).subquery()
    return select(ranked.c.key).where(ranked.c.place <= count)
