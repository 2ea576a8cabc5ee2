"""`funding report`: the figures of a period, for the evaluation of the plan."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import Today, installation, say
from config.clock import clock, local_day
from config.organisation import LANGUAGES
from notifier.figure_events import PeriodError, read_period
from notifier.figures import count_figures
from notifier.report import fault_said, write_report
from notifier.words import words_in


def report(
    first: Annotated[
        str, typer.Option("--from", metavar="DATE", help="The first day; else this year's first.")
    ] = "",
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="The last day; else today.")] = "",
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where; else in this folder.")
    ] = Path(),
    language: Annotated[str, typer.Option(help="ca, es, en or fr; else the organisation's.")] = "",
    today: Today = None,
) -> None:
    """Write what became of calls in a period, as one HTML file and one XLSX workbook."""
    known = next((one for one in LANGUAGES if one == language), None)
    if language and known is None:
        raise typer.BadParameter(f"`{language}` is none of ca, es, en, fr", param_hint="--language")
    now = clock(today)
    try:
        period = read_period(first, last, local_day(now))
    except PeriodError as error:
        raise typer.BadParameter(fault_said(words_in("en"), error, now), param_hint="--from, --to") from None
    with installation() as (_, database, organisation):
        with database.reading() as session:
            figures = count_figures(session, organisation, period)
        words = words_in(known or organisation.profile.language)
        written = write_report(figures, words, organisation, now, output)
    for path in written:
        say(f"written: {path}")
    if figures.empty:
        say("nothing is counted in this period yet: the files say what will stand there")
