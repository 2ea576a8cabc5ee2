"""What happened to calls, and what of it an officer has been told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from store.models import CallVersion, Delivery, DeliveryItem, SameCall

LARGE = 5
"""Per cent of an amount by which it must change to be news: below it, portals round or convert currencies."""
AMOUNTS = frozenset({"budget_cents", "grant_min_cents", "grant_max_cents"})
WHEN_STATED = frozenset({"status", "expected_grants", "currency"})
"""Facts of which any other value is news. That a portal no longer states one is none: nobody can act on it."""


@dataclass(frozen=True)
class Change:
    """A fact of a call before and after, in the JSON form of `store.records.CallRecord`."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Version:
    """A version of a call after its first one."""

    number: int
    seen_at: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Told:
    """That a call stood in a digest that was sent: in which section and version, and when (UTC).

    `version` is None where it stood there as another source states it: versions are counted by source.
    """

    section: str
    version: int | None
    at: datetime

    def covers(self, version: Version) -> bool:
        """Whether the officer has heard of the call as it is since `version`."""
        return version.seen_at <= self.at if self.version is None else version.number <= self.version


def later_versions(
    session: Session, calls: Collection[int] | SelectOfScalar[int]
) -> dict[int, list[Version]]:
    """The versions after the first of each of `calls`, oldest first, by call."""
    statement = (
        select(CallVersion)
        .options(defer(CallVersion.snapshot, raiseload=True))  # type: ignore[arg-type]
        .where(col(CallVersion.call_id).in_(calls), CallVersion.number > 1)
        .order_by(col(CallVersion.call_id), col(CallVersion.number))
    )
    found: dict[int, list[Version]] = {}
    for row in session.exec(statement):
        changes = tuple(Change(**change) for change in row.changes)
        version = Version(row.number, row.seen_at, changes)
        found.setdefault(row.call_id, []).append(version)
    return found


def told(session: Session, organisation: str, officer: str) -> dict[int, list[Told]]:
    """What `officer` has been sent, by call; what was told of a copy was told of its face.

    Digests that never went out do not count: what stood in them is as new as before.
    """
    statement = (
        select(DeliveryItem, Delivery.prepared_at, SameCall.face_id)
        .join(Delivery, col(Delivery.id) == DeliveryItem.delivery_id)
        .outerjoin(SameCall, col(SameCall.call_id) == DeliveryItem.call_id)
        .where(Delivery.organisation == organisation, Delivery.officer == officer, Delivery.state == "sent")
    )
    found: dict[int, list[Told]] = {}
    for item, at, face_id in session.exec(statement):
        version = item.call_version if face_id is None else None
        found.setdefault(face_id or item.call_id, []).append(Told(item.section, version, at))
    return found


def merge(versions: Iterable[Version]) -> tuple[Change, ...]:
    """The changes of several versions as one step: what was undone in between is no change."""
    merged: dict[str, Change] = {}
    for version in versions:
        for change in version.changes:
            first = merged.get(change.field, change)
            merged[change.field] = Change(change.field, first.before, change.after)
    return tuple(change for change in merged.values() if change.before != change.after)


def is_news(changes: Iterable[Change], today: date, *, forthcoming: bool) -> bool:
    """Whether an officer wants to hear of `changes`: more than corrections, which feel like spam."""
    return any(_matters(change, today, forthcoming=forthcoming) for change in changes)


def _matters(change: Change, today: date, *, forthcoming: bool) -> bool:
    match change.field:
        case "deadlines":
            # Portals drop cut-offs that have passed: nothing moved by that.
            return _ahead(change.before, today) != _ahead(change.after, today)
        case "opening":
            # Once a call is open, it no longer matters since when.
            return forthcoming and change.after is not None
        case field if field in AMOUNTS:
            return _much(change.before, change.after)
        case field:
            return field in WHEN_STATED and change.after not in (None, "", "unknown")


def _much(before: int | None, after: int | None) -> bool:
    """Whether an amount is stated for the first time, or differs by `LARGE` of what it was."""
    if not after:
        return False
    return not before or 100 * abs(after - before) >= LARGE * before


def _ahead(deadlines: list[dict[str, Any]] | None, today: date) -> set[tuple[str, str, int]]:
    """The deadlines that are not past by day, hour and stage: another wording moves none of them."""
    return {
        (one["day"], one.get("at") or "", one.get("stage") or 1)
        for one in deadlines or []
        if one["day"] and date.fromisoformat(one["day"]) >= today
    }
