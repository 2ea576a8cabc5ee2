"""How constraints are called, for every table: imported before the first of them."""

from sqlmodel import SQLModel

__all__ = ["SQLModel"]

# Constraints need names that are the same everywhere, or a later migration cannot drop them on SQLite.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
