"""What tests of several folders share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from crawler.replicas.sample import RECORDS, Record, load_records
from store.database import Database

# The same examples in every run, however slow the machine is.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program writes to."""
    monkeypatch.setenv("FUNDING_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'funding.db'}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def sample() -> list[Record]:
    """The project's own records of the EU portal. Tests that change one copy it first."""
    return load_records(RECORDS / "eu_portal.jsonl")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings beside the checkout, which not every machine has."""
    if not SHARED.is_dir():
        pytest.skip(f"no recordings: {SHARED} is missing")
    return SHARED
