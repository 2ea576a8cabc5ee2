"""Sending digests: each officer's claimed, handed over and noted by itself."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

from sqlmodel import Session

from config.organisation import Organisation
from config.schema import Officer
from config.settings import Settings
from notifier.mail import AddressError, ascii_address
from notifier.periods import as_name
from notifier.preparing import current_period, prepare
from notifier.selection import Outlook, read_outlook
from notifier.transport import (
    DeliveryError,
    Envelope,
    RecipientRefusedError,
    ServerError,
    Transport,
    UnclearError,
    opened_transport,
)
from notifier.unsubscribe import one_click_address
from store.database import Database
from store.deliveries import DeliveryState, count_items, in_states, pause_after
from store.locks import exclusive
from store.mail_stops import Cause, standing_stop, stop
from store.models import Delivery

UNSENT = frozenset({"failed", "waiting", "unclear", "refused"})


@dataclass(frozen=True)
class Outcome:
    """What became of one officer's digest.

    `state`: sent; already (sent before); stopped (the officer gets no mail, by `cause`: store.mail_stops); refused
    (by the server, for good); failed (tried again later); waiting (it failed, and its time has not come); unclear (it
    may have gone out, and the same mail is sent again). The last four have an `error`.
    """

    officer: str
    period: str
    state: str
    items: int = 0
    error: str = ""
    cause: str = ""

    @property
    def unsent(self) -> bool:
        """Whether somebody who should have a mail may have none."""
        return self.state in UNSENT


Progress = Callable[[Outcome], None]


def send_digests(
    database: Database,
    organisation: Organisation,
    settings: Settings,
    now: datetime,
    officers: Collection[str] | None = None,
    progress: Progress | None = None,
    *,
    moved_days: int = 0,
    reminding: bool = False,
) -> list[Outcome]:
    """Send to `officers` (ids; None: all) what is due: their week's or day's digest, or what they are told at once.

    `reminding`: instead, where they have no digest each day, the reminders that cannot wait for the next one.

    Through the server of the settings, or to the outbox. Officers who had it are left alone, so it may run at any time
    and as often as one likes. Raises DeliveryError when the settings name no usable server or sender, before anything
    is sent, and store.locks.BusyError while another process sends.
    """
    try:
        ascii_address(settings.mail_from)
    except AddressError as error:
        raise DeliveryError(f"FUNDING_MAIL_FROM: {error}") from error
    outcomes = []
    with (
        exclusive(settings.home, f"digest-{organisation.key}", database),
        opened_transport(settings) as transport,
    ):
        run = _Run(database, organisation, settings, transport, now, moved_days, reminding)
        for officer in organisation.officers:
            if officers is not None and officer.id not in officers:
                continue
            if reminding and officer.cadence == "daily":
                continue
            for outcome in run.serve(officer):
                outcomes.append(outcome)
                if progress:
                    progress(outcome)
    return outcomes


@dataclass(frozen=True)
class _Run:
    """One sending of all that is due at `now`."""

    database: Database
    organisation: Organisation
    settings: Settings
    transport: Transport
    now: datetime
    moved_days: int
    reminding: bool = False

    def serve(self, officer: Officer) -> Iterator[Outcome]:
        """What one officer is owed.

        As long as a mail may have gone out or not, no other is written: it would tell the same.
        """
        key = self.organisation.key
        with self.database.reading() as session:
            period = current_period(session, self.organisation, officer, self.now, reminding=self.reminding)
            stopped = standing_stop(session, key, officer.id, officer.email, self.now)
            doubtful = in_states(session, key, officer.id, [DeliveryState.SENDING])
        if stopped is not None:
            yield Outcome(officer.id, period, "stopped", cause=stopped.cause)
            return
        for delivery in doubtful:
            outcome = self._deliver(officer, delivery.id)
            yield outcome
            if outcome.unsent or outcome.period == period:
                return
        try:
            with self.database.writing() as session:
                due = self._prepare(session, officer)
                due_id = due.id if due else None
        except AddressError as error:
            yield Outcome(officer.id, period, "failed", error=str(error))
            return
        if due_id is not None:
            yield self._deliver(officer, due_id)

    @cached_property
    def _outlook(self) -> Outlook:
        with self.database.reading() as session:
            return read_outlook(session, self.organisation, self.now)

    def _prepare(self, session: Session, officer: Officer) -> Delivery | None:
        return prepare(
            session,
            self.organisation,
            officer,
            self.now,
            sender=self.settings.mail_from,
            moved_days=self.moved_days,
            unsubscribe=one_click_address(self.settings, self.organisation, officer),
            review_url=self.settings.review_url,
            outlook=lambda: self._outlook,
            reminding=self.reminding,
        )

    def _deliver(self, officer: Officer, delivery_id: int | None) -> Outcome:
        assert delivery_id is not None
        return deliver(self.database, delivery_id, officer, self.settings.mail_from, self.transport, self.now)


def deliver(
    database: Database, delivery_id: int, officer: Officer, sender: str, transport: Transport, now: datetime
) -> Outcome:
    """Claim, hand over and note one prepared digest, the first and the last in a transaction of its own.

    One that was claimed before and never noted may have gone out; it is sent again as it is, and whatever is answered
    this time but yes, or no for good, it stays in doubt. Two processes must not deliver at a time: the lock of
    `send_digests` sees to that.
    """
    with database.reading() as session:
        delivery = session.get_one(Delivery, delivery_id)
        outcome = partial(Outcome, officer.id, delivery.period, items=count_items(session, delivery_id))
        if delivery.state == DeliveryState.SENT:
            return outcome("already")
        if delivery.next_try_at is not None and delivery.next_try_at > now:
            return outcome("waiting", error=delivery.error)
    transport.await_turn()
    with database.writing() as session:
        delivery = session.get_one(Delivery, delivery_id)
        doubtful = delivery.state == DeliveryState.SENDING
        delivery.state = DeliveryState.SENDING
        delivery.tries += 1
        message = delivery.message.encode("ascii")
        envelope = Envelope(f"{as_name(delivery.period)}-{officer.id}", sender, officer.email)
    try:
        transport.send(envelope, message)
    except DeliveryError as error:
        doubtful = doubtful or isinstance(error, UnclearError)
        return outcome(_note_failure(database, delivery_id, officer, now, error, doubtful), error=str(error))
    with database.writing() as session:
        delivery = session.get_one(Delivery, delivery_id)
        delivery.state, delivery.sent_at = DeliveryState.SENT, now
        delivery.error, delivery.next_try_at = "", None
    return outcome("sent")


def _note_failure(
    database: Database,
    delivery_id: int,
    officer: Officer,
    now: datetime,
    error: DeliveryError,
    doubtful: bool,
) -> str:
    """Note what became of a mail that was not taken, and say it in a word.

    A server that cannot be reached says nothing of the mail: once it is mended nobody has to wait.
    """
    with database.writing() as session:
        delivery = session.get_one(Delivery, delivery_id)
        delivery.error = str(error)
        delivery.next_try_at = None if isinstance(error, ServerError) else now + pause_after(delivery.tries)
        if isinstance(error, RecipientRefusedError):
            delivery.state, delivery.next_try_at = DeliveryState.REFUSED, None
            stop(
                session,
                delivery.organisation,
                officer.id,
                Cause.REFUSED,
                now,
                reason=error.answer,
                address=officer.email,
            )
            return "refused"
        delivery.state = DeliveryState.SENDING if doubtful else DeliveryState.FAILED
        return "unclear" if doubtful else "failed"
