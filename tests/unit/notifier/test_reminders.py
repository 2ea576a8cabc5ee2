"""Calls that somebody shortlisted, and calls that an officer wants to hear no more of."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.history import Told
from notifier.items import Item
from notifier.sections import REMINDERS, Section, reminder_due
from store.database import Database
from store.decisions import Verdict
from store.models import Call, Deadline, Match
from store.states import State
from tests.unit.notifier.builders import NOW, deadline, keys, matched, record, same, store
from tests.unit.notifier.telling import overview, say, sections, selected, stage, tell, why

DAY = timedelta(days=1)
CLOSES = date(2026, 6, 30)


def before(days: int) -> datetime:
    """06:00 UTC so many days before the deadline of `record`."""
    return datetime.combine(CLOSES - days * DAY, time(6), ZoneInfo("UTC"))


def reminded(database: Database, days: range) -> list[int]:
    """On which of these days before the deadline a reminder goes out."""
    return [day for day in days if "reminder" in tell(database, now=before(day))]


@pytest.mark.parametrize("reached", ["shortlisted", "preparing"])
def test_daily_reminders_come_at_each_threshold(database: Database, reached: str) -> None:
    matched(database, record("TEST-1"))
    tell(database)
    stage(database, "TEST-1", reached)
    assert reminded(database, range(40, -1, -1)) == list(REMINDERS)


@pytest.mark.parametrize(
    ("first", "expected"), [(40, [26, 12, 5]), (37, [30, 9, 2]), (36, [29, 8, 1]), (35, [28, 14, 7, 0])]
)
def test_a_weekly_reminder_makes_up_for_the_days_between(
    database: Database, first: int, expected: list[int]
) -> None:
    matched(database, record("TEST-1"))
    tell(database)
    stage(database, "TEST-1", "shortlisted")
    assert reminded(database, range(first, -1, -7)) == expected


def test_each_deadline_has_its_own_reminders(database: Database) -> None:
    matched(database, record("TEST-1", "2026-06-30", "2026-10-30"))
    stage(database, "TEST-1", "shortlisted")
    assert tell(database, now=before(2)) == {"reminder": ["TEST-1"]}
    assert tell(database, now=before(-10)) == {}
    assert tell(database, now=before(2) + (date(2026, 10, 30) - CLOSES)) == {"reminder": ["TEST-1"]}


def test_a_deadline_that_was_put_off_is_reminded_of_again(database: Database) -> None:
    matched(database, record("TEST-1"))
    stage(database, "TEST-1", "shortlisted")
    assert tell(database, now=before(2)) == {"reminder": ["TEST-1"]}
    store(database, record("TEST-1", "2026-09-30"), now=before(1))
    assert tell(database, now=before(1)) == {"changed": ["TEST-1"]}
    assert tell(database, now=before(2) + (date(2026, 9, 30) - CLOSES)) == {"reminder": ["TEST-1"]}


def test_the_deadline_is_that_by_which_one_can_still_enter(database: Database) -> None:
    matched(database, record("TEST-1", deadlines=(deadline("2026-04-10", 1), deadline("2026-06-30", 2))))
    tell(database)
    stage(database, "TEST-1", "shortlisted")
    assert reminded(database, range(14, 0, -1)) == []
    assert "deadline of the first stage has passed" in why(database, "TEST-1", now=before(14))


def test_a_shortlisted_call_is_reminded_of_and_does_not_ask_for_a_decision(database: Database) -> None:
    matched(database, record("TEST-1"), record("TEST-2"))
    stage(database, "TEST-1", "shortlisted")
    assert sections(selected(database, now=before(20))) == {"reminder": ["TEST-1"], "closing": ["TEST-2"]}


@pytest.mark.parametrize("reached", ["submitted", "awarded", "rejected"])
def test_where_all_is_decided_nothing_closes(database: Database, reached: str) -> None:
    matched(database, record("TEST-1"))
    tell(database)
    stage(database, "TEST-1", reached)
    assert sections(selected(database, now=before(20))) == {}


def test_seen_changes_nothing(database: Database) -> None:
    matched(database, record("TEST-1"))
    tell(database)
    stage(database, "TEST-1", "seen")
    assert sections(selected(database, now=before(20))) == {"closing": ["TEST-1"]}


def test_taken_back_it_is_a_call_like_the_others(database: Database) -> None:
    matched(database, record("TEST-1"))
    stage(database, "TEST-1", "shortlisted")
    stage(database, "TEST-1", None)
    assert sections(selected(database, now=before(20))) == {"closing": ["TEST-1"]}


def test_what_the_matcher_thinks_of_it_stops_no_reminder(database: Database) -> None:
    matched(database, record("TEST-WEAK"), percentile=3.0)
    matched(database, record("TEST-SMES"), verdict="not_open", rule="smes", percentile=1.0)
    for key in ("TEST-WEAK", "TEST-SMES"):
        stage(database, key, "shortlisted")
        assert "30, 14, 7 and 2 days before its deadline" in why(database, key)
    assert selected(database).items == ()
    assert set(keys(selected(database, now=before(10)).items)) == {"TEST-WEAK", "TEST-SMES"}
    tell(database, now=before(10))
    store(database, record("TEST-WEAK", "2026-07-15"), now=before(9))
    assert sections(selected(database, now=before(9))) == {"changed": ["TEST-WEAK"]}


def test_of_another_area_only_who_shortlisted_it_is_reminded(database: Database) -> None:
    matched(database, record("TEST-1"))
    stage(database, "TEST-1", "shortlisted", who="colleague")
    assert sections(selected(database, now=before(10), areas=["water"])) == {}
    stage(database, "TEST-1", "shortlisted", who="mobility")
    assert sections(selected(database, now=before(10), areas=["water"])) == {"reminder": ["TEST-1"]}


def test_a_copy_was_shortlisted(database: Database) -> None:
    matched(database, record("TEST-1"))
    store(database, record("TEST-COPY", source="other"))
    stage(database, "TEST-COPY", "shortlisted")
    same(database, "TEST-1", "TEST-COPY")
    assert sections(selected(database, now=before(10))) == {"reminder": ["TEST-1"]}


@pytest.mark.parametrize("verdict", [Verdict.MUTED, Verdict.NOT_RELEVANT])
def test_what_an_officer_set_aside_is_told_to_the_others_alone(database: Database, verdict: Verdict) -> None:
    matched(database, record("TEST-1"))
    say(database, "TEST-1", verdict)
    stage(database, "TEST-1", "shortlisted")
    assert sections(selected(database, now=before(10))) == {}
    assert selected(database).more == 0
    assert sections(selected(database, key="water")) == {"new": ["TEST-1"]}
    assert keys(overview(database).items) == ["TEST-1"]
    say(database, "TEST-1", None)
    assert sections(selected(database)) == {"new": ["TEST-1"]}


def test_muted_it_does_not_come_back_when_it_changes(database: Database) -> None:
    matched(database, record("TEST-1"))
    tell(database)
    say(database, "TEST-1", Verdict.MUTED)
    store(database, record("TEST-1", "2026-09-01"))
    assert sections(selected(database)) == {}
    say(database, "TEST-1", Verdict.RELEVANT)
    assert sections(selected(database)) == {}


def test_what_continues_a_project_is_told_as_such(database: Database) -> None:
    project = [{"id": "test_project", "score": 4.0, "terms": []}]
    coming: dict[str, Any] = {"status": "forthcoming", "opening": date(2026, 4, 1)}
    matched(database, record("TEST-NEW"))
    matched(
        database,
        record("TEST-PROJECT"),
        record("TEST-SOON", "2026-03-20"),
        record("TEST-COMING", "2026-09-01", **coming),
        projects=project,
        score=1.0,
    )
    assert tell(database) == {
        "closing": ["TEST-SOON"],
        "new": ["TEST-NEW"],
        "portfolio": ["TEST-PROJECT"],
        "forthcoming": ["TEST-COMING"],
    }
    assert tell(database, now=NOW + 7 * DAY) == {}


def at(days: int, closes: date = CLOSES) -> Item:
    """A call so many days before its deadline."""
    dated = Deadline(position=0, day=closes, at=None, zone="Europe/Brussels", stage=None, prose="")
    nothing: dict[str, Any] = {}
    return Item(Call(**nothing), Match(**nothing), State.OPEN, dated, days)


@given(st.lists(st.integers(0, 60), unique=True).map(lambda days: sorted(days, reverse=True)))
def test_each_threshold_is_told_once_however_the_days_fall(days: list[int]) -> None:
    heard: list[Told] = []
    for left in days:
        due = reminder_due(at(left), heard)
        crossed = [threshold for threshold in REMINDERS if left <= threshold]
        first_since = not any(left <= other <= min(crossed, default=-1) for other in days[: days.index(left)])
        assert due is (bool(crossed) and first_since)
        if due:
            heard.append(Told(Section.REMINDER, 1, before(left)))
