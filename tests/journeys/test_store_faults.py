"""A database that cannot be used: one sentence says why, and nothing that was stored is lost."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from crawler.replicas.sample import Record
from store import database as opening
from store.database import Database
from store.errors import StoreError
from tests.journeys.crawling import contents, run, run_at, store, topic

BEFORE = [topic(number) for number in range(1, 4)]


def file_of(database: Database) -> Path:
    return Path(database.url.database or "")


def sentence(error: pytest.ExceptionInfo[StoreError], database: Database | Path) -> str:
    """What is said, without the name of the database; one line, as people read it in a terminal."""
    said = str(error.value)
    path = file_of(database) if isinstance(database, Database) else database
    assert str(path) in said
    assert "\n" not in said
    return said.partition(f"{path.name}")[2].partition(": ")[2]


@pytest.fixture
def many() -> list[Record]:
    return [topic(number, descriptionByte=["a word " * 500]) for number in range(11, 311)]


@pytest.mark.parametrize("what", ["crawl", "write", "open anew"])
def test_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    monkeypatch.setattr(opening, "BUSY_TIMEOUT", 20)
    with closing(Database(f"sqlite:///{tmp_path / 'funding.db'}")) as database:
        store(BEFORE, database)
        before = contents(database)
        with closing(sqlite3.connect(file_of(database))) as other:
            other.execute("BEGIN IMMEDIATE")
            if what == "open anew":
                Database(str(database.url)).close()  # reading needs no lock
            else:
                with pytest.raises(StoreError) as error:
                    run_at("http://127.0.0.1:9", database) if what == "crawl" else store(BEFORE, database)
                assert (
                    sentence(error, database)
                    == "another program holds it; end that program or try again later"
                )
            assert contents(database) == before
        store([topic(4)], database)
        assert len(contents(database)["call"]) == len(BEFORE) + 1


def test_read_only(database: Database) -> None:
    store(BEFORE, database)
    before = contents(database)
    event.listen(database.engine, "connect", _forbid_writing)
    database.close()
    with pytest.raises(StoreError) as error:
        run_at("http://127.0.0.1:9", database)
    assert sentence(error, database) == "it cannot be written; check the rights on the file and its folder"
    assert contents(database) == before


def _forbid_writing(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")  # root may write to any file: this is how SQLite refuses it


def test_full_disk(database: Database, many: list[Record]) -> None:
    store(BEFORE, database)
    before = contents(database)
    event.listen(database.engine, "connect", _allow_few_pages)
    database.close()
    with pytest.raises(StoreError) as error:
        store(many, database)
    assert sentence(error, database) == "the disk is full; free some space, nothing stored was lost"
    assert contents(database) == before


def _allow_few_pages(connection: Any, _record: object) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")


def test_disk_that_fills_up_during_a_crawl(database: Database, many: list[Record]) -> None:
    store(BEFORE, database)
    before = contents(database)
    with database.writing() as session:
        session.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON call WHEN (SELECT count(*) FROM call) > 150 "
                "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        )
    result = run(many, database)
    assert (result.outcome, result.error) == ("partial", "incomplete")
    assert "the disk is full; free some space" in result.detail
    after = contents(database)
    assert after["call"][: len(BEFORE)] == before["call"]
    assert len(after["call"]) - len(BEFORE) == result.new == 100


def test_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "funding.db"
    path.mkdir()
    with pytest.raises(StoreError) as error:
        Database(f"sqlite:///{path}")
    assert sentence(error, path) == "it cannot be opened; check that the folder exists and may be written"


def test_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "var"
    path.write_text("not a folder")
    with pytest.raises(StoreError, match="cannot be created"):
        Database(f"sqlite:///{path / 'deeper' / 'funding.db'}")


def test_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "funding.db"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(StoreError) as error:
        Database(f"sqlite:///{path}")
    assert sentence(error, path) == "the file is no SQLite database; move it away or set FUNDING_HOME"
    assert path.read_text().startswith("Dear diary")


def test_damaged_file(database: Database) -> None:
    store(BEFORE, database)
    database.close()
    content = file_of(database).read_bytes()
    file_of(database).write_bytes(content[:4_096] + b"\xff" * (len(content) - 4_096))
    with pytest.raises(StoreError) as error:
        contents(database)
    assert sentence(error, database) == "the file is damaged; restore a backup"


def test_written_by_a_newer_version(database: Database) -> None:
    store(BEFORE, database)
    before = contents(database)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as error:
        Database(str(database.url))
    assert (
        sentence(error, database) == "written by a newer version of the program (9999); upgrade the program"
    )
    assert contents(database) == before
