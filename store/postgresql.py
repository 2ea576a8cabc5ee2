"""PostgreSQL's own tools, `pg_dump` and `pg_restore`: found, of a sufficient version, and told in a sentence."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DatabaseError

from store.errors import StoreError

MAINTENANCE = "postgres"
"""The database of the server from which others are made and renamed."""


def dump(connection: Connection, engine: Engine, file: Path) -> int:
    """Write what `connection` sees to `file`, in pg_dump's own format; the major version of pg_dump. Raises StoreError."""
    server = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    tool = major_of("pg_dump", at_least=server)
    snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    _run(
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--snapshot={snapshot}",
        f"--file={file}",
        f"--dbname={_address(engine.url)}",
        password=engine.url.password,
    )
    return tool


def check_dump(file: Path) -> None:
    """Read a dump to its end. Raises StoreError."""
    _run("pg_restore", f"--file={os.devnull}", str(file))


def load(file: Path, url: URL, taken_by: int) -> None:
    """Fill the empty database at `url` from a dump that pg_dump of major version `taken_by` wrote. Raises StoreError."""
    major_of("pg_restore", at_least=taken_by)
    _run(
        "pg_restore",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        f"--dbname={_address(url)}",
        str(file),
        password=url.password,
    )


def major_of(tool: str, at_least: int) -> int:
    """The major version of `tool`. Raises StoreError where it is missing or older than `at_least`."""
    found = re.search(r"\) (\d+)", _run(tool, "--version"))
    major = int(found[1]) if found else 0
    if major < at_least:
        raise StoreError(
            f"{tool} is of version {major} and the database of {at_least}: "
            f"install postgresql-client-{at_least} or newer"
        )
    return major


@contextmanager
def maintenance(url: URL) -> Iterator[Connection]:
    """A connection from which databases are made and renamed, each statement by itself. Raises StoreError."""
    engine = create_engine(url.set(database=MAINTENANCE))
    try:
        with engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")
    except DatabaseError as error:
        why = str(error.orig).strip().splitlines()[0]
        raise StoreError(f"{url.render_as_string(hide_password=True)}: {why}") from error
    finally:
        engine.dispose()


def others_in(connection: Connection, name: str) -> int:
    """How many connections there are to the database `name`."""
    count = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name")
    return int(connection.execute(count, {"name": name}).scalar_one())


def _address(url: URL) -> str:
    """As libpq reads it, without the password, which others on this machine could read in the list of processes."""
    facts: dict[str, Any] = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "dbname": url.database,
        **url.query,
    }
    return " ".join(f"{name}={_quoted(str(value))}" for name, value in facts.items() if value is not None)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _run(tool: str, *arguments: str, password: Any = None) -> str:
    path = which(tool)
    if path is None:
        raise StoreError(
            f"{tool} is missing: install PostgreSQL's client programs, such as postgresql-client"
        )
    secret = {"PGPASSWORD": str(password)} if password else {}
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own tools, and no shell
        [path, *arguments], env=os.environ | secret, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = [line for line in done.stderr.strip().splitlines() if line] or [f"exit code {done.returncode}"]
        raise StoreError(f"{tool} failed: {said[0].removeprefix(f'{tool}: ').removeprefix('error: ')}")
    return done.stdout
