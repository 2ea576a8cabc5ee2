"""What commands share: options, tables, progress, JSON and exit codes."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from config.organisation import Organisation
from config.settings import Settings, load_settings
from store.database import Database

OK, FAILED, PARTIAL = 0, 1, 3
"""Exit codes; 2 is a command that was typed wrong."""
EXIT_CODES = {"ok": OK, "empty": OK, "partial": PARTIAL, "failed": FAILED}

console = Console()
errors = Console(stderr=True)


def _parse_day(value: str | date) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(f"`{value}` is no day; write it as 2026-08-22") from None


Today = Annotated[
    date | None,
    typer.Option("--today", help="Act as if it were this day.", metavar="DATE", parser=_parse_day),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON and nothing else.")]


@contextmanager
def installation() -> Iterator[tuple[Settings, Database, Organisation]]:
    """The settings, the database and the organisation that a command works with."""
    settings = load_settings()
    organisation = settings.load_organisation()
    database = Database(settings.database)
    try:
        yield settings, database, organisation
    finally:
        database.close()


def complain(message: str) -> None:
    errors.print(message, style="red", markup=False, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    console.print(message, markup=False, highlight=False, soft_wrap=True)


def print_json(data: Any) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(type(value))


WIDEST = 28
"""Characters that a column keeps on a narrow terminal; the last column takes what is left."""


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, wrap: bool = False
) -> None:
    """Columns whose name ends in `#` hold figures and stand to the right; the last one is cut, or wrapped."""
    cells = [["–" if cell is None else str(cell) for cell in row] for row in rows]
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False
    )
    widths = [
        min(WIDEST, max(len(text) for text in (column.removesuffix("#"), *found)))
        for column, found in zip(
            columns, zip(*cells, strict=True) if cells else [()] * len(columns), strict=True
        )
    ]
    left = max(WIDEST, console.width - sum(widths[:-1]) - 2 * len(widths[:-1]))
    for column, width in zip(columns, [*widths[:-1], left], strict=True):
        is_last = column == columns[-1]
        table.add_column(
            column.removesuffix("#") or "#",
            justify="right" if column.endswith("#") else "left",
            no_wrap=not (is_last and wrap),
            overflow="ellipsis",
            min_width=None if is_last else width,
            max_width=width,
        )
    for row in cells:
        table.add_row(*row)
    console.print(table, markup=False, highlight=False)


@contextmanager
def progress_bar(label: str, *, shown: bool) -> Iterator[Any]:
    """A bar on the terminal, from the first time on that the function which is yielded is told what is done, and the total."""
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=errors,
        transient=True,
        disable=not shown or not errors.is_terminal,
    )
    with bar:
        task = bar.add_task(label, total=None, visible=False)

        def update(done: int, total: int | None) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        yield update
