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
from tests.databases import ENGINES, made_postgresql, made_sqlite, opened, postgresql

__all__ = ["made_postgresql", "made_sqlite", "postgresql"]

# The same examples in every run, however slow the machine is.
settings.register_profile("steady", derandomize=True, deadline=None, database=None)
settings.load_profile("steady")

AMB = Path(config.__file__).parent / "amb"
SHARED = Path(__file__).parents[2] / "shared"


ON_BOTH = frozenset(
    {
        "unit.matcher.test_matching",
        "unit.matcher.test_readings",
        "unit.notifier.test_delivering",
        "unit.notifier.test_selection",
        "unit.review.test_hidden",
        "unit.review.test_inbox",
        "unit.review.test_similar",
        "unit.review.test_sources_page",
    }
)
"""Modules whose tests run on PostgreSQL as well as on SQLite, beside those of `unit/store`: what asks the database in SQL.
Tests with many made-up examples stay on SQLite, to be quick.
"""


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
def engine() -> str:
    """What `database` is kept by; in modules of `ON_BOTH` each of the two in turn."""
    return "sqlite"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    many_examples = getattr(metafunc.function, "is_hypothesis_test", False)
    on_both = metafunc.module.__name__.removeprefix("tests.") in ON_BOTH and not many_examples
    if on_both and "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ENGINES)


@pytest.fixture
def database(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Iterator[Database]:
    yield from opened(request, engine, tmp_path)


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
