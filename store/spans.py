"""What lists of calls are found and ordered by, in narrow rows.

A row of `call` holds whole texts and one of `match` its reasons, most of both on pages of their own: to look at a
hundred thousand of them for a date or an area means to read nearly the whole database.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import BigInteger, delete
from sqlmodel import Field, Session, SQLModel, col

from store.models import Call
from store.states import State, entry_deadline, moment, state

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


class CallSpan(SQLModel, table=True):
    """A call between two of its deadlines: after `since` and up to `until` all of this stays true by itself.

    The spans of a call follow one another without gaps; what comes after the last one is closed for good. `day` is that
    of the deadline by which a newcomer can enter, `dated` that some deadline, such as that of a second stage, is ahead.
    `languages`: those of titles and texts, each between spaces (` ca en `). `euro_cents`: the budget, where it is in euros.
    """

    __tablename__ = "call_span"
    __table_args__ = ({"sqlite_with_rowid": False},)

    call_id: int = Field(primary_key=True, foreign_key="call.id")
    until: datetime = Field(primary_key=True)
    since: datetime
    live: bool
    dated: bool
    day: date | None
    source: str
    programme: str = Field(index=True)
    languages: str
    euro_cents: int | None = Field(sa_type=BigInteger)
    first_seen_at: datetime


class MatchArea(SQLModel, table=True):
    """That a match touches an area: written by triggers of the database, whoever writes the match, and gone with it.

    A later migration that makes the table `match` anew on SQLite makes its trigger anew too: `0011_search.py`.
    """

    __tablename__ = "match_area"
    __table_args__ = ({"sqlite_with_rowid": False},)

    match_id: int = Field(primary_key=True, foreign_key="match.id", ondelete="CASCADE")
    area: str = Field(primary_key=True)


def keep_spans(session: Session, calls: Iterable[Call]) -> None:
    """Write the spans of `calls` anew."""
    found = list(calls)
    session.execute(delete(CallSpan).where(col(CallSpan.call_id).in_([call.id for call in found])))
    session.add_all(span for call in found for span in spans_of(call))
    session.flush()


def spans_of(call: Call) -> Sequence[CallSpan]:
    assert call.id is not None
    instants = sorted({instant for instant in map(moment, call.deadlines) if instant is not None})
    languages = sorted({*call.titles, *call.texts})
    found = []
    for since, until in zip([BEGINNING, *instants], [*instants, FOREVER], strict=True):
        now = min(until, since + timedelta(microseconds=1))
        deadline = entry_deadline(call, now)
        live = state(call, now) is not State.CLOSED
        if not live and until == FOREVER:
            continue
        found.append(
            CallSpan(
                call_id=call.id,
                since=since,
                until=until,
                live=live,
                dated=until != FOREVER,
                day=deadline.day if deadline else None,
                source=call.source,
                programme=call.programme or call.programme_code,
                languages=f" {' '.join(languages)} ",
                euro_cents=call.budget_cents if call.currency == "EUR" else None,
                first_seen_at=call.first_seen_at,
            )
        )
    return found
