"""What sources state: calls, their versions, and how each source was read."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, Relationship

from store.models.naming import SQLModel


class CrawlRun(SQLModel, table=True):
    """One reading of one source. `outcome`: running, ok, partial, failed, empty."""

    __tablename__ = "crawl_run"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "running"
    error: str = ""
    detail: str = ""
    seen: int = 0
    declared: int | None = None
    new: int = 0
    changed: int = 0
    quarantined: int = 0
    records: int = Field(
        default=0, description="calls that were read anew: those that `coverage` counts among"
    )
    coverage: dict[str, int] = Field(
        default_factory=dict, sa_type=JSON, description="how many of the records state a field"
    )


class Call(SQLModel, table=True):
    """A call as one source states it now; the fields are those of `store.records.CallRecord`."""

    __table_args__ = (UniqueConstraint("source", "source_key"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_key: str
    kind: str
    identifiers: list[str] = Field(sa_type=JSON)
    call_identifier: str
    titles: dict[str, str] = Field(sa_type=JSON)
    call_title: str
    destination: str
    texts: dict[str, str] = Field(sa_type=JSON)
    conditions: dict[str, str] = Field(sa_type=JSON)
    programme: str
    programme_code: str
    types_of_action: list[str] = Field(sa_type=JSON)
    status: str
    opening: date | None
    deadline_model: str
    no_deadline: str
    budget_cents: int | None = Field(sa_type=BigInteger)
    grant_min_cents: int | None = Field(sa_type=BigInteger)
    grant_max_cents: int | None = Field(sa_type=BigInteger)
    expected_grants: int | None
    currency: str
    funding_rate: int | None
    geographical_zones: list[str] = Field(sa_type=JSON)
    countries: list[str] = Field(sa_type=JSON)
    regions: list[str] = Field(sa_type=JSON)
    applicants: list[str] = Field(sa_type=JSON)
    documents: list[dict[str, Any]] = Field(sa_type=JSON)
    published: date | None
    keywords: list[str] = Field(sa_type=JSON)
    page: str
    notices: list[str] = Field(sa_type=JSON)
    first_seen_at: datetime
    version: int = 1
    content_hash: str
    material_hash: str
    deadlines: list["Deadline"] = Relationship(
        sa_relationship_kwargs={
            "order_by": "Deadline.position",
            "cascade": "all, delete-orphan",
            "lazy": "selectin",
        }
    )

    @property
    def title(self) -> str:
        """The title in English, or in the first language that the source gives."""
        return self.titles.get("en") or next(iter(self.titles.values()))


class Deadline(SQLModel, table=True):
    """One deadline of a call. `day` and `at` are by the clock of `zone`."""

    id: int | None = Field(default=None, primary_key=True)
    call_id: int | None = Field(default=None, foreign_key="call.id", index=True)
    position: int
    day: date | None
    at: time | None
    zone: str
    stage: int | None
    prose: str


class CallVersion(SQLModel, table=True):
    """A call as it stood from `seen_at` on, and what changed then: [{field, before, after}]."""

    __tablename__ = "call_version"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    number: int
    run_id: int | None = Field(default=None, foreign_key="crawl_run.id", index=True)
    seen_at: datetime
    kinds: list[str] = Field(sa_type=JSON)
    changes: list[dict[str, Any]] = Field(sa_type=JSON)
    snapshot: dict[str, Any] = Field(sa_type=JSON)


class Quarantined(SQLModel, table=True):
    """A row that a source sent and the store refused."""

    id: int | None = Field(default=None, primary_key=True)
    run_id: int | None = Field(default=None, foreign_key="crawl_run.id", index=True)
    source: str
    source_key: str
    reason: str
    raw: str
    seen_at: datetime


class DetailRead(SQLModel, table=True):
    """A row of a list whose page of details was read: as long as the row stays as it is, so do the details."""

    __tablename__ = "detail_read"
    __table_args__ = (UniqueConstraint("source", "source_key"),)

    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_key: str
    row_hash: str
    read_at: datetime


class SameCall(SQLModel, table=True):
    """A call that another source states too. `face_id` is the one that is shown: both are one opportunity.

    `reason`: code, topic, title. `evidence` are the words that both have in common.
    """

    __tablename__ = "same_call"

    call_id: int = Field(primary_key=True, foreign_key="call.id")
    face_id: int = Field(foreign_key="call.id", index=True)
    reason: str
    evidence: str


class SourceCheck(SQLModel, table=True):
    """What a look at the portal found: [{part, kind, field, before, after}]. `outcome`: ok, drift, failed.

    `live` is False for a look at a replica, which verifies nothing. The hashes tell whether robots.txt and the page of
    the terms are as they were when somebody last looked at them.
    """

    __tablename__ = "source_check"

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    checked_at: datetime
    live: bool
    outcome: str
    findings: list[dict[str, Any]] = Field(sa_type=JSON)
    robots_hash: str = ""
    terms_hash: str = ""
