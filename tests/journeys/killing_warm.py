"""What commands import before they do anything: those that are forked from a process with it begin at once."""

from importlib import import_module

from cli import COMMANDS

USED = ("crawl", "match", "schedule", "worker")
MODULES = (*(COMMANDS[name] for name in USED), "jobs.queue", "sqlalchemy.dialects.postgresql.psycopg")

for module in MODULES:
    import_module(module)
