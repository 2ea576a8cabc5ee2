"""Whether a call is open by its own dates, for sources that do not say it or contradict themselves."""

from collections.abc import Sequence
from datetime import date

from store.records import DeadlineRecord, Status


def status_by_dates(opening: date | None, deadlines: Sequence[DeadlineRecord], today: date | None) -> Status:
    """Open until the end of the last dated deadline; unknown while there is no date to go by."""
    days = [deadline.day for deadline in deadlines if deadline.day is not None]
    if today is None:
        return Status.UNKNOWN
    if opening is not None and opening > today:
        return Status.FORTHCOMING
    if not days or len(days) < len(deadlines):
        return Status.UNKNOWN
    return Status.OPEN if max(days) >= today else Status.CLOSED
