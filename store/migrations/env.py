"""How Alembic reaches the tables: on the connection that `store.database` hands over."""

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

import store.models  # noqa: F401  fills the metadata
from config.settings import load_settings
from store.search import is_modelled

target_metadata = SQLModel.metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=target_metadata,
        render_as_batch=True,
        include_name=is_modelled,
    )
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    _run(connection)
else:  # `alembic revision --autogenerate` by a developer
    with create_engine(load_settings().database).begin() as own:
        _run(own)
