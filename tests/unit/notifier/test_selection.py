"""Which calls an officer hears of, in which section, and how often."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import event

from config.schema import Officer
from notifier.letter import write_letter
from notifier.preparing import prepare
from notifier.selection import Overview, Section, Selection, read_outlook, select_all, select_digest
from store.database import Database
from store.models import Call
from store.records import CallRecord, DeadlineRecord, Status
from store.runs import begin_run, end_run
from tests.unit.notifier.builders import (
    NOW,
    SENDER,
    deadline,
    keys,
    matched,
    officer,
    organisation,
    record,
    same,
    store,
)

WEEK = timedelta(days=7)


def select(database: Database, who: Officer | None = None, now: datetime = NOW) -> Selection:
    with database.reading() as session:
        return select_digest(session, organisation(), who or officer(), now)


def overview(database: Database, now: datetime = NOW) -> Overview:
    with database.reading() as session:
        return select_all(session, organisation(), now)


def sections(selection: Selection) -> dict[str, list[str]]:
    return {section.value: keys(items) for section, items in selection.sections.items()}


def send(database: Database, now: datetime = NOW, state: str = "sent") -> None:
    with database.writing() as session:
        delivery = prepare(session, organisation(), officer(), now, sender=SENDER)
        assert delivery is not None
        delivery.state = state


def elsewhere(key: str, *days: str, **fields: Any) -> CallRecord:
    return record(key, *days, source="other_portal", **fields)


def test_each_call_stands_in_one_section() -> None:
    order = ["closing", "reminder", "new", "changed", "portfolio", "forthcoming"]
    assert [section.value for section in Section] == order


def test_sections_follow_the_dates(database: Database) -> None:
    forthcoming = {"status": "forthcoming", "opening": date(2026, 5, 1)}
    far = {"status": "forthcoming", "opening": date(2026, 12, 1)}
    matched(
        database,
        record("TEST-CLOSING", "2026-04-01"),
        record("TEST-NEW", "2026-04-02"),
        record("TEST-SOON", "2026-09-01", **forthcoming),
        record("TEST-FAR", "2027-03-01", **far),
    )
    assert sections(select(database)) == {
        "closing": ["TEST-CLOSING"],
        "new": ["TEST-NEW"],
        "forthcoming": ["TEST-SOON"],
    }


def test_what_a_newcomer_cannot_enter_is_left_out(database: Database) -> None:
    matched(
        database,
        record("TEST-PAST", "2026-03-01"),
        record("TEST-STAGE-2", deadlines=(deadline("2026-02-01", 1), deadline("2026-09-01", 2))),
        record("TEST-UNDATED", deadlines=(), no_deadline="applications at any time"),
    )
    assert sections(select(database)) == {"new": ["TEST-UNDATED"]}


def test_only_the_officers_areas_and_the_best_calls(database: Database) -> None:
    matched(database, record("TEST-MOBILITY"))
    matched(database, record("TEST-WATER"), areas=[{"id": "water", "score": 1, "terms": []}])
    matched(database, record("TEST-WEAK"), percentile=84.9)
    assert sections(select(database, officer(areas=["water"]))) == {"new": ["TEST-WATER"]}
    assert sections(select(database)) == {"new": ["TEST-MOBILITY", "TEST-WATER"]}


def test_calls_excluded_by_a_rule_are_counted(database: Database) -> None:
    matched(database, record("TEST-OPEN"), record("TEST-OPEN-2"))
    matched(database, record("TEST-SMES"), verdict="not_open", rule="smes", percentile=1)
    selection = select(database)
    assert selection.hidden == 1
    assert selection.ranked == 2
    assert [item.rank for item in selection.items] == [1, 2]


def test_the_limit_is_shared_and_the_rest_is_counted(database: Database) -> None:
    closing = [record(f"TEST-CLOSING-{n}", "2026-03-20") for n in range(2)]
    new = [record(f"TEST-NEW-{n}") for n in range(30)]
    matched(database, *new, *closing)
    selection = select(database, officer(limit=7))
    assert sections(selection) == {
        "closing": ["TEST-CLOSING-0", "TEST-CLOSING-1"],
        "new": [f"TEST-NEW-{n}" for n in range(5)],
    }
    assert selection.more == 25


def test_what_was_sent_is_not_sent_again(database: Database) -> None:
    matched(database, record("TEST-1"))
    send(database)
    assert sections(select(database, now=NOW + WEEK)) == {}


def test_what_never_went_out_is_still_new(database: Database) -> None:
    matched(database, record("TEST-1"))
    send(database, state="failed")
    assert sections(select(database, now=NOW + WEEK)) == {"new": ["TEST-1"]}


def test_new_is_told_by_the_ledger_not_by_the_date(database: Database) -> None:
    matched(database, record("TEST-1"))
    assert sections(select(database, now=NOW + 8 * WEEK)) == {"new": ["TEST-1"]}


def test_another_officers_digest_does_not_count(database: Database) -> None:
    matched(database, record("TEST-1"))
    send(database)
    assert sections(select(database, officer("water"), NOW + WEEK)) == {"new": ["TEST-1"]}


def test_one_reminder_after_a_call_was_new(database: Database) -> None:
    matched(database, record("TEST-1", "2026-04-10"))
    send(database)
    assert sections(select(database, now=NOW + WEEK)) == {}
    later = NOW + 2 * WEEK
    assert sections(select(database, now=later)) == {"closing": ["TEST-1"]}
    send(database, later)
    assert sections(select(database, now=later + WEEK)) == {}


def test_a_later_cut_off_has_its_own_reminder(database: Database) -> None:
    matched(database, record("TEST-1", "2026-03-20", "2026-09-20"))
    send(database)
    assert sections(select(database, now=NOW + 26 * WEEK)) == {"closing": ["TEST-1"]}


def test_a_moved_deadline_is_news(database: Database) -> None:
    matched(database, record("TEST-1", "2026-06-04"))
    send(database)
    store(database, record("TEST-1", "2026-06-18"), now=NOW + timedelta(days=1))
    selection = select(database, now=NOW + WEEK)
    assert sections(selection) == {"changed": ["TEST-1"]}
    assert [change.field for change in selection.items[0].changes] == ["deadlines"]
    send(database, NOW + WEEK)
    assert sections(select(database, now=NOW + 2 * WEEK)) == {}


def test_a_correction_is_no_news(database: Database) -> None:
    matched(database, record("TEST-1"))
    send(database)
    store(database, record("TEST-1", titles={"en": "Title without typo"}))
    assert sections(select(database, now=NOW + WEEK)) == {}


def test_a_change_taken_back_is_no_news(database: Database) -> None:
    matched(database, record("TEST-1", "2026-06-04"))
    send(database)
    store(database, record("TEST-1", "2026-06-18"))
    store(database, record("TEST-1", "2026-06-04"))
    assert sections(select(database, now=NOW + WEEK)) == {}


def test_a_cut_off_that_passed_and_dropped_out_is_no_news(database: Database) -> None:
    matched(database, record("TEST-1", "2026-03-04", "2026-09-04"))
    send(database)
    store(database, record("TEST-1", "2026-09-04"), now=NOW + WEEK)
    assert sections(select(database, now=NOW + WEEK)) == {}


def test_a_forthcoming_call_that_opens_is_news(database: Database) -> None:
    coming: dict[str, Any] = {"status": "forthcoming", "opening": date(2026, 3, 5)}
    matched(database, record("TEST-1", **coming))
    send(database)
    store(database, record("TEST-1", opening=date(2026, 3, 5)))
    assert sections(select(database, now=NOW + WEEK)) == {"changed": ["TEST-1"]}


def test_the_summary_has_all_that_lives_and_counts_the_rest(database: Database) -> None:
    matched(database, record("TEST-1"), record("TEST-2"), percentile=10.0)
    matched(database, record("TEST-SMES"), verdict="not_open", rule="smes", score=1000.0)
    matched(database, record("TEST-PAST", "2026-02-01"))
    found = overview(database)
    assert (keys(found.items), keys(found.hidden), found.closed) == (["TEST-1", "TEST-2"], ["TEST-SMES"], 1)
    assert [item.rank for item in found.items] == [1, 2]
    assert found.hidden[0].rank == 0


def test_days_are_counted_in_brussels(database: Database) -> None:
    matched(database, record("TEST-1", "2026-03-05"))
    just_past_midnight = datetime.fromisoformat("2026-03-04T23:30:00+00:00")
    assert overview(database, just_past_midnight).items[0].days_left == 0


def test_a_source_that_failed_keeps_the_age_of_its_data(database: Database) -> None:
    with database.writing() as session:
        good, bad = (begin_run(session, "test_portal", NOW - WEEK * n) for n in (2, 1))
        good.outcome = "running"
        end_run(session, good, "ok", "", "", NOW - 2 * WEEK)
        bad.outcome = "running"
        end_run(session, bad, "failed", "blocked", "", NOW - WEEK)
    health = overview(database).health[0]
    assert (health.kind, health.read_at, health.sound) == ("failed", NOW - 2 * WEEK, False)


def test_the_number_of_statements_does_not_grow_with_the_calls(database: Database) -> None:
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    matched(database, *(record(f"TEST-{n}") for n in range(40)))
    matched(database, *(elsewhere(f"TEST-COPY-{n}") for n in range(40)))
    for n in range(40):
        same(database, f"TEST-{n}", f"TEST-COPY-{n}")
    statements.clear()
    assert len(select(database).items) == 12
    assert len([one for one in statements if one.startswith("SELECT")]) <= 13


def test_a_call_whose_state_nobody_knows_is_not_missed(database: Database) -> None:
    prose = DeadlineRecord(day=None, prose="ten days after publication")
    matched(database, record("TEST-PROSE", status=Status.UNKNOWN, deadlines=(prose,)))
    assert sections(select(database)) == {"new": ["TEST-PROSE"]}


def test_a_call_of_several_sources_stands_once(database: Database) -> None:
    matched(database, record("TEST-1"), elsewhere("TEST-COPY"), record("TEST-2"))
    same(database, "TEST-1", "TEST-COPY")
    selection = select(database)
    assert sections(selection) == {"new": ["TEST-1", "TEST-2"]}
    assert [(item.rank, keys_of(item.also)) for item in selection.items] == [(1, ["TEST-COPY"]), (2, [])]
    assert selection.ranked == 2
    found = overview(database)
    assert (keys(found.items), keys_of(found.items[0].also)) == (["TEST-1", "TEST-2"], ["TEST-COPY"])


def keys_of(calls: Iterable[Call]) -> list[str]:
    return [call.source_key for call in calls]


def test_what_was_told_of_a_copy_is_not_new(database: Database) -> None:
    matched(database, elsewhere("TEST-COPY", "2026-06-04"))
    send(database)
    matched(database, record("TEST-1", "2026-06-04"))
    same(database, "TEST-1", "TEST-COPY")
    assert sections(select(database, now=NOW + WEEK)) == {}


def test_after_a_copy_was_told_changes_of_the_face_count_by_their_time(database: Database) -> None:
    matched(database, elsewhere("TEST-COPY", "2026-06-18"))
    store(database, record("TEST-1", "2026-06-04"), now=NOW - 2 * WEEK)
    store(database, record("TEST-1", "2026-06-18"), now=NOW - WEEK)
    send(database)
    matched(database, record("TEST-1", "2026-06-18"))
    same(database, "TEST-1", "TEST-COPY")
    assert sections(select(database, now=NOW + WEEK)) == {}
    store(database, record("TEST-1", "2026-06-30"), now=NOW + timedelta(days=3))
    selection = select(database, now=NOW + WEEK)
    assert sections(selection) == {"changed": ["TEST-1"]}
    (change,) = selection.items[0].changes
    assert [one["day"] for one in (*change.before, *change.after)] == ["2026-06-18", "2026-06-30"]
    send(database, NOW + WEEK)
    assert sections(select(database, now=NOW + 2 * WEEK)) == {}


def test_a_reminder_of_a_copy_is_a_reminder(database: Database) -> None:
    matched(database, elsewhere("TEST-COPY", "2026-03-20"))
    send(database)
    matched(database, record("TEST-1", "2026-03-20"))
    same(database, "TEST-1", "TEST-COPY")
    assert sections(select(database, now=NOW + WEEK)) == {}


def test_a_call_is_not_lost_when_only_a_copy_knows_that_the_deadline_moved(database: Database) -> None:
    matched(database, record("TEST-1", "2026-03-01"), elsewhere("TEST-COPY", "2026-03-20"))
    same(database, "TEST-1", "TEST-COPY")
    (item,) = overview(database).items
    assert (item.call.source_key, item.state.value, item.days_left) == ("TEST-1", "unknown", 18)
    assert sections(select(database)) == {"closing": ["TEST-1"]}


def test_a_deadline_that_only_a_copy_dates_is_kept(database: Database) -> None:
    prose = DeadlineRecord(day=None, prose="ten days after publication")
    matched(database, record("TEST-1", deadlines=(prose,)), elsewhere("TEST-COPY", "2026-03-20"))
    same(database, "TEST-1", "TEST-COPY")
    assert sections(select(database)) == {"closing": ["TEST-1"]}


def test_what_the_face_closes_before_its_deadline_a_copy_does_not_open(database: Database) -> None:
    matched(database, record("TEST-1", status=Status.CLOSED), elsewhere("TEST-COPY"))
    same(database, "TEST-1", "TEST-COPY")
    assert overview(database).items == ()
    undated = elsewhere("TEST-UNDATED", deadlines=(), no_deadline="not stated")
    matched(database, record("TEST-2", "2026-03-01"), undated)
    same(database, "TEST-2", "TEST-UNDATED")
    assert overview(database).items == ()


def test_a_second_stage_is_no_way_in_though_a_copy_calls_it_a_deadline(database: Database) -> None:
    stages = (deadline("2026-02-01", 1), deadline("2026-03-20", 2))
    matched(database, record("TEST-1", deadlines=stages), elsewhere("TEST-COPY", "2026-02-01", "2026-03-20"))
    same(database, "TEST-1", "TEST-COPY")
    assert sections(select(database)) == {}


def test_one_reading_serves_many_officers(database: Database) -> None:
    matched(database, *(record(f"TEST-{n}", texts={"en": "Aims."}) for n in range(3)))
    with database.reading() as session:
        outlook = read_outlook(session, organisation(), NOW)
    send(database)
    with database.reading() as session:
        for who, told in ((officer(), []), (officer("water"), ["TEST-0", "TEST-1", "TEST-2"])):
            assert keys(select_digest(session, organisation(), who, NOW + WEEK, outlook).items) == told
            letter = write_letter(
                select_digest(session, organisation(), who, NOW, outlook), organisation(), who, NOW
            )
            assert letter.text.count("Aims.") == len(told)
