"""What happened to calls, and what of it an officer has been told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from store.models import CallVersion, Delivery, DeliveryItem, Match, SameCall

MENTIONED_FIELDS = frozenset(
    {
        "status",
        "deadlines",
        "budget_cents",
        "grant_min_cents",
        "grant_max_cents",
        "expected_grants",
        "currency",
    }
)
"""Facts whose change is news to an officer; the others are corrections, which feel like spam."""


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
    kinds: tuple[str, ...]
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


def later_versions(session: Session, organisation: str) -> dict[int, list[Version]]:
    """The versions after the first of each call matched for `organisation`, oldest first, by call."""
    statement = (
        select(CallVersion)
        .options(defer(CallVersion.snapshot, raiseload=True))  # type: ignore[arg-type]
        .join(Match, col(Match.call_id) == CallVersion.call_id)
        .where(Match.organisation == organisation, CallVersion.number > 1)
        .order_by(col(CallVersion.call_id), col(CallVersion.number))
    )
    found: dict[int, list[Version]] = {}
    for row in session.exec(statement):
        changes = tuple(Change(**change) for change in row.changes)
        version = Version(row.number, row.seen_at, tuple(row.kinds), changes)
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


def is_news(versions: Iterable[Version], changes: Iterable[Change], today: date) -> bool:
    """Whether an officer wants to hear of `changes`, the sum of `versions`: more than corrections."""
    kinds = {kind for version in versions for kind in version.kinds}
    return bool(kinds - {"corrected"}) and any(_matters(change, today) for change in changes)


def _matters(change: Change, today: date) -> bool:
    if change.field == "deadlines":
        # Portals drop cut-offs that have passed: nothing moved by that.
        return _ahead(change.before, today) != _ahead(change.after, today)
    return change.field in MENTIONED_FIELDS


def _ahead(deadlines: list[dict[str, Any]] | None, today: date) -> list[dict[str, Any]]:
    return [one for one in deadlines or [] if not one["day"] or date.fromisoformat(one["day"]) >= today]
