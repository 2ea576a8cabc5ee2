"""What officers do about calls, and how they enter the review."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from store.models.naming import SQLModel


class Decision(SQLModel, table=True):
    """What an officer said of a call as it stood in `call_version`: `store.decisions`. Taken back, it stays as history."""

    __table_args__ = (Index(None, "organisation", "call_id"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    officer: str
    call_id: int = Field(foreign_key="call.id")
    call_version: int
    verdict: str
    reason: str = ""
    note: str = ""
    decided_at: datetime
    withdrawn_at: datetime | None = None


class Stage(SQLModel, table=True):
    """How far the organisation has got with a call: `store.stages`. Taken back, it stays as history."""

    __table_args__ = (Index(None, "organisation", "call_id"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    officer: str
    call_id: int = Field(foreign_key="call.id")
    call_version: int
    stage: str
    day: date | None = Field(
        default=None, description="when it came to that, where it was not on the day it was noted"
    )
    cents: int | None = Field(default=None, sa_type=BigInteger, description="asked for, or won, by the stage")
    currency: str = "EUR"
    noted_at: datetime
    withdrawn_at: datetime | None = None


class Assignment(SQLModel, table=True):
    """Who looks after a call: `store.assignments`. Nobody is `officer` empty; the last row counts."""

    __table_args__ = (Index(None, "organisation", "call_id"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    call_id: int = Field(foreign_key="call.id")
    officer: str
    assigned_by: str
    assigned_at: datetime


class CallNote(SQLModel, table=True):
    """What an officer wrote down about a call as it stood in `call_version`. Taken back, its text is emptied."""

    __tablename__ = "call_note"
    __table_args__ = (Index(None, "organisation", "call_id"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    officer: str
    call_id: int = Field(foreign_key="call.id")
    call_version: int
    text: str
    noted_at: datetime
    withdrawn_at: datetime | None = None


class AuditEvent(SQLModel, table=True):
    """That somebody did something in the review: no addresses, no texts. `store.audit` for `action` and `facts`.

    The number of a call's last event is its revision: whoever decides says which one they saw.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "organisation", "call_id"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    officer: str
    action: str
    call_id: int | None = Field(default=None, foreign_key="call.id")
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    happened_at: datetime


class SavedFilter(SQLModel, table=True):
    """A view of the inbox that an officer keeps: `query` is what stands behind the question mark of its address."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("organisation", "officer", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    officer: str
    name: str
    query: str
    saved_at: datetime


class AccessToken(SQLModel, table=True):
    """Something that lets somebody in, known by its hash: `store.access` for `kind`.

    `holder` is an officer, or the name of a program; one that may be used once is `used_at` a time.
    """

    __tablename__ = "access_token"

    token_hash: str = Field(primary_key=True)
    organisation: str = Field(index=True)
    kind: str
    holder: str
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None
