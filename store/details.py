"""Which pages of details were read, when, and behind which row of the list."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session, col, select

from store.models import Call, DetailRead


def details_of(session: Session, source: str, now: datetime) -> dict[str, tuple[str, datetime]]:
    """By key: the hash of the row, and when the page behind it was read (UTC).

    The hash is empty where the call should have opened by `now` and had not when its page was read: that has news.
    """
    calls = session.exec(select(Call).where(Call.source == source, col(Call.opening) <= now.date()))
    openings = {call.source_key: call.opening for call in calls}
    found = session.exec(select(DetailRead).where(DetailRead.source == source))
    return {
        row.source_key: (
            "" if _opened_since(row, openings.get(row.source_key)) else row.row_hash,
            row.read_at,
        )
        for row in found
    }


def _opened_since(row: DetailRead, opening: date | None) -> bool:
    return opening is not None and opening > row.read_at.date()


def note_details(session: Session, source: str, row_hashes: Mapping[str, str], now: datetime) -> None:
    if not row_hashes:
        return
    statement = select(DetailRead).where(
        DetailRead.source == source, col(DetailRead.source_key).in_(list(row_hashes))
    )
    known = {row.source_key: row for row in session.exec(statement)}
    for key, row_hash in row_hashes.items():
        row = known.get(key) or DetailRead(source=source, source_key=key, row_hash="", read_at=now)
        row.row_hash, row.read_at = row_hash, now
        session.add(row)
