"""What looks at the portals found, and which sources a look at the real portal has verified."""

from sqlmodel import Session, col, select

from store.models import SourceCheck


def save_check(session: Session, check: SourceCheck) -> None:
    session.add(check)


def last_checks(session: Session, *, live: bool) -> dict[str, SourceCheck]:
    """The last check of each source: of the portals themselves, or of their replicas."""
    checks = select(SourceCheck).where(SourceCheck.live == live).order_by(col(SourceCheck.id))
    return {check.source: check for check in session.exec(checks)}


def verified_live(session: Session) -> set[str]:
    """The sources whose portal answered as expected when it last answered; a day on which it is down unsays nothing."""
    answered = (
        select(SourceCheck)
        .where(col(SourceCheck.live), SourceCheck.outcome != "failed")
        .order_by(col(SourceCheck.id))
    )
    last = {check.source: check for check in session.exec(answered)}
    return {source for source, check in last.items() if check.outcome == "ok"}
