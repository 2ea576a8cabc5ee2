"""What a digest is for: a week, a day, or one of several mails of a day."""

from datetime import datetime

from config.clock import local_day


def week_of(now: datetime) -> str:
    """The ISO week in Madrid: `2026-W34`."""
    year, week, _ = local_day(now).isocalendar()
    return f"{year}-W{week:02d}"


def day_of(now: datetime) -> str:
    """The day in Madrid, whose nights of changing clocks make it 23 or 25 hours long: `2026-08-22`."""
    return local_day(now).isoformat()


def nth_of_day(now: datetime, number: int) -> str:
    """The `number`-th mail of a day: `2026-08-22/1`."""
    return f"{day_of(now)}/{number}"


def at_once(period: str) -> bool:
    """Whether a period is that of a mail that could not wait."""
    return "/" in period


def as_name(period: str) -> str:
    """A period as a part of a Message-ID or of the name of a file: `2026-08-22-1`."""
    return period.replace("/", "-")
