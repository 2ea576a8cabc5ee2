"""Digests: prepared once per officer and week, claimed, sent and noted one by one."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from config.organisation import Organisation
from config.schema import Officer
from config.settings import Settings
from notifier.letter import write_letter
from notifier.mail import DeliveryError, Envelope, Outbox, Smtp, Transport, build_message, domain_of
from notifier.selection import Selection, select_digest, unfolded
from notifier.words import MADRID
from store.database import Database
from store.locks import exclusive
from store.models import Delivery, DeliveryItem


@dataclass(frozen=True)
class Outcome:
    """What became of one officer's digest. `state`: sent, failed (with `error`), or already (sent before)."""

    officer: str
    period: str
    state: str
    items: int = 0
    error: str = ""


Progress = Callable[[Outcome], None]


def period_of(now: datetime) -> str:
    """The ISO week in Madrid, such as `2026-W34`: what a digest is for."""
    year, week, _ = now.astimezone(MADRID).isocalendar()
    return f"{year}-W{week:02d}"


def find_delivery(session: Session, organisation: str, officer: str, period: str) -> Delivery | None:
    return session.exec(
        select(Delivery).where(
            Delivery.organisation == organisation,
            Delivery.officer == officer,
            Delivery.period == period,
        )
    ).one_or_none()


def prepare(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    *,
    sender: str,
    moved_days: int = 0,
) -> Delivery | None:
    """Write the digest of this week and note what stands in it, in the caller's transaction.

    None when there is one for this week already: it stays as it is, so that a second try sends the same mail.
    """
    period = period_of(now)
    if find_delivery(session, organisation.key, officer.id, period):
        return None
    selection = select_digest(session, organisation, officer, now)
    domain = domain_of(sender)
    message_id = f"<{period}.{officer.id}.{organisation.key}@{domain}>"
    message = build_message(
        write_letter(selection, organisation, officer, now, moved_days),
        sender=sender,
        recipient=officer.email,
        message_id=message_id,
        list_id=f"<digest.{organisation.key}.{domain}>",
        now=now,
    )
    delivery = Delivery(
        organisation=organisation.key,
        officer=officer.id,
        period=period,
        message_id=message_id,
        message=message.as_bytes().decode("ascii"),
        prepared_at=now,
    )
    session.add(delivery)
    session.flush()
    session.add_all(_ledger(delivery, selection))
    return delivery


def _ledger(delivery: Delivery, selection: Selection) -> list[DeliveryItem]:
    assert delivery.id is not None
    return [
        DeliveryItem(
            delivery_id=delivery.id, call_id=item.call_id, call_version=item.call.version, section=section
        )
        for section, items in selection.sections.items()
        for item in unfolded(items)
    ]


def deliver(
    database: Database, delivery_id: int, officer: Officer, sender: str, transport: Transport, now: datetime
) -> Outcome:
    """Claim, send and note one prepared digest, each in a transaction of its own.

    A row left in `sending` by a process that was killed is sent again with the same Message-ID: whether the first
    mail went out is what SMTP leaves open. A row that `failed` is tried again. One that was `sent` is left alone.
    Two processes must not deliver at a time: the lock of `send_digests` sees to that.
    """
    with database.writing() as session:
        delivery = session.get_one(Delivery, delivery_id)
        period, message = delivery.period, delivery.message
        count = len(
            session.exec(select(DeliveryItem.id).where(DeliveryItem.delivery_id == delivery_id)).all()
        )
        if delivery.state == "sent":
            return Outcome(officer.id, period, "already", count)
        delivery.state = "sending"
    envelope = Envelope(f"{period}-{officer.id}", sender, officer.email)
    try:
        transport.send(envelope, message.encode("ascii"))
    except DeliveryError as error:
        _note(database, delivery_id, "failed", now, str(error))
        return Outcome(officer.id, period, "failed", count, str(error))
    _note(database, delivery_id, "sent", now)
    return Outcome(officer.id, period, "sent", count)


def _note(database: Database, delivery_id: int, state: str, now: datetime, error: str = "") -> None:
    with database.writing() as session:
        delivery = session.get_one(Delivery, delivery_id)
        delivery.state, delivery.error = state, error
        delivery.sent_at = now if state == "sent" else None


def send_digests(
    database: Database,
    organisation: Organisation,
    settings: Settings,
    now: datetime,
    officers: Collection[str] | None = None,
    progress: Progress | None = None,
    *,
    moved_days: int = 0,
) -> list[Outcome]:
    """Send this week's digest to `officers` (ids; None: all), through the server of the settings or to the outbox.

    Officers who had it are left alone. Digests of earlier weeks that never went out are not sent late: what stood
    in them is in this one. Raises DeliveryError when the settings name no usable server, before anything is sent,
    and store.locks.BusyError while another process sends.
    """
    with exclusive(settings.home, "digest"):
        return _send_digests(database, organisation, settings, now, officers, progress, moved_days)


def _send_digests(
    database: Database,
    organisation: Organisation,
    settings: Settings,
    now: datetime,
    officers: Collection[str] | None,
    progress: Progress | None,
    moved_days: int,
) -> list[Outcome]:
    transport = make_transport(settings)
    outcomes = []
    for officer in organisation.officers:
        if officers is not None and officer.id not in officers:
            continue
        with database.writing() as session:
            prepare(session, organisation, officer, now, sender=settings.mail_from, moved_days=moved_days)
            delivery_id = _id_of(session, organisation, officer, now)
        outcome = deliver(database, delivery_id, officer, settings.mail_from, transport, now)
        outcomes.append(outcome)
        if progress:
            progress(outcome)
    return outcomes


def _id_of(session: Session, organisation: Organisation, officer: Officer, now: datetime) -> int:
    delivery = find_delivery(session, organisation.key, officer.id, period_of(now))
    assert delivery is not None
    assert delivery.id is not None
    return delivery.id


def make_transport(settings: Settings) -> Transport:
    """The mail server of the settings, or the outbox where there is none."""
    url = settings.smtp_url.get_secret_value()
    return Smtp(url) if url else Outbox(settings.outbox)
