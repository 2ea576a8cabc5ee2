"""Figures of a period: what counts, once, where and on which day, on both databases."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import delete

from notifier.figure_events import Period, PeriodError, Step, read_period
from notifier.figure_facts import Dimension
from notifier.figures import Figures, Group, Wait
from store.audit import note_event
from store.database import Database
from store.decisions import Reason
from store.models import AuditEvent, Decision, Delivery, DeliveryItem, SameCall, Stage
from tests.unit.notifier.builders import match, matched, record, same, store
from tests.unit.notifier.counting import call_of, counted, decided, noon, staged, told, undone
from tests.unit.store.conftest import database, postgresql, url

__all__ = ["database", "postgresql", "url"]
KEYS = [f"TEST-{number}" for number in range(4)]
TODAY = date(2026, 3, 2)


def funnel(group: Group) -> list[int]:
    return [group.counts[step] for step in Step]


def by(figures: Figures, dimension: Dimension) -> dict[str, list[int]]:
    return {group.key: funnel(group) for group in figures.groups[dimension]}


def test_a_call_counts_at_its_furthest_step_and_in_all_before_it(database: Database) -> None:
    matched(database, *(record(key) for key in [*KEYS, "TEST-4", "TEST-5", "TEST-UNSEEN"]))
    told(database, "2026-03-02", *KEYS, "TEST-4", "TEST-5")
    decided(database, "2026-03-03", "TEST-0")
    for key, stage in (("TEST-1", "preparing"), ("TEST-2", "submitted"), ("TEST-3", "awarded")):
        staged(database, "2026-03-04", key, stage)
    staged(database, "2026-03-04", "TEST-4", "rejected")
    figures = counted(database)
    assert funnel(figures.total) == [6, 5, 4, 3, 1]
    assert figures.rejected == 1


def test_nothing_is_counted_of_a_new_installation(database: Database) -> None:
    matched(database, record("TEST-0"))
    figures = counted(database)
    assert figures.empty
    assert figures.published == figures.found == Wait(None, 0)
    assert not figures.currencies


def test_a_digest_that_did_not_go_out_shows_nothing(database: Database) -> None:
    matched(database, record("TEST-0"))
    for number, state in enumerate(("prepared", "failed", "refused", "superseded"), start=1):
        told(database, f"2026-03-0{number}", "TEST-0", state=state)
    assert counted(database).empty


def test_another_organisation_counts_for_itself(database: Database) -> None:
    matched(database, record("TEST-0"))
    with database.writing() as session:
        note_event(session, "other", "mobility", "note", noon("2026-03-02"), call_of(session, "TEST-0"))
    assert counted(database).empty


def test_whoever_works_on_a_call_in_the_review_has_seen_it(database: Database) -> None:
    matched(database, record("TEST-0"))
    with database.writing() as session:
        note_event(session, "test", "mobility", "note", noon("2026-03-02"), call_of(session, "TEST-0"))
        note_event(session, "test", "mobility", "signed_in", noon("2026-03-02"))
    assert funnel(counted(database).total) == [1, 0, 0, 0, 0]


def test_what_is_taken_back_does_not_count(database: Database) -> None:
    matched(database, record("TEST-0"), record("TEST-1"))
    decided(database, "2026-03-02", "TEST-0")
    undone(database, "TEST-0")
    staged(database, "2026-03-02", "TEST-1", "awarded", cents=1_00)
    undone(database, "TEST-1", stage=True)
    figures = counted(database)
    assert figures.empty
    assert not figures.currencies


def test_an_officers_last_word_replaces_the_one_before(database: Database) -> None:
    matched(database, record("TEST-0"))
    decided(database, "2026-03-02", "TEST-0")
    decided(database, "2026-04-02", "TEST-0", "not_relevant", "too_late")
    decided(database, "2026-04-03", "TEST-0", "not_relevant", "too_late", officer="water")
    figures = counted(database)
    assert funnel(figures.total) == [1, 0, 0, 0, 0]
    assert figures.dismissals == {Reason.TOO_LATE: 2}
    march = counted(database, Period(date(2026, 3, 1), date(2026, 3, 31)))
    assert funnel(march.total) == [1, 0, 0, 0, 0]
    assert not march.dismissals


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2025-12-31T22:59:59+00:00", False),
        ("2025-12-31T23:00:00+00:00", True),
        ("2026-12-31T22:59:59+00:00", True),
        ("2026-12-31T23:00:00+00:00", False),
    ],
)
def test_days_begin_and_end_in_madrid(database: Database, at: str, counts: bool) -> None:
    matched(database, record("TEST-0"))
    with database.writing() as session:
        note_event(
            session, "test", "mobility", "note", datetime.fromisoformat(at), call_of(session, "TEST-0")
        )
    assert counted(database).empty is not counts


def test_a_stage_counts_on_the_day_on_which_it_came_to_that(database: Database) -> None:
    matched(database, record("TEST-0"))
    staged(database, "2026-01-10", "TEST-0", "submitted", day=date(2025, 11, 30), cents=5_00)
    assert counted(database).empty
    figures = counted(database, Period(date(2025, 11, 30), date(2025, 11, 30)))
    assert funnel(figures.total) == [1, 1, 1, 1, 0]
    assert figures.total.asked == {"EUR": 5_00}


def test_amounts_are_the_last_that_were_noted_and_never_summed_across_currencies(database: Database) -> None:
    matched(database, *(record(key) for key in KEYS))
    staged(database, "2026-02-01", "TEST-0", "submitted", cents=1_000_00)
    staged(database, "2026-05-01", "TEST-0", "submitted", cents=1_500_00)
    staged(database, "2026-09-01", "TEST-0", "awarded", cents=1_200_00)
    staged(database, "2026-02-01", "TEST-1", "submitted", cents=700_00, currency="USD")
    staged(database, "2026-02-01", "TEST-2", "submitted", cents=500_00)
    staged(database, "2026-02-01", "TEST-3", "awarded")
    figures = counted(database)
    assert figures.total.asked == {"EUR": 2_000_00, "USD": 700_00}
    assert figures.total.won == {"EUR": 1_200_00}
    assert figures.currencies == ("EUR", "USD")
    assert figures.unpriced == {Step.SUBMITTED: 1, Step.AWARDED: 1}


def test_a_call_has_one_end(database: Database) -> None:
    matched(database, record("TEST-0"), record("TEST-1"))
    staged(database, "2026-02-01", "TEST-0", "awarded", cents=9_00)
    staged(database, "2026-02-02", "TEST-0", "rejected")
    staged(database, "2026-02-01", "TEST-1", "rejected")
    staged(database, "2026-02-02", "TEST-1", "awarded", cents=4_00)
    figures = counted(database)
    assert funnel(figures.total) == [2, 2, 2, 2, 1]
    assert figures.rejected == 1
    assert figures.total.won == {"EUR": 4_00}


def test_a_call_of_several_sources_is_one(database: Database) -> None:
    matched(database, record("TEST-FACE"), record("TEST-COPY", source="other_portal"))
    same(database, "TEST-FACE", "TEST-COPY")
    told(database, "2026-03-02", "TEST-FACE")
    staged(database, "2026-03-03", "TEST-COPY", "submitted", cents=3_00)
    decided(database, "2026-03-02", "TEST-COPY")
    figures = counted(database)
    assert funnel(figures.total) == [1, 1, 1, 1, 0]
    assert by(figures, Dimension.SOURCE) == {"test_portal": [1, 1, 1, 1, 0]}
    assert figures.total.asked == {"EUR": 3_00}


def test_groups(database: Database) -> None:
    store(
        database,
        record("TEST-BOTH", programme="Alpha", countries=("FR", "MA")),
        record("TEST-WATER", programme="Beta", countries=("AU",)),
        record("TEST-NONE", programme=""),
    )
    areas: list[dict[str, Any]] = [{"id": key, "score": 1.0, "terms": []} for key in ("mobility", "water")]
    named = [{"id": "test_city", "words": "Test City", "place": "text"}] * 2
    match(database, ("TEST-BOTH", 2.0), areas=areas, named=named)
    match(database, ("TEST-WATER", 1.0), areas=areas[1:])
    told(database, "2026-03-02", "TEST-BOTH", "TEST-WATER", "TEST-NONE")
    staged(database, "2026-03-03", "TEST-BOTH", "submitted", cents=5_00)
    figures = counted(database)
    both, seen = [1, 1, 1, 1, 0], [1, 0, 0, 0, 0]
    assert by(figures, Dimension.AREA) == {"water": [2, 1, 1, 1, 0], "mobility": both, "": seen}
    assert by(figures, Dimension.LINE) == {"line": [2, 1, 1, 1, 0], "": seen}
    assert by(figures, Dimension.PROGRAMME) == {"Alpha": both, "Beta": seen, "": seen}
    assert by(figures, Dimension.GEOGRAPHY) == {
        "africa": both, "europe": both, "mediterranean": both, "elsewhere": seen, "": seen,
    }  # fmt: skip
    assert by(figures, Dimension.PARTNER) == {"test_city": both, "": [2, 0, 0, 0, 0]}
    assert [group.asked["EUR"] for group in figures.groups[Dimension.AREA]] == [5_00, 5_00, 0]


def test_each_year_has_its_own_funnel(database: Database) -> None:
    matched(database, record("TEST-0"))
    told(database, "2025-06-01", "TEST-0")
    staged(database, "2025-12-31", "TEST-0", "submitted", cents=8_00)
    staged(database, "2026-05-01", "TEST-0", "awarded", cents=6_00)
    figures = counted(database, Period(date(2024, 1, 1), date(2026, 12, 31)))
    assert by(figures, Dimension.YEAR) == {"2025": [1, 1, 1, 1, 0], "2026": [1, 1, 1, 1, 1]}
    assert [(group.asked, group.won) for group in figures.groups[Dimension.YEAR]] == [
        ({"EUR": 8_00}, {}),
        ({}, {"EUR": 6_00}),
    ]
    assert funnel(figures.total) == [1, 1, 1, 1, 1]


def test_days_to_the_first_decision(database: Database) -> None:
    now = noon("2026-02-01")
    published = (date(2026, 1, 1), date(2026, 3, 31), None, None)
    store(database, *(record(key, published=day) for key, day in zip(KEYS, published, strict=True)), now=now)
    decided(database, "2026-01-11", "TEST-0")
    decided(database, "2026-06-11", "TEST-0", "not_relevant")
    decided(database, "2026-03-11", "TEST-1", "not_relevant")
    decided(database, "2026-02-03", "TEST-2")
    decided(database, "2026-02-08", "TEST-3", "muted")
    figures = counted(database)
    assert figures.published == Wait(5, 2)
    assert figures.found == Wait(2, 1)


def test_hidden_and_overridden_by_rule(database: Database) -> None:
    store(database, *(record(key) for key in KEYS))
    store(database, record("TEST-OLD"), record("TEST-OPENED"), now=noon("2025-03-02"))
    match(database, *((key, 1.0) for key in (*KEYS[:2], "TEST-OLD")), verdict="not_open", rule="smes")
    match(database, ("TEST-2", 1.0), verdict="not_open", rule="other")
    decided_by = [{"rule": "smes", "field": "title", "words": "SMEs"}]
    match(database, ("TEST-OPENED", 1.0), verdict="open", rule="decision", evidence=decided_by)
    decided(database, "2026-03-03", "TEST-OPENED", "open")
    same(database, "TEST-0", "TEST-1")
    figures = counted(database)
    assert figures.hidden == {"other": 1, "smes": 1}
    assert figures.overridden == {"smes": 1}


def test_the_queries_do_not_grow_with_the_calls(database: Database) -> None:
    def asked() -> int:
        statements: list[str] = []

        def note(*arguments: object) -> None:
            statements.append(str(arguments[2]))

        event.listen(database.engine, "before_cursor_execute", note)
        counted(database)
        event.remove(database.engine, "before_cursor_execute", note)
        return len(statements)

    matched(database, record("TEST-0"))
    told(database, "2026-03-02", "TEST-0")
    few = asked()
    more = [f"TEST-{number}" for number in range(1, 60)]
    matched(database, *(record(key) for key in more))
    told(database, "2026-03-03", *more)
    for key in more[:20]:
        staged(database, "2026-03-04", key, "submitted", cents=1_00)
    assert asked() == few
    assert few <= 15


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        ("2026-02-30", "", "day"),
        ("yesterday", "2026-01-01", "day"),
        ("", "0000-01-01", "day"),
        ("2026-03-02", "2026-03-01", "order"),
        ("0001-01-01", "2026-03-01", "bounds"),
        ("2026-01-01", "2027-01-01", "bounds"),
        ("9999-12-31", "9999-12-31", "bounds"),
        ("1999-12-31", "", "bounds"),
    ],
)
def test_periods_that_there_are_none_of(first: str, last: str, fault: str) -> None:
    with pytest.raises(PeriodError) as error:
        read_period(first, last, TODAY)
    assert error.value.fault == fault


def test_a_period_is_this_year_until_today_unless_it_is_said() -> None:
    assert read_period("", "", TODAY) == Period(date(2026, 1, 1), TODAY)
    assert read_period("2000-01-01", "2026-12-31", TODAY) == Period(date(2000, 1, 1), date(2026, 12, 31))
    assert read_period("2026-03-02", "2026-03-02", TODAY).holds(TODAY)


@given(st.text(max_size=20), st.text(max_size=20))
def test_wild_periods_are_refused_or_whole(first: str, last: str) -> None:
    try:
        period = read_period(first, last, TODAY)
    except PeriodError:
        return
    assert period.begins < period.ends


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Six calls of three sources, in two areas or none."""
    folder: Path = tmp_path_factory.mktemp("figures")
    database = Database(f"sqlite:///{folder / 'funding.db'}")
    store(database, *(record(f"TEST-{number}", source=f"portal_{number % 3}") for number in range(6)))
    areas: list[dict[str, Any]] = [{"id": key, "score": 1.0, "terms": []} for key in ("mobility", "water")]
    for number in range(6):
        match(database, (f"TEST-{number}", 1.0), areas=areas[number % 3 :])
    yield database
    database.close()


