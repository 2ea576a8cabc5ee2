"""The lists of the API as the database finds them: the calls of the export with their ranks, at any moment."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from notifier.common_grants import STATUSES
from notifier.items import Item
from notifier.permanent import call_uuid
from notifier.scope import all_calls, updated_at
from review.api_models import Search
from review.call_ids import CallIds
from review.listing import Page, listed, listed_page, newest, rank_of, read_listed
from store.database import Database
from store.models import Call
from tests.unit.notifier.builders import NOW, deadline, match, organisation, record, same, store
from tests.unit.store.conftest import postgresql, url  # noqa: F401 - fixtures

OURS = organisation()
DAYS = [date(2026, 3, day) for day in (1, 2, 3, 28, 29, 30)]
LATER = NOW + timedelta(days=1)


def some_calls(database: Database, count: int = 60) -> Database:
    """Made-up calls of all states, with one deadline, several or none, some the same in two sources, some changed."""
    chance = random.Random(1)
    records, verdicts = [], ("open", "unlikely", "not_open", "unknown")
    for number in range(count):
        days = sorted(chance.sample(DAYS, chance.randrange(3)))
        ats = (time(17), time(0), None)
        stages = range(1, len(days) + 1) if chance.random() < 0.3 else [None] * len(days)
        dated = [
            deadline(str(day), stage, chance.choice(ats)) for day, stage in zip(days, stages, strict=True)
        ]
        facts: dict[str, Any] = {
            "source": chance.choice(("test_portal", "other")),
            "status": chance.choice(("open", "forthcoming", "closed", "unknown")),
            "deadlines": tuple(dated),
            "no_deadline": "" if dated else "not stated",
        }
        records.append(record(f"TEST-{number}", **facts))
    store(database, *records)
    changed = [one.model_copy(update={"budget_cents": 5}) for one in records[::7]]
    store(database, *changed, now=LATER)
    for number in range(count):
        areas: list[dict[str, Any]] = [
            {"id": key, "score": 1.0, "terms": []} for key in ("mobility", "water") if chance.random() < 0.5
        ]
        place = (f"TEST-{number}", float(chance.randrange(10_000)) + number / count)
        match(database, place, verdict=chance.choice(verdicts), areas=areas)
    for number in range(0, count, 5):
        same(database, f"TEST-{number}", f"TEST-{number + 1}")
    return database


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('listing') / 'funding.db'}")
    yield some_calls(database)
    database.close()


def fits(item: Item, search: Search) -> bool:
    """What each filter means."""
    return (
        search.status in (None, STATUSES.get(item.state, "custom"))
        and (search.area is None or any(one["id"] == search.area for one in item.match.areas))
        and (search.source is None or any(one.source == search.source for one in item.sources))
        and search.verdict in (None, item.match.verdict)
        and (search.updated_since is None or updated_at(item) >= search.updated_since)
    )


def differences(database: Database, search: Search, now: datetime) -> list[tuple[Any, Any]]:
    with database.reading() as session:
        wanted = [one for one in all_calls(session, OURS, now).calls if fits(one, search)]
        found = listed(session, OURS, search, now)
        pairs = zip(read_listed(session, OURS, found, now), wanted, strict=True)
        return [pair for pair in pairs if pair[0] != pair[1]]


MOMENTS = st.one_of(
    st.datetimes(datetime(2026, 2, 27), datetime(2026, 4, 2), timezones=st.just(UTC)),  # noqa: DTZ001 - with its zone
    st.sampled_from(DAYS).map(lambda day: datetime.combine(day, time(16), UTC)),  # 17:00 in Brussels
)
SEARCHES = st.builds(
    Search,
    status=st.sampled_from([None, "forecasted", "open", "custom"]),
    area=st.sampled_from([None, None, "water", "nowhere"]),
    source=st.sampled_from([None, None, "other", "test_portal", "nowhere"]),
    verdict=st.sampled_from([None, None, "open", "not_open", "unknown"]),
    updatedSince=st.sampled_from([None, None, NOW, LATER, LATER + timedelta(seconds=1)]),
)


@given(search=SEARCHES, now=MOMENTS)
def test_it_finds_what_the_export_holds(calls: Database, search: Search, now: datetime) -> None:
    assert differences(calls, search, now) == []


def page_differences(database: Database, search: Search) -> list[tuple[Page, Page]]:
    """Every page, and one beyond the last, beside its part of the whole list."""
    with database.reading() as session:
        whole = listed(session, OURS, search, NOW)
        size = 7
        pairs = []
        for number in range(1, len(whole) // size + 3):
            asked = search.model_copy(update={"page": number, "page_size": size})
            wanted = Page(whole[(number - 1) * size : number * size], len(whole))
            pairs.append((listed_page(session, OURS, asked, NOW), wanted))
    return [pair for pair in pairs if pair[0] != pair[1]]


def newest_keys(database: Database, search: Search, most: int) -> list[tuple[str, int]]:
    with database.reading() as session:
        found = newest(session, OURS, search, NOW, most)
        return [(item.call.source_key, item.rank) for item in read_listed(session, OURS, found, NOW)]


def wanted_newest(database: Database, search: Search) -> list[tuple[str, int]]:
    with database.reading() as session:
        items = [one for one in all_calls(session, OURS, NOW).items if fits(one, search)]
        items.sort(key=lambda one: (-updated_at(one).timestamp(), one.call.source, one.call.source_key))
        return [(one.call.source_key, one.rank) for one in items]


def test_both_engines_find_the_same(url: str) -> None:  # noqa: F811 - the fixture that is imported
    database = some_calls(Database(url))
    searches = (
        Search(),
        Search(status="custom"),
        Search(source="other"),
        Search(area="water", verdict="open"),
    )
    try:
        for search in (*searches, Search(updatedSince=LATER)):
            assert differences(database, search, NOW) == []
            assert page_differences(database, search) == []
            assert newest_keys(database, search, 7) == wanted_newest(database, search)[:7]
    finally:
        database.close()


def test_the_rank_of_one_is_that_of_the_list(calls: Database) -> None:
    with calls.reading() as session:
        ranks = {one.call_id: one.rank for one in listed(session, OURS, Search(), NOW)}
        assert max(ranks.values()) > 10
        for call in session.exec(select(Call)).all():
            assert rank_of(session, OURS, call, NOW) == ranks.get(call.id or 0, 0)


def test_of_calls_with_the_same_score_the_next_deadline_comes_first(database: Database) -> None:
    store(
        database,
        record("TEST-NONE", deadlines=(), no_deadline="not stated"),
        record("TEST-LATER", "2026-05-01"),
    )
    store(database, record("TEST-SOON", "2026-04-01"))
    match(database, ("TEST-NONE", 1.0), ("TEST-LATER", 1.0), ("TEST-SOON", 1.0))
    assert differences(database, Search(), NOW) == []


def test_ids_are_found_those_of_new_calls_too(database: Database) -> None:
    ids = CallIds(OURS)

    def find(wanted: UUID) -> str:
        with database.reading() as session:
            call = ids.find(session, wanted)
            return call.source_key if call else ""

    for key in ("TEST-1", "TEST/2 é?", "TEST-3"):
        names: dict[str, Any] = {"source": "test_portal", "source_key": key}
        wanted = call_uuid(OURS, Call(**names))
        assert find(wanted) == ""
        store(database, record(key, page="https://example.org/"))
        assert find(wanted) == key
        assert find(UUID(int=wanted.int ^ 1)) == ""
