"""What is sent to officers, and when jobs did their work."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from store.models.naming import SQLModel


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
    """What became of a job at one of its times: what catching up and trying again go by.

    `outcome`: running, ok, partial, failed (it is tried again), given_up, skipped. `organisation` is empty for what all have in common.
    """

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("organisation", "job", "due_at"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation: str
    job: str
    due_at: datetime
    started_at: datetime
    ended_at: datetime | None = None
    outcome: str = "running"
    tries: int = 1
    detail: str = ""
