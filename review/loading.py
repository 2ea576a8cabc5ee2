"""A few calls as the notifier shows them, without reading all that are matched."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, select

from config.organisation import Organisation
from notifier.history import later_versions
from notifier.items import Item, item_of, ordered_copies
from store.models import Call, Match, SameCall


def find_call(session: Session, source: str, source_key: str) -> Call | None:
    """The call that stands at `/calls/{source}/{source_key}`."""
    return session.exec(select(Call).where(Call.source == source, Call.source_key == source_key)).first()


def face_of(session: Session, call: Call) -> Call:
    """The call that is shown in the place of `call`: itself, unless another source states it better."""
    statement = (
        select(Call).join(SameCall, col(SameCall.face_id) == Call.id).where(SameCall.call_id == call.id)
    )
    return session.exec(statement).first() or call


def read_items(
    session: Session, organisation: Organisation, call_ids: Collection[int], now: datetime
) -> dict[int, Item]:
    """The matched ones of `call_ids` by call, with their latest change; their rank is not known.

    At most some hundred: they are asked for in one statement.
    """
    statement = (
        select(Match, Call)
        .join(Call, col(Call.id) == Match.call_id)
        .where(Match.organisation == organisation.key, col(Match.call_id).in_(call_ids))
    )
    copies, versions = ordered_copies(session, organisation, call_ids), later_versions(session, call_ids)
    found = {}
    for match, call in session.exec(statement):
        item = item_of(call, match, copies.get(match.call_id, ()), now)
        latest = versions.get(match.call_id, [])[-1:]
        for version in latest:
            item = replace(item, changes=version.changes, changed_at=version.seen_at)
        found[match.call_id] = item
    return found


def read_item(session: Session, organisation: Organisation, call: Call, now: datetime) -> Item:
    """`call` as it stands; one that no ranking has seen yet is neither ranked nor judged: its match has no model."""
    assert call.id is not None
    found = read_items(session, organisation, [call.id], now).get(call.id)
    if found is not None:
        return found
    unmatched = Match(
        organisation=organisation.key,
        call_id=call.id,
        call_version=call.version,
        profile_hash="",
        model="",
        score=0,
        percentile=0,
        areas=[],
        projects=[],
        roles=[],
        verdict="unknown",
        rule="",
        evidence=[],
        matched_at=now,
    )
    return item_of(call, unmatched, ordered_copies(session, organisation, [call.id]).get(call.id, ()), now)
