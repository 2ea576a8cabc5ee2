"""Matching and its measurement: match, evaluate."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import AsJson, Today, installation, print_json, print_table, progress_bar, say
from config.clock import clock
from matcher.evaluation import evaluate_store
from matcher.matching import match_calls


def match(today: Today = None, as_json: AsJson = False) -> None:
    """Rank all calls for the organisation."""
    with installation() as (_, database, organisation), progress_bar("match", shown=not as_json) as progress:
        report = match_calls(database, organisation, clock(today), progress)
    if as_json:
        print_json({"calls": report.calls, "not_open": report.not_open})
    else:
        say(
            f"{report.calls} calls ranked; {report.not_open} of them are not open to {organisation.profile.short_name}"
        )


def evaluate(
    gold: Annotated[Path, typer.Option("--gold", help="CSV with the columns reference and relevance.")],
    as_json: AsJson = False,
) -> None:
    """Measure the ranking against labels."""
    with installation() as (_, database, organisation):
        figures, missing = evaluate_store(database, organisation, gold)
    if as_json:
        print_json(figures.as_json() | {"missing": missing})
        return
    print_table(
        f"{figures.calls} labelled calls, {figures.relevant} of them relevant",
        ("nDCG@10#", "nDCG@20#", "P@20#", "AP#", "R@15 %#", "R3@15 %#"),
        [
            tuple(
                None if figure is None else f"{figure:.3f}"
                for figure in (
                    figures.ndcg_10,
                    figures.ndcg_20,
                    figures.p_20,
                    figures.ap,
                    figures.r_15,
                    figures.r3_15,
                )
            )
        ],
    )
    if missing:
        say(f"{missing} labelled calls are not in the store and were left out")
