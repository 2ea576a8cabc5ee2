"""The tables. Rows are validated before they come here (`store.records`): a table model checks nothing."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

# Constraints need names that are the same everywhere, or a later migration cannot drop them on SQLite.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


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
    run_id: int | None = Field(default=None, foreign_key="crawl_run.id")
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


class Delivery(SQLModel, table=True):
    """One digest for one officer and period: `notifier.digest` for `state` and for the form of `period`.

    `tries` counts how often it was handed to a server; before `next_try_at` it is not tried again.
    """

    __table_args__ = (UniqueConstraint("organisation", "officer", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    officer: str
    period: str
    state: str = "prepared"
    message_id: str
    message: str = Field(description="the mail as it goes out, so that a second try sends the same")
    error: str = ""
    tries: int = 0
    next_try_at: datetime | None = None
    prepared_at: datetime
    sent_at: datetime | None = None


class DeliveryItem(SQLModel, table=True):
    """A call that stood in a digest, in which section and version."""

    __tablename__ = "delivery_item"

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    call_id: int = Field(foreign_key="call.id", index=True)
    call_version: int
    section: str


class MailStop(SQLModel, table=True):
    """Why an officer gets no mail: `store.mail_stops` for `cause`. Lifted, it stays as history.

    `address_hash` is of the address that refused or unsubscribed: another one is not stopped by it.
    """

    __tablename__ = "mail_stop"
    __table_args__ = (Index(None, "organisation", "officer"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    officer: str
    cause: str
    reason: str = ""
    address_hash: str = ""
    since: datetime
    until: datetime | None = None
    lifted_at: datetime | None = None


class JobRun(SQLModel, table=True):
    """When a job last did its work: what catch-up after a pause goes by."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("organisation", "job", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    job: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "running"
