"""Search: the same answers on SQLite and PostgreSQL, whatever is typed, in step with the calls."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from matcher.scorers.tfidf import plain
from store.calls import save
from store.database import Database
from store.models import Call
from store.records import CallRecord, DeadlineRecord
from store.search import MOST_PHRASES, index_due, matching, phrases_of, search, words_of
from store.spans import CallSpan, spans_of
from store.states import State, entry_deadline, state

MakeRecord = Callable[..., CallRecord]
NOW = datetime(2026, 8, 22, 8, 0, tzinfo=UTC)
MIDDLE_DOTS = ("l·l", "l.l", "l•l", "ŀl", "l∙l", "l⋅l", "l‧l", "l・l", "ll")


def put(database: Database, *records: CallRecord) -> None:
    with database.writing() as session:
        save(session, records, None, NOW)


def found(database: Database, asked: str, limit: int = 100) -> list[str]:
    """Source keys, best first; what goes into other statements finds the same calls."""
    with database.reading() as session:
        keys = {call.id: call.source_key for call in session.exec(select(Call))}
        ranked = search(session, asked, limit)
        statement = matching(session, asked)
        if statement is not None and limit == 100:
            assert set(session.execute(statement).scalars()) == set(ranked)
        return [keys[call_id] for call_id in ranked]


@pytest.fixture
def filled(database: Database, record: MakeRecord) -> Database:
    put(
        database,
        record(
            "TEST-WATER",
            titles={"ca": "Col·laboració per a l’aigua", "en": "Working together for water"},
            programme="Test LIFE",
        ),
        record(
            "TEST-BUS",
            identifiers=("HORIZON-CL5-2026-D6-01-07",),
            titles={"en": "Quieter buses"},
            texts={"en": "Urban logistics, and some more about water."},
            conditions={"en": "Only for municipalities"},
        ),
        record("TEST-CITY", titles={"fr": "Près de l'église"}, texts={"fr": "L'aménagement urbain"}),
    )
    return database


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("water", ["TEST-WATER", "TEST-BUS"]),  # a word in the title counts more
        ("aigua", ["TEST-WATER"]),
        ("l'aigua", ["TEST-WATER"]),
        ("AIGÜA", ["TEST-WATER"]),
        ("collaboracio", ["TEST-WATER"]),
        ("col.laboració", ["TEST-WATER"]),
        ("horizon-cl5-2026", ["TEST-BUS"]),
        ("HORIZON-CL5-2026-D6-01-07", ["TEST-BUS"]),
        ("test life", ["TEST-WATER"]),
        ("municipal", ["TEST-BUS"]),
        ("munic* water", ["TEST-BUS"]),
        ("munic water", []),
        ("munic*", ["TEST-BUS"]),
        ('"urban logistics"', ["TEST-BUS"]),
        ("“urban logistics”", ["TEST-BUS"]),
        ('"logistics urban"', []),
        ("logistics urban", ["TEST-BUS"]),
        ('"urban logist"', []),
        ("eglise pres", ["TEST-CITY"]),
        ("water NOT logistics", []),
        ("water OR bus", []),
        ("names:water", []),
        ("water -logistics", ["TEST-BUS"]),
        ("TEST-BUS", ["TEST-BUS"]),
        ("nothing of the kind", []),
    ],
)
def test_what_is_typed_finds_calls(filled: Database, asked: str, keys: list[str]) -> None:
    assert found(filled, asked) == keys


@pytest.mark.parametrize("asked", ["", "   ", '"', '""""', "*", "- ' : ( ) ^ ~", "💧", "\x00"])
def test_without_a_word_all_calls_are_found_the_newest_first(filled: Database, asked: str) -> None:
    assert found(filled, asked) == ["TEST-CITY", "TEST-BUS", "TEST-WATER"]


@pytest.mark.parametrize("written", MIDDLE_DOTS)
def test_the_middle_dot_is_found_however_it_is_typed(filled: Database, written: str) -> None:
    assert found(filled, f"co{written}aboració") == ["TEST-WATER"]


@pytest.mark.parametrize(
    "asked",
    [
        "x" * 1_000_000,
        "word " * 200_000,
        '"' * 100_001,
        "' OR 1=1; DROP TABLE call; --",
        'NEAR("a" "b", 2) AND {names} : * ^"water"',
        "a & b | !c <-> d:*A \\ ''",
        "%s :asked $1 ?",
        "water\x00DROP",
        "\ud800 \udfff",
        "مياه المدينة שלום",
        "水道 ม่วง हिन्दी",
        "👩‍🚒 🇪🇸 e\u0301\u0323",
        "\u202ewater\u202c",
    ],
)
def test_hostile_words_are_words(filled: Database, asked: str) -> None:
    assert set(found(filled, asked)) <= {"TEST-WATER", "TEST-BUS", "TEST-CITY"}


@given(st.text(max_size=60))
def test_queries_are_bounded_and_made_of_words_alone(asked: str) -> None:
    phrases = phrases_of(asked * 50)
    assert len(phrases) <= MOST_PHRASES
    assert all(word.isalnum() for phrase in phrases for word in phrase.words)


