"""Each call is read once for a profile: what is kept of it is used as long as nothing changed."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from matcher import readings
from matcher.documents import Document
from matcher.profile import Profile
from matcher.reading import READER, Reader
from matcher.readings import read_all
from store.calls import save
from store.database import Database
from store.models import CallReading
from store.records import CallRecord

MakeRecord = Callable[..., CallRecord]

CALLS = 5


@pytest.fixture
def filled(tmp_path: Path, record: MakeRecord, now: datetime) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'readings.db'}")
    texts = ("Cities sort waste.", "", "Detectors.", "Els municipis estalvien aigua.", "Waste of cities.")
    with database.writing() as session:
        save(session, [record(f"TEST-{n}", f"Title {n}", text) for n, text in enumerate(texts)], None, now)
    return database


class Told:
    """How many calls were read, in all."""

    def __init__(self) -> None:
        self.read = 0

    def __call__(self, done: int, _of: int) -> None:
        self.read = done


def read_anew(database: Database, profile: Profile, organisation: str = "amb") -> int:
    told = Told()
    assert len(read_all(database, organisation, profile, told).readings) == CALLS
    return told.read


def test_what_is_kept_is_what_was_read(filled: Database, profile: Profile) -> None:
    first = read_all(filled, "amb", profile)
    assert read_all(filled, "amb", profile) == first
    assert [reading.title for reading in first.readings] == [f"Title {n}" for n in range(CALLS)]


def test_nothing_is_read_twice(filled: Database, profile: Profile) -> None:
    assert [read_anew(filled, profile) for _ in range(2)] == [CALLS, 0]


def test_only_what_changed_is_read_again(
    filled: Database, profile: Profile, record: MakeRecord, now: datetime
) -> None:
    read_anew(filled, profile)
    with filled.writing() as session:
        save(session, [record("TEST-2", "Title 2", "Detectors in cities.")], None, now)
    told = Told()
    found = read_all(filled, "amb", profile, told)
    assert told.read == 1
    assert found.versions == [1, 1, 2, 1, 1]
    assert found.readings[2].opening == "Title 2. Detectors in cities."


def test_another_profile_or_way_of_reading_reads_all_anew(
    filled: Database, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_anew(filled, profile)
    other = replace(profile, themes=profile.themes[1:])
    assert read_anew(filled, other) == CALLS
    monkeypatch.setattr("matcher.readings.READER", READER + 1)
    assert read_anew(filled, other) == CALLS


def test_each_organisation_keeps_its_own(filled: Database, profile: Profile) -> None:
    read_anew(filled, profile)
    assert read_anew(filled, replace(profile, rules=()), "other") == CALLS
    assert read_anew(filled, profile) == 0


@pytest.mark.parametrize("damage", [b"", b"\xff\x00", b"{}", b"[1, 2]"])
def test_what_is_broken_is_read_anew_and_told(
    filled: Database, profile: Profile, caplog: pytest.LogCaptureFixture, damage: bytes
) -> None:
    sound = read_all(filled, "amb", profile)
    with filled.writing() as session:
        row = session.exec(select(CallReading)).first()
        assert row is not None
        row.data = damage
    with caplog.at_level(logging.WARNING):
        assert read_all(filled, "amb", profile) == sound
    assert "1 stored readings are broken" in caplog.text
    assert read_anew(filled, profile) == 0


def test_killed_half_way_it_goes_on_from_there(
    filled: Database, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "BATCH", 2)

    def kill(done: int, _of: int) -> None:
        if done == 2 * readings.BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_all(filled, "amb", profile, kill)
    assert read_anew(filled, profile) == 1


@given(title=st.text(st.characters(exclude_categories=["Cs"])), body=st.text(max_size=300))
def test_whatever_is_read_can_be_kept(title: str, body: str, profile: Profile) -> None:
    document = Document(call_id=1, identifier="TEST", type_of_action="", title=title, body=body)
    reading = Reader(profile).read(document)
    assert readings._FORM.validate_json(readings._FORM.dump_json(reading)) == reading  # noqa: SLF001
