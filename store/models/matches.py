"""What is made of calls for an organisation, and what is kept so that it need not be made again."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from store.models.naming import SQLModel


class Match(SQLModel, table=True):
    """How a call stands to an organisation: reasons as data, worded by the notifier."""

    __table_args__ = (
        UniqueConstraint("organisation", "call_id"),
        Index(None, "organisation", "score", "verdict", "call_id"),  # a page of a list, and no other row
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    call_id: int = Field(foreign_key="call.id", index=True)
    call_version: int
    profile_hash: str
    model: str
    score: float
    percentile: float = Field(description="share of all calls ranked below this one, 0 to 100")
    areas: list[dict[str, Any]] = Field(sa_type=JSON)
    projects: list[dict[str, Any]] = Field(sa_type=JSON)
    roles: list[dict[str, Any]] = Field(sa_type=JSON)
    verdict: str
    rule: str
    evidence: list[dict[str, Any]] = Field(sa_type=JSON)
    conditions: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=JSON,
        description="what the call asks of a consortium and pays: {name: {value, basis, field, words, start, end, …}}",
    )
    probability: float | None = Field(
        default=None,
        description="that an officer would call it relevant, 0 to 1; None before enough is decided",
    )
    learnt: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=JSON,
        description="decisions on calls like it that moved it: [{verdict, reason, count, calls, terms}]",
    )
    named: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_type=JSON,
        description="partners and networks that the call names: [{id, words, place}]",
    )
    group_id: int | None = Field(
        default=None,
        description="the best-ranked call of those whose texts are nearly the same as this one's; None: there is no other",
    )
    matched_at: datetime


class CallReading(SQLModel, table=True):
    """What a call tells an organisation by itself: a cache, which may be lost at any time.

    `key` names the content of the call, the profile and the way of reading: with another one, `data` is out of date.
    """

    __tablename__ = "call_reading"

    organisation: str = Field(primary_key=True)
    call_id: int = Field(primary_key=True, foreign_key="call.id")
    key: str
    data: bytes


class LearntModel(SQLModel, table=True):
    """What was learnt from an organisation's decisions at a time: `store.learnt` for `state`, `matcher.learning` for
    the numbers.

    `belongs_to` is the version of the ranking whose figures the parameters weigh: with another one they mean nothing.
    `learnt_from` changes with the decisions; `decisions` counts them.
    """

    __tablename__ = "learnt_model"
    __table_args__ = (UniqueConstraint("organisation", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    number: int
    belongs_to: str
    learnt_from: str
    decisions: int
    state: str
    measures: dict[str, Any] = Field(sa_type=JSON)
    parameters: dict[str, Any] = Field(sa_type=JSON)
    trained_at: datetime


class Vector(SQLModel, table=True):
    """A text as an encoder sees it: `size` numbers of 4 bytes, least first, of length 1 together.

    `model` names the encoder with its version; `text_hash` is of the text and of what it is encoded as.
    """

    __tablename__ = "text_vector"

    model: str = Field(primary_key=True)
    text_hash: str = Field(primary_key=True)
    size: int
    data: bytes
