"""Calls like a call, past ones too: what came of them tells what can come of this one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from statistics import mean, pstdev

from sqlalchemy import or_
from sqlmodel import Session, col, select

from config.organisation import Organisation
from matcher.documents import to_document
from matcher.passages import opening
from matcher.vectors import text_hash
from notifier.items import Item
from review.loading import read_items
from store.models import Call, Match, SameCall, Vector
from store.vectors import vectors_of

SHOWN = 6
LOOKED_AT = 150
"""Calls of the same programme, and as many of the others, that are compared: the best ranked."""
NEAR = 1.5
"""Deviations above the mean of all that are compared from which a call is near in meaning: how large a cosine that is
depends on the encoder."""


class Likeness(IntEnum):
    """Why a call counts as similar, the strongest reason first."""

    TEXT = 0
    MEANING = 1
    AREAS = 2


@dataclass(frozen=True)
class Similar:
    """`strength`: larger is nearer, within one reason. `areas`: what both touch."""

    item: Item
    why: Likeness
    strength: float
    areas: tuple[str, ...] = ()


def similar_calls(
    session: Session, organisation: Organisation, item: Item, now: datetime
) -> tuple[Similar, ...]:
    """At most six, closed ones among them: by nearly the same text, else by sentence vectors where they are stored,
    else by areas and programme.
    """
    items = read_items(session, organisation, _candidates(session, organisation, item), now)
    same_text = {key for key, one in items.items() if _group(one) == _group(item)}
    cosines = _cosines(session, item, list(items.values()))
    enough = mean(cosines.values()) + NEAR * pstdev(cosines.values()) if cosines else 0.0
    found = []
    for key, one in items.items():
        cosine = cosines.get(key)
        shared = tuple(area for area in _areas(item) if area in _areas(one))
        if key in same_text:
            found.append(Similar(one, Likeness.TEXT, cosine or 0.0, shared))
        elif cosine is not None and cosine >= enough:
            found.append(Similar(one, Likeness.MEANING, cosine, shared))
        elif shared:
            found.append(Similar(one, Likeness.AREAS, _overlap(item, one), shared))
    found.sort(key=lambda one: (one.why, -one.strength, -one.item.call_id))
    return tuple(found[:SHOWN])


def _group(item: Item) -> int:
    return item.match.group_id or item.call_id


def _candidates(session: Session, organisation: Organisation, item: Item) -> Collection[int]:
    """Those of its group, then the best ranked of its programme and of all; never a copy."""
    own = item.call_id
    matched = (
        select(Match.call_id)
        .outerjoin(SameCall, col(SameCall.call_id) == Match.call_id)
        .where(Match.organisation == organisation.key, col(SameCall.call_id).is_(None), Match.call_id != own)
        .order_by(col(Match.score).desc())
        .limit(LOOKED_AT)
    )
    group = _group(item)
    statements = [
        matched.where(or_(col(Match.group_id) == group, col(Match.call_id) == group)),
        matched,
    ]
    if item.call.programme:
        of_programme = matched.join(Call, col(Call.id) == Match.call_id)
        statements.append(of_programme.where(Call.programme == item.call.programme))
    return {call_id for statement in statements for call_id in session.exec(statement)}


def _cosines(session: Session, item: Item, others: Sequence[Item]) -> Mapping[int, float]:
    """How near the openings of `others` are to that of `item`, by call, as far as one encoder has read both."""
    own = text_hash(opening(to_document(item.call)))
    statement = select(Vector.model).where(Vector.text_hash == own).order_by(col(Vector.model))
    model = session.exec(statement).first()
    if model is None:
        return {}
    hashes = {one.call_id: text_hash(opening(to_document(one.call))) for one in others}
    stored = vectors_of(session, model, {own, *hashes.values()})
    mine = stored.get(own)
    if mine is None:
        return {}
    near = {call_id: stored.get(found) for call_id, found in hashes.items()}
    return {
        call_id: float(mine @ theirs)
        for call_id, theirs in near.items()
        if theirs is not None and len(theirs) == len(mine)
    }


def _overlap(item: Item, other: Item) -> float:
    """The share of areas in common, and half as much as all of them for the same programme."""
    ours, theirs = set(_areas(item)), set(_areas(other))
    same_programme = bool(item.call.programme) and item.call.programme == other.call.programme
    return len(ours & theirs) / len(ours | theirs) + same_programme / 2


def _areas(item: Item) -> list[str]:
    return [area["id"] for area in item.match.areas]
