"""`funding …`: the only place that prints."""

import sys
from importlib import import_module

import typer

from cli.output import FAILED, complain
from config.errors import ConfigurationError
from notifier.transport import DeliveryError
from store.errors import StoreError
from store.locks import BusyError

COMMANDS = {
    "run": "cli.operating",
    "crawl": "cli.crawling",
    "match": "cli.matching",
    "decide": "cli.deciding",
    "learn": "cli.learning",
    "digest": "cli.notifying",
    "summary": "cli.notifying",
    "review": "cli.reviewing",
    "export": "cli.exporting",
    "report": "cli.reporting",
    "schedule": "cli.operating",
    "worker": "cli.operating",
    "sources": "cli.sources",
    "calls": "cli.calls",
    "officers": "cli.officers",
    "organisation": "cli.organisations",
    "clients": "cli.clients",
    "portfolio": "cli.portfolio",
    "evaluate": "cli.matching",
    "replica": "cli.replicas",
    "new-source": "cli.scaffolding",
    "doctor": "cli.examining",
    "database": "cli.databases",
    "backup": "cli.backing_up",
    "restore": "cli.backing_up",
    "retention": "cli.backing_up",
    "demo": "cli.demonstration",
}
"""Which module holds a command: only that one is imported, since scikit-learn and Scrapy take seconds."""


def build(wanted: str | None) -> typer.Typer:
    """The application with the command `wanted`, or with all of them when it is none."""
    app = typer.Typer(
        name="funding", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback(
        help="Gathers funding calls, ranks them for an organisation, and mails digests to its officers."
    )(lambda: None)
    for name, module in COMMANDS.items():
        if wanted not in COMMANDS or name == wanted:
            command = getattr(import_module(module), name.replace("-", "_"))
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=name)
            else:
                app.command(name)(command)
    return app


def main() -> None:
    """Run a command; what a user can mend is said in a sentence and an exit code, without a traceback."""
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else None)()
    except (BusyError, ConfigurationError, DeliveryError, StoreError) as error:
        complain(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}")
    sys.exit(FAILED)
