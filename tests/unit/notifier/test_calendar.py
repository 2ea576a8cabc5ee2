"""Deadlines as a calendar: at the right instant, the same entry for as long as they exist, whatever the titles hold."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from config.organisation import LANGUAGES, Language
from notifier.calendar import attached_calendar, subscribed_calendar
from notifier.mail import Letter, build_message
from notifier.plain import plain
from notifier.words import words_in
from store.database import Database
from tests.unit.notifier.builders import NOW, SENDER, deadline, matched, record, same, store
from tests.unit.notifier.wild import TITLES, everything, retitled, three_calls

LATER = NOW + timedelta(days=7)


def subscribed(database: Database, now: datetime = NOW, language: Language = "en") -> bytes:
    with everything(database, now) as (scope, whose):
        return subscribed_calendar(scope.items, words_in(language), whose, now, "Test calendar; one, two")


def attached(database: Database, now: datetime = NOW) -> bytes:
    with everything(database, now) as (scope, whose):
        attachment = attached_calendar(scope.items, words_in("en"), whose, now)
    return attachment.content if attachment else b""


def parsed(content: bytes) -> Any:
    """The calendar; what its properties hold depends on their names."""
    return Calendar.from_ical(content)


def events(content: bytes) -> list[Any]:
    return list(parsed(content).events)


def triggers(event: Any) -> list[timedelta]:
    return [alarm["trigger"].dt for alarm in event.walk("VALARM")]


def uids(content: bytes) -> dict[str, str]:
    """Status by UID."""
    return {str(event["uid"]): str(event["status"]) for event in events(content)}


def keeps_the_lines(content: bytes) -> None:
    """RFC 5545, 3.1: lines of at most 75 octets that end in CRLF, and no character is cut in two."""
    assert content.endswith(b"\r\n")
    for line in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        text = line.decode("utf-8")
        assert not any(char < " " and char != "\t" for char in text), text


def test_one_entry_for_each_deadline_that_is_ahead(database: Database) -> None:
    matched(
        database,
        record("TEST-1", "2026-01-20", "2026-06-20", "2026-12-20", deadline_model="multiple cut-off"),
        record("TEST-2", deadlines=(), no_deadline="not stated"),
    )
    found = [event.start for event in events(subscribed(database))]
    assert found == [datetime(2026, 6, 20, 15, tzinfo=UTC), datetime(2026, 12, 20, 16, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("day", "hour"), [("2026-03-28", 16), ("2026-03-29", 15), ("2026-10-24", 15), ("2026-10-25", 16)]
)
def test_the_instant_is_right_when_the_clocks_change(database: Database, day: str, hour: int) -> None:
    matched(database, record("TEST-1", day))
    (event,) = events(subscribed(database))
    assert event.start == datetime.combine(date.fromisoformat(day), time(hour), UTC)
    assert event["dtstart"].to_ical().endswith(b"Z")


def test_a_deadline_without_a_time_takes_the_whole_day(database: Database) -> None:
    matched(database, record("TEST-1", deadlines=(deadline("2026-06-30", at=None),)))
    (event,) = events(subscribed(database))
    assert event.start == date(2026, 6, 30)
    nine = timedelta(hours=9)
    assert triggers(event) == [timedelta(days=-14) + nine, timedelta(days=-2) + nine]


def test_it_reminds_a_fortnight_and_two_days_before(database: Database) -> None:
    matched(database, record("TEST-1"))
    (event,) = events(subscribed(database))
    assert triggers(event) == [timedelta(days=-14), timedelta(days=-2)]


def test_a_deadline_that_moves_moves_its_entry(database: Database) -> None:
    matched(database, record("TEST-1", "2026-06-20"))
    (before,) = events(subscribed(database))
    store(database, record("TEST-1", "2026-06-27"), now=LATER)
    (after,) = events(subscribed(database, LATER))
    assert after["uid"] == before["uid"]
    assert after["sequence"] == before["sequence"] + 1
    assert after["dtstamp"].dt > before["dtstamp"].dt
    assert after.start - before.start == timedelta(days=7)


def test_each_stage_keeps_its_entry(database: Database) -> None:
    stages = (deadline("2026-03-04", 1), deadline("2026-09-20", 2))
    matched(database, record("TEST-1", deadlines=stages, deadline_model="two-stage"))
    before = events(subscribed(database))
    assert [str(event["summary"]) for event in before] == [
        "Deadline of stage 1: Title of TEST-1",
        "Deadline of stage 2: Title of TEST-1",
    ]
    store(database, record("TEST-1", deadlines=(stages[1],), deadline_model="two-stage"), now=LATER)
    (after,) = events(subscribed(database, LATER))
    assert after["uid"] == before[1]["uid"]
    assert after["summary"] == before[1]["summary"]


def test_a_cut_off_that_is_taken_back_is_cancelled_and_one_that_passed_is_not(database: Database) -> None:
    model = {"deadline_model": "multiple cut-off"}
    matched(database, record("TEST-1", "2026-03-04", "2026-06-20", "2026-12-20", **model))
    _, june, december = uids(attached(database))
    store(database, record("TEST-1", "2026-12-20", **model), now=LATER)
    content = attached(database, LATER)
    assert uids(content) == {december: "CONFIRMED", june: "CANCELLED"}
    assert [len(event.walk("VALARM")) for event in events(content)] == [2, 0]


def test_ids_do_not_depend_on_the_rows_of_the_database(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-1"), record("TEST-2"))
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    matched(other, record("TEST-3"), record("TEST-2"), record("TEST-1"))
    assert uids(subscribed(database)).keys() < uids(subscribed(other)).keys()
    other.close()


def test_where_the_call_knows_no_date_the_one_of_another_source_counts(database: Database) -> None:
    face = record("TEST-1", deadlines=(), no_deadline="not stated")
    copy = record("TEST-2", "2026-06-30", source="other")
    matched(database, face, copy)
    same(database, "TEST-1", "TEST-2")
    (event,) = events(subscribed(database))
    assert event.start == datetime(2026, 6, 30, 15, tzinfo=UTC)
    assert event["url"] == copy.page


def test_a_subscription_says_its_name_and_when_to_ask_again(database: Database) -> None:
    matched(database, record("TEST-1"))
    content = subscribed(database)
    calendar = parsed(content)
    assert b"\r\nNAME:Test calendar\\; one\\, two\r\n" in content
    assert b"X-WR-CALNAME:Test calendar\\; one\\, two\r\n" in content
    assert b"X-PUBLISHED-TTL:PT12H\r\n" in content
    assert calendar["refresh-interval"].dt == timedelta(hours=12)
    assert "method" not in calendar


def test_it_goes_with_a_mail_as_it_is(database: Database) -> None:
    matched(database, record("TEST-1", titles={"en": "Títol amb 😀"}))
    with everything(database) as (scope, whose):
        attachment = attached_calendar(scope.items, words_in("ca"), whose, NOW)
    assert attachment
    letter = Letter("Subject", "text", "<p>html</p>", "ca")
    message = build_message(
        letter,
        sender=SENDER,
        recipient="test@example.org",
        message_id="<test@example.org>",
        list_id="<test.example.org>",
        now=NOW,
        attachments=[attachment],
    )
    (part,) = message_from_bytes(message.as_bytes(), policy=policy.default).iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part["content-type"].params == {"charset": "utf-8", "method": "PUBLISH"}
    calendar = parsed(part.get_content().encode())
    assert calendar["method"] == "PUBLISH"
    assert [str(event["summary"]) for event in calendar.events] == ["Termini: Títol amb 😀"]


def test_where_no_deadline_is_ahead_nothing_goes_with_a_mail(database: Database) -> None:
    matched(database, record("TEST-1", deadlines=(), no_deadline="not stated"))
    assert attached(database) == b""


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_speaks_the_readers_language(database: Database, language: Language) -> None:
    matched(database, record("TEST-1", titles={one: f"Title {one}" for one in LANGUAGES}))
    content = subscribed(database, language=language)
    keeps_the_lines(content)
    (event,) = events(content)
    assert str(event["summary"]).endswith(f"Title {language}")
    assert words_in(language).money(12_000_000_00) in event["description"]
    assert event["description"].params["language"] == language


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    yield from three_calls(tmp_path_factory.mktemp("calendar"))


@settings(max_examples=40)
@given(titles=st.lists(TITLES, min_size=3, max_size=3))
def test_no_title_breaks_it(three: Database, titles: list[str]) -> None:
    kept = retitled(three, titles)
    content = subscribed(three)
    keeps_the_lines(content)
    found = [str(event["summary"]) for event in events(content)]
    assert found == [f"Deadline: {plain(title)}" for title in kept]
