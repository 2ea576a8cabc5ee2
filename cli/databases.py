"""`funding database`: the database of an installation as a whole."""

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer
from sqlalchemy import make_url

from cli.output import AsJson, print_json, print_table, progress_bar, say
from config.settings import load_settings
from store.copying import copy_database
from store.database import Database

database = typer.Typer(help="The database as a whole.", no_args_is_help=True)


@database.callback()
def _group() -> None:
    """A group even with one command in it."""


@database.command("copy")
def copy(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            help="An empty database, such as postgresql+psycopg://funding@127.0.0.1/funding. Its password is better "
            "kept in ~/.pgpass than written here.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Copy all that the installation holds into an empty database, also of the other engine, and compare.

    The installation stays as it is, and may be in use: what is written meanwhile is not copied. Killed half-way the
    target stays empty.
    """
    with (
        closing(Database(load_settings().database)) as source,
        progress_bar("copy", shown=not as_json) as progress,
    ):
        copied = copy_database(source, to, progress)
    where = make_url(to).render_as_string(hide_password=True)
    if as_json:
        print_json({"to": where, "tables": [asdict(one) for one in copied]})
        return
    print_table("Copied", ("table", "rows#"), [(one.table, one.rows) for one in copied])
    say(
        f"\nall is in {where}, read back and the same; FUNDING_DATABASE_URL makes it the installation's database"
    )
