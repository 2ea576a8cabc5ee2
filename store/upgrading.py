"""Which version the tables are of, without opening the database in the program's own way, which upgrades them."""

from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from store.database import MIGRATIONS


def newest_revision() -> str:
    """That of this version of the program."""
    return str(ScriptDirectory(str(MIGRATIONS)).get_current_head())


def stored_revision(url: str) -> str | None:
    """That of the tables at `url`; None where there are none, or where `Database(url)` will say what is wrong."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
            return None
        engine = create_engine(parsed)
    except (ArgumentError, ValueError, NoSuchModuleError, ModuleNotFoundError):
        return None
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DatabaseError:
        return None
    finally:
        engine.dispose()
