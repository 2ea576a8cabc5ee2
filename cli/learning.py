"""What is learnt from decisions: learn."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cli.output import FAILED, OK, AsJson, Today, complain, installation, print_json, print_table, say
from config.clock import clock
from matcher.learning import FOLDS, LEAST, LEAST_OF_EACH, Outcome
from matcher.scorers.encoder import load_encoder
from matcher.training import LearnReport
from matcher.training import learn as learn_from_decisions
from store.database import Database
from store.learnt import learnt_models, roll_back


def learn(
    rollback: Annotated[
        bool,
        typer.Option("--rollback", help="Go back to the model before; without one, to the ranking alone."),
    ] = False,
    history: Annotated[bool, typer.Option("--history", help="All that was learnt so far.")] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Learn from decisions, where it is measured to rank better than without."""
    if rollback and history:
        raise typer.BadParameter("choose one of --rollback and --history")
    with installation() as (settings, database, organisation):
        if history:
            _show_history(database, organisation.key, as_json=as_json)
        elif rollback:
            _roll_back(database, organisation.key, as_json=as_json)
        else:
            encoder = load_encoder(settings.encoder).encoder
            _show_report(learn_from_decisions(database, organisation, clock(today), encoder), as_json=as_json)


def _show_report(report: LearnReport, *, as_json: bool) -> None:
    counts = report.counts
    if as_json:
        print_json(
            {
                "outcome": report.outcome,
                "number": report.number,
                "decisions": counts.decisions,
                "relevant": counts.relevant,
                "families": counts.families,
                "left_out": counts.left_out,
                "gone": counts.gone,
                "measures": report.measures,
            }
        )
        return
    said = f"{counts.decisions} calls decided on, {counts.relevant} of them relevant"
    if counts.left_out:
        said += f"; {counts.left_out} more teach nothing: dismissed for circumstances, or closed by a rule"
    if counts.gone:
        said += f"; {counts.gone} more are not ranked any longer"
    say(said)
    if report.measures:
        _print_measures(report.measures)
    say(_outcome(report))


def _outcome(report: LearnReport) -> str:
    match report.outcome:
        case Outcome.STARTED:
            return f"Started: model {report.number} counts from the next `funding match` on."
        case Outcome.REFUSED:
            return (
                f"Refused: model {report.number} is not surely better on decisions held out, so the ranking stays "
                "as it is without it."
            )
        case Outcome.UNCHANGED:
            return f"Nothing was decided since model {report.number}; it stays as it is."
        case Outcome.TOO_FEW:
            return (
                f"Too few: to measure whether learning helps takes {LEAST} decisions, {LEAST_OF_EACH} relevant and "
                f"{LEAST_OF_EACH} not, on topics of {FOLDS} different calls."
            )


def _print_measures(measures: dict[str, Any]) -> None:
    """Both rankings on decisions held out, and between what nine of ten samples have each figure."""
    figures = ("pairs", "ap", "log_loss", "brier")
    rows = [
        (name, *(_interval(measures[name][figure]) for figure in figures), f"{measures[name]['ece']:.3f}")
        for name in ("unlearnt", "learnt")
    ]
    gain = measures["gain"]
    difference = [
        f"{gain[figure][0]:+.3f} [{gain[figure][1]:+.3f}, {gain[figure][2]:+.3f}]" for figure in figures[:3]
    ]
    print_table(
        "On decisions held out (in brackets: nine of ten samples)",
        ("ranking", "pairs in order#", "AP#", "log loss#", "Brier#", "ECE#"),
        [*rows, ("difference", *difference, None, None)],
    )


def _interval(figure: Sequence[float]) -> str:
    value, low, high = figure
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _roll_back(database: Database, organisation: str, *, as_json: bool) -> None:
    with database.writing() as session:
        former, back = roll_back(session, organisation)
        numbers = {
            "from": former.number if former else None,
            "to": back.number if back else None,
        }
    if as_json:
        print_json(numbers)
    elif numbers["from"] is None:
        complain("no model is active: nothing to go back from")
    else:
        where = f"model {numbers['to']}" if numbers["to"] else "the ranking alone"
        say(
            f"Back from model {numbers['from']} to {where}, from the next `funding match` on. Nothing is learnt anew "
            "until something more is decided."
        )
    raise typer.Exit(OK if numbers["from"] else FAILED)


def _show_history(database: Database, organisation: str, *, as_json: bool) -> None:
    with database.reading() as session:
        models = [
            model.model_dump(exclude={"id", "parameters"}) for model in learnt_models(session, organisation)
        ]
    if as_json:
        print_json(models)
        return
    print_table(
        f"{len(models)} models",
        ("model#", "state", "trained", "decisions#", "pairs in order#", "without it#", "ranking"),
        [
            (
                model["number"],
                model["state"],
                f"{model['trained_at']:%Y-%m-%d}",
                model["decisions"],
                _value(model, "learnt"),
                _value(model, "unlearnt"),
                model["belongs_to"],
            )
            for model in models
        ],
    )


def _value(model: dict[str, Any], ranking: str) -> str | None:
    measured = model["measures"].get(ranking)
    return f"{measured['pairs'][0]:.3f}" if measured else None
