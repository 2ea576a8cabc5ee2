"""An installation moved, backed up, brought back and cleared, as an operator does it by commands."""

import json
from pathlib import Path

import pytest

from store.calls import save
from store.database import Database
from tests.journeys.test_cli import Funding, funding, one_sentence
from tests.unit.notifier.builders import NOW, record

__all__ = ["funding"]


@pytest.fixture
def home(made_sqlite: Path, tmp_path: Path) -> Path:
    (tmp_path / "funding.db").write_bytes(made_sqlite.read_bytes())
    stored(tmp_path, "TEST-1")
    return tmp_path


def stored(home: Path, *keys: str) -> None:
    database = Database(f"sqlite:///{home / 'funding.db'}")
    with database.writing() as session:
        save(session, [record(key) for key in keys], None, NOW)
    database.close()


def calls(funding: Funding, home: Path, **environment: str) -> list[str]:
    done = funding("calls", "--status", "all", "--json", home=home, **environment)
    return sorted(call["source_key"] for call in json.loads(done.stdout))


def test_a_database_is_copied_and_taken_into_use(funding: Funding, home: Path, tmp_path: Path) -> None:
    to = f"sqlite:///{tmp_path / 'new.db'}"
    done = funding("database", "copy", "--to", to, "--json", home=home)
    assert done.returncode == 0
    assert {one["table"]: one["rows"] for one in json.loads(done.stdout)["tables"]}["call"] == 1
    assert calls(funding, home, FUNDING_DATABASE_URL=to) == ["TEST-1"]
    again = funding("database", "copy", "--to", to, home=home)
    assert again.returncode == 1
    assert "holds an installation already" in one_sentence(again)


def test_what_is_copied_is_told_without_a_password(funding: Funding, home: Path) -> None:
    done = funding("database", "copy", "--to", "postgresql+psycopg://u:secret@127.0.0.1:1/x", home=home)
    assert done.returncode == 1
    assert "the server does not answer" in one_sentence(done)
    assert "secret" not in done.stdout + done.stderr


def test_a_backup_is_brought_back(funding: Funding, home: Path) -> None:
    done = funding("backup", "--keep", "3", home=home)
    assert done.returncode == 0
    backup = done.stdout.strip()
    stored(home, "TEST-2")
    restored = funding("restore", backup, "--json", home=home)
    assert restored.returncode == 0
    told = json.loads(restored.stdout)
    assert told["rows"]["call"] == 1
    assert Path(told["kept"]).exists()
    assert calls(funding, home) == ["TEST-1"]


def test_a_backup_goes_where_it_is_told_and_replaces_nothing(funding: Funding, home: Path) -> None:
    for code in (0, 1):
        done = funding("backup", "--to", str(home / "mine.zip"), home=home)
        assert done.returncode == code
    assert "is there already" in one_sentence(done)
    assert funding("backup", "--to", str(home / "more.zip"), "--keep", "1", home=home).returncode == 2


def test_what_is_no_backup_is_refused_in_a_sentence(funding: Funding, home: Path) -> None:
    (home / "letter.zip").write_text("Dear all")
    for name, told in (("letter.zip", "is no backup of this program"), ("none.zip", "No such file")):
        done = funding("restore", str(home / name), home=home)
        assert done.returncode == 1
        assert told in one_sentence(done)
    assert calls(funding, home) == ["TEST-1"]


def test_retention_says_what_would_go_and_lets_it_go(funding: Funding, home: Path) -> None:
    for arguments in (("--dry-run",), ()):
        done = funding("retention", *arguments, "--json", home=home)
        assert done.returncode == 0
        told = json.loads(done.stdout)
        assert told.pop("dry_run") is bool(arguments)
        assert set(told.values()) == {0}
    assert "quarantined" in funding("retention", home=home).stdout
    assert calls(funding, home) == ["TEST-1"]
