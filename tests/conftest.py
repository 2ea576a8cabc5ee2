"""What tests of several folders share."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import config
from config.organisation import load_organisation
from crawler.replicas.sample import RECORDS, Record, load_records
from store.database import Database

# The same examples in every run, however slow the machine is.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")

AMB = Path(config.__file__).parent / "amb"
SHARED = Path(__file__).parents[2] / "shared"


NOWHERE = "http://127.0.0.1:9"
"""An address on this machine at which nothing answers."""


@pytest.fixture(scope="session", autouse=True)
def no_live_portal() -> Iterator[None]:
    """No test ever meets a real portal: a source that a test does not point elsewhere cannot be reached.

    And none encodes calls by the way, which takes minutes: tests of sentence vectors load an encoder themselves.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FUNDING_ENCODER", "none")
        for source in load_organisation(AMB).sources:
            patch.setenv(f"FUNDING_ADDRESS_{source.key.upper()}", NOWHERE)
        yield


@pytest.fixture
def eu_portal_alone(tmp_path: Path) -> Path:
    """A folder of organisations in which AMB has no source but the EU portal: for runs of all that is switched on."""
    folder = tmp_path / "config"
    shutil.copytree(AMB, folder / "amb")
    sources = folder / "amb" / "sources.toml"
    first = sources.read_text(encoding="utf-8").split("[[source]]")[1]
    assert 'key = "eu_portal"' in first
    sources.write_text(f"[[source]]{first}", encoding="utf-8")
    return folder


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