KEY = st.integers(0, 5).map("TEST-{}".format)
DAY = st.integers(0, 1_000).map(lambda days: (date(2025, 1, 1) + timedelta(days=days)).isoformat())
STAGE = st.sampled_from(["seen", "shortlisted", "preparing", "submitted", "awarded", "rejected"])
HAPPENED = st.one_of(
    st.tuples(st.just("told"), DAY, KEY),
    st.tuples(st.just("decided"), DAY, KEY, st.sampled_from(["relevant", "not_relevant", "open", "muted"])),
    st.tuples(st.just("staged"), DAY, KEY, STAGE, st.integers(0, 10**9), st.sampled_from(["EUR", "USD"])),
)


def let_happen(database: Database, happened: Sequence[tuple[Any, ...]]) -> None:
    """These things, and nothing else."""
    with database.writing() as session:
        for table in (DeliveryItem, Delivery, Decision, Stage, SameCall, AuditEvent):
            session.exec(delete(table))
    for number, (kind, day, key, *more) in enumerate(happened):
        match kind:
            case "told":
                told(database, day, key, officer=f"officer_{number}")
            case "decided":
                decided(database, day, key, more[0])
            case _:
                staged(database, day, key, more[0], cents=more[1], currency=more[2])


@given(st.lists(HAPPENED, max_size=12), st.booleans(), DAY, st.integers(0, 800))
def test_totals_and_breakdowns_agree(
    six: Database, happened: list[tuple[Any, ...]], are_same: bool, first: str, length: int
) -> None:
    let_happen(six, happened)
    if are_same:
        same(six, "TEST-0", "TEST-1")
    begins = date.fromisoformat(first)
    figures = counted(six, Period(begins, begins + timedelta(days=length)))
    total = figures.total
    assert funnel(total) == sorted(funnel(total), reverse=True)
    assert total.counts[Step.AWARDED] + figures.rejected <= total.counts[Step.SUBMITTED]
    for dimension in (Dimension.SOURCE, Dimension.PROGRAMME):
        groups = figures.groups[dimension]
        assert [sum(group.counts[step] for group in groups) for step in Step] == funnel(total)
    for dimension in (Dimension.SOURCE, Dimension.PROGRAMME, Dimension.YEAR):
        for currency in ("EUR", "USD"):
            groups = figures.groups[dimension]
            assert sum(group.asked[currency] for group in groups) == total.asked[currency]
            assert sum(group.won[currency] for group in groups) == total.won[currency]
    for groups in figures.groups.values():
        for step in Step:
            counts = [group.counts[step] for group in groups]
            assert max(counts, default=0) <= total.counts[step] <= sum(counts)