def test_whatever_is_typed_is_answered(filled: Database) -> None:
    @given(st.text(max_size=40) | st.text(alphabet="\"'*()&|!<->:\\ aé·.", max_size=40))
    def answered(asked: str) -> None:
        assert set(found(filled, asked)) <= {"TEST-WATER", "TEST-BUS", "TEST-CITY"}

    answered()


@given(st.text(max_size=40))
@example("Kelvin K ℌ İ ŉ ǆ ß")
@example("l·l l.l ŀl L·L a·l l’eau lʼeau")
def test_what_the_ranking_takes_for_equal_is_equal_here(said: str) -> None:
    assert words_of(plain(said)) == words_of(said)


def test_titles_in_other_writings_are_found(database: Database, record: MakeRecord) -> None:
    put(
        database,
        record("TEST-1", titles={"ar": "مياه المدينة"}),
        record("TEST-2", titles={"el": "Νερό πόλης"}),
    )
    assert found(database, "المدينة") == ["TEST-1"]
    assert found(database, "ΝΕΡΟ") == ["TEST-2"]


def test_a_changed_call_is_found_by_its_new_words_alone(filled: Database, record: MakeRecord) -> None:
    put(filled, record("TEST-BUS", titles={"en": "Trams"}, keywords=("rails",)))
    assert found(filled, "buses") == []
    assert found(filled, "trams") == found(filled, "rails") == ["TEST-BUS"]


def test_what_is_not_kept_is_not_found(filled: Database, record: MakeRecord) -> None:
    with pytest.raises(ZeroDivisionError), filled.writing() as session:  # noqa: PT012
        save(session, [record("TEST-LOST", titles={"en": "Ferries"})], None, NOW)
        assert search(session, "ferries", 5)
        raise ZeroDivisionError
    assert found(filled, "ferries") == []


def test_texts_without_end_are_cut(database: Database, record: MakeRecord) -> None:
    many = " ".join(f"w{number}" for number in range(30_000))
    wide = "𝛼" * 200_000
    texts = {"en": many, "fr": many[::-1], "es": wide, "ca": many.replace("w", "v")}
    put(database, record("TEST-LONG", titles={"en": "Beginning"}, texts=texts))
    assert found(database, "beginning") == found(database, "w17") == ["TEST-LONG"]


def test_calls_from_before_the_index_are_indexed_step_by_step(filled: Database) -> None:
    with filled.writing() as session:
        session.execute(text("DELETE FROM call_text"))
        session.execute(text("DELETE FROM call_span"))
        session.execute(text("INSERT INTO call_to_index SELECT id FROM call"))
    assert found(filled, "water") == []
    with filled.writing() as session:
        assert index_due(session, at_most=2)
    assert found(filled, "water") == ["TEST-WATER", "TEST-BUS"]
    assert found(filled, "eglise") == []
    again = Database(filled.url.render_as_string(hide_password=False))
    assert found(again, "eglise") == ["TEST-CITY"]
    with again.reading() as session:
        assert len(session.exec(select(CallSpan)).all()) == 3
    again.close()


def test_limit(filled: Database) -> None:
    assert found(filled, "water", limit=1) == ["TEST-WATER"]


DEADLINES = st.lists(
    st.builds(
        DeadlineRecord,
        day=st.none() | st.dates(date(2026, 8, 1), date(2026, 9, 30)),
        at=st.none() | st.times(),
        zone=st.sampled_from(["Europe/Brussels", "America/Bogota", "Pacific/Auckland"]),
        stage=st.none() | st.integers(1, 3),
        prose=st.just("TEST"),
    ),
    max_size=4,
)


def test_spans_say_what_the_clock_says(record: MakeRecord, database: Database) -> None:
    @given(
        DEADLINES,
        st.sampled_from(["open", "closed", "forthcoming", "unknown"]),
        st.datetimes(datetime(2026, 7, 1), datetime(2026, 10, 30), timezones=st.just(UTC)),  # noqa: DTZ001
    )
    def agree(deadlines: list[DeadlineRecord], status: str, now: datetime) -> None:
        stated = record(deadlines=tuple(deadlines), status=status, no_deadline="TEST")
        with database.writing() as session:
            save(session, [stated], None, NOW)
            call = session.exec(select(Call)).one()
            spans = [one for one in spans_of(call) if one.since < now <= one.until]
            deadline = entry_deadline(call, now)
            assert len(spans) <= 1
            assert any(one.live for one in spans) == (state(call, now) is not State.CLOSED)
            assert [one.day for one in spans if one.day] == ([deadline.day] if deadline else [])

    agree()


def test_a_deadline_of_a_later_stage_lets_nobody_in(database: Database, record: MakeRecord) -> None:
    stages = (
        DeadlineRecord(day=date(2026, 9, 1), at=time(17), stage=1),
        DeadlineRecord(day=date(2027, 2, 1), at=time(17), stage=2),
    )
    put(database, record(deadlines=stages))
    with database.reading() as session:
        spans = session.exec(select(CallSpan).order_by("until")).all()
    assert [(one.day, one.live, one.dated) for one in spans] == [
        (date(2026, 9, 1), True, True),
        (None, True, True),
    ]
