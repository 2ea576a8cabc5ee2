"""Digest after digest: nothing is told twice without a change, and nothing is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from store.database import Database
from store.models import Call, Match
from store.records import CallRecord
from tests.unit.notifier.builders import NOW, match, officer, record, store
from tests.unit.notifier.telling import selected, stage, tell

MILLION = 1_000_000_00
ONCE = {"new", "portfolio", "forthcoming"}


@dataclass
class Portal:
    """One call as its portal states it, and what an officer knows of it."""

    key: str
    closes: date
    opens: date
    project: bool
    budget: int = 100
    rounding: bool = False
    title: str = "Title"
    shortlisted: bool = False
    known: tuple[date, date, int, bool] | None = None
    told: list[tuple[str, date]] = field(default_factory=list)

    def record(self, today: date) -> CallRecord:
        return record(
            self.key,
            self.closes.isoformat(),
            titles={"en": self.title},
            opening=self.opens,
            status="open" if self.opens <= today else "forthcoming",
            budget_cents=(self.budget + self.rounding) * MILLION,
        )

    def facts(self, today: date) -> tuple[date, date, int, bool]:
        return self.closes, self.opens, self.budget, self.opens <= today

    def hear(self, section: str, today: date) -> None:
        """Take note of a digest; what it says twice must have changed."""
        if section in ONCE:
            assert self.known is None
        elif section == "changed":
            assert self.known not in (None, self.facts(today))
        else:
            assert timedelta(0) <= self.closes - today <= timedelta(days=30)
            assert self.told.count((section, self.closes)) < (4 if section == "reminder" else 1)
        self.told.append((section, self.closes))
        self.known = self.facts(today)


EVENTS = st.sampled_from(["nothing", "put off", "bring forward", "budget", "rounding", "title", "shortlist"])
CALLS = st.lists(
    st.tuples(st.integers(1, 90), st.integers(-30, 40), st.booleans()), min_size=1, max_size=6
)  # fmt: skip
WEEKS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5), EVENTS), min_size=1, max_size=10)


def happen(database: Database, portal: Portal, what: str, now: datetime) -> None:
    match what:
        case "put off":
            portal.closes += timedelta(days=20)
        case "bring forward":
            portal.closes -= timedelta(days=3)
        case "budget":
            portal.budget += 30
        case "rounding":
            portal.rounding = not portal.rounding
        case "title":
            portal.title += "!"
        case "shortlist":
            portal.shortlisted = True
            stage(database, portal.key, "shortlisted", now=now)


def tell_all(database: Database, portals: Sequence[Portal], now: datetime, **asked: Any) -> int:
    by_key = {portal.key: portal for portal in portals}
    told = tell(database, now=now, **asked)
    for section, keys in told.items():
        for key in keys:
            by_key[key].hear(section, now.date())
    return sum(map(len, told.values()))


@settings(max_examples=25)
@given(calls=CALLS, weeks=WEEKS, limit=st.integers(1, 3))
def test_nothing_is_told_twice_without_a_change_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[tuple[int, int, bool]],
    weeks: list[tuple[int, int, str]],
    limit: int,
) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('weeks') / 'funding.db'}")
    now, today = NOW, NOW.date()
    portals = [
        Portal(
            f"TEST-{n}", today + timedelta(days=max(left, opens + 1)), today + timedelta(days=opens), project
        )
        for n, (left, opens, project) in enumerate(calls)
    ]
    try:
        store(database, *(portal.record(today) for portal in portals), now=now)
        for place, portal in enumerate(portals):
            projects = [{"id": "test_project", "score": 4.0, "terms": []}] if portal.project else []
            match(database, (portal.key, 100.0 - place), projects=projects)
        tell_all(database, portals, now, limit=limit)
        for days, which, what in weeks:
            now += timedelta(days=days)
            happen(database, portals[which % len(portals)], what, now)
            store(database, *(portal.record(now.date()) for portal in portals), now=now)
            tell_all(database, portals, now, limit=limit)
        while tell_all(database, portals, now := now + timedelta(minutes=1), limit=limit):
            pass  # ends only if nothing is told again and again
        for portal in portals:
            if portal.closes >= now.date():
                assert portal.known == portal.facts(now.date()), portal
    finally:
        database.close()


def test_five_thousand_matches_take_no_more_statements_than_a_few(database: Database) -> None:
    """All at once: deadlines are loaded by the 500, everything else in a statement each, whatever the officer asks."""
    with database.writing() as session:
        one = record("TEST")
        facts = one.model_dump(mode="json", exclude={"deadlines", "opening", "published", "source_key"})
        hashes: dict[str, Any] = {"content_hash": "", "material_hash": "", "first_seen_at": NOW}
        session.add_all(
            Call(**facts, **hashes, source_key=f"TEST-{n}", opening=one.opening, published=None)
            for n in range(5_000)
        )
        session.flush()
        session.add_all(
            Match(
                organisation="test",
                call_id=n + 1,
                call_version=1,
                profile_hash="",
                model="test",
                score=5_000.0 - n,
                percentile=90.0,
                areas=[{"id": "mobility", "score": 1.0, "terms": []}],
                projects=[],
                roles=[],
                verdict="open",
                rule="",
                evidence=[],
                matched_at=NOW,
            )
            for n in range(5_000)
        )
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    who = officer(areas=["mobility"], geography=["europe"], languages=["en"], kinds=["call"])
    selection = selected(database, who)
    assert (len(selection.items), selection.more, selection.own_ranked) == (12, 4_988, 5_000)
    assert sum("FROM deadline" not in one for one in statements if one.startswith("SELECT")) <= 13
    assert sum("FROM deadline" in one for one in statements) <= 10
