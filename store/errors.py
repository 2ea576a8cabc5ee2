"""Faults of the database that a user can do something about."""


class StoreError(RuntimeError):
    """One sentence that says which database, what happened and what to do."""
