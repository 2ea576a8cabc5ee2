"""Reminders between two digests: what was shortlisted and closes within a week does not wait for Monday."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from notifier.digest import Outcome, send_digests
from store.database import Database
from tests.unit.notifier.builders import NOW, SENDER, matched, officer, organisation, record
from tests.unit.notifier.telling import stage

DAY = timedelta(days=1)


def closing_in(database: Database, days: int, key: str = "TEST-1", *, shortlisted: bool = True) -> None:
    matched(database, record(key, (NOW.date() + days * DAY).isoformat()))
    if shortlisted:
        stage(database, key, "shortlisted", now=NOW)


def sent(
    database: Database, home: Path, now: datetime, *, reminding: bool = False, **asked: Any
) -> list[str]:
    """The periods of the mails that went out."""
    whose = organisation(officer(**asked))
    settings = Settings(home=home, mail_from=SENDER)
    outcomes: list[Outcome] = send_digests(database, whose, settings, now, reminding=reminding)
    return [one.period for one in outcomes if one.state == "sent"]


def test_a_week_and_two_days_before_its_deadline_a_call_is_told_of(
    database: Database, tmp_path: Path
) -> None:
    closing_in(database, 10)
    assert sent(database, tmp_path, NOW) == ["2026-W10"]
    mails = {
        (NOW + number * DAY).date(): sent(database, tmp_path, NOW + number * DAY, reminding=True)
        for number in range(1, 11)
    }
    told = {day: periods for day, periods in mails.items() if periods}
    closes: date = NOW.date() + 10 * DAY
    assert told == {day: [f"{day}/1"] for day in (closes - 7 * DAY, closes - 2 * DAY)}


@pytest.mark.parametrize(("days", "shortlisted"), [(20, True), (5, False)])
def test_what_can_wait_or_was_not_shortlisted_makes_no_mail(
    database: Database, tmp_path: Path, days: int, shortlisted: bool
) -> None:
    closing_in(database, days, shortlisted=shortlisted)
    assert sent(database, tmp_path, NOW + DAY, reminding=True) == []


def test_what_the_digest_told_is_not_told_again(database: Database, tmp_path: Path) -> None:
    closing_in(database, 6)
    assert sent(database, tmp_path, NOW) == ["2026-W10"]
    assert sent(database, tmp_path, NOW, reminding=True) == []
    assert sent(database, tmp_path, NOW + DAY, reminding=True) == []


def test_a_digest_that_waits_to_go_out_is_not_overtaken(database: Database, tmp_path: Path) -> None:
    closing_in(database, 6)
    whose = organisation(officer())
    down = Settings(home=tmp_path, mail_from=SENDER, smtp_url="smtp://127.0.0.1:9")
    (failed,) = send_digests(database, whose, down, NOW)
    assert (failed.period, failed.state) == ("2026-W10", "failed")
    assert sent(database, tmp_path, NOW + DAY, reminding=True) == []
    assert sent(database, tmp_path, NOW + DAY) == ["2026-W10"]


def test_who_has_a_digest_each_day_needs_no_other_mail(database: Database, tmp_path: Path) -> None:
    closing_in(database, 6)
    assert sent(database, tmp_path, NOW, reminding=True, cadence="daily") == []
