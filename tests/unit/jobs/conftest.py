"""An installation on a server, which is where there is a queue."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from jobs.installation import Installation
from tests.databases import opened


@pytest.fixture
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Nothing is stored, and there is no queue yet."""
    for database in opened(request, "postgresql", tmp_path):
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS queue CASCADE")
        yield Installation(Settings(home=tmp_path), database)
