"""Writing a digest, and noting what stands in it, before anything goes out."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from config.organisation import Organisation
from config.schema import Officer
from notifier.calendar import attached_calendar
from notifier.letter import write_letter
from notifier.mail import build_message, domain_of
from notifier.periods import as_name, at_once, day_of, nth_of_day, week_of
from notifier.selection import (
    Outlook,
    Selection,
    select_digest,
    select_instant,
    select_reminders,
    unfolded,
)
from notifier.words import words_in
from store.deliveries import GIVEN_UP, WAITING, DeliveryState, count_of_day, discard, find_delivery, in_states
from store.models import Delivery, DeliveryItem


def prepare(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    *,
    sender: str,
    moved_days: int = 0,
    unsubscribe: str = "",
    review_url: str = "",
    outlook: Callable[[], Outlook] | None = None,
    reminding: bool = False,
) -> Delivery | None:
    """The officer's digest of the period of `now`: as it was written, or written now, in the caller's transaction.

    None where a mail at once would have nothing to tell. `reminding`: the mail tells the reminders that cannot wait for the
    next digest; None, too, where a digest waits to go out, which tells them. Digests of other periods that certainly never
    went out are superseded: what stood in them was not told, hence stands in this one if it still matters. `outlook`
    gives what all officers have in common, where a run reads it once for all. Raises notifier.mail.AddressError.
    """
    period = current_period(session, organisation, officer, now, reminding=reminding)
    for waiting in in_states(session, organisation.key, officer.id, WAITING):
        if waiting.period != period and reminding:
            return None
        if waiting.period != period:
            waiting.state = DeliveryState.SUPERSEDED
    present = find_delivery(session, organisation.key, officer.id, period)
    if present is not None and present.state not in GIVEN_UP:
        return present
    choose = select_reminders if reminding else select_instant if at_once(period) else select_digest
    selection = choose(session, organisation, officer, now, outlook() if outlook else None)
    if at_once(period) and not selection.items:
        return None
    if present is not None:
        discard(
            session, present
        )  # the clock was set back, or the recipient who was refused has another address
    calendar = attached_calendar(selection.calls, words_in(officer.language), organisation, now)
    domain = domain_of(sender)
    message_id = f"<{as_name(period)}.{officer.id}.{organisation.key}@{domain}>"
    message = build_message(
        write_letter(selection, organisation, officer, now, moved_days, review_url),
        sender=sender,
        recipient=officer.email,
        message_id=message_id,
        list_id=f"<digest.{organisation.key}.{domain}>",
        now=now,
        unsubscribe=unsubscribe,
        attachments=[calendar] if calendar else [],
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


def current_period(
    session: Session, organisation: Organisation, officer: Officer, now: datetime, *, reminding: bool = False
) -> str:
    """The period of `now` by the officer's cadence.

    Who is told at once has the week's digest besides, with all that can wait: changes, reminders, what closes. It comes
    first; a mail at once that waits is the one of its day. Reminders that cannot wait are mails of the day as well.
    """
    if officer.cadence == "daily":
        return day_of(now)
    week = find_delivery(session, organisation.key, officer.id, week_of(now))
    is_weekly = officer.cadence == "weekly" or week is None or week.state in WAITING
    if is_weekly and not reminding:
        return week_of(now)
    today = f"{day_of(now)}/"
    waiting = in_states(session, organisation.key, officer.id, WAITING)
    found = next((one.period for one in waiting if one.period.startswith(today)), None)
    return found or nth_of_day(now, count_of_day(session, organisation.key, officer.id, day_of(now)) + 1)


def _ledger(delivery: Delivery, selection: Selection) -> list[DeliveryItem]:
    assert delivery.id is not None
    return [
        DeliveryItem(
            delivery_id=delivery.id, call_id=item.call_id, call_version=item.call.version, section=section
        )
        for section, items in selection.sections.items()
        for item in unfolded(items)
    ]
