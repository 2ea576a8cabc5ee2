"""What officers say of calls: decide."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlmodel import Session

from cli.call_sheet import find_call
from cli.output import FAILED, AsJson, Today, complain, installation, print_json, say
from config.clock import clock
from config.organisation import Organisation
from store.acts import perform, take_back
from store.decisions import DecisionRecord, Reason, Standing, Verdict, standing
from store.models import Call
from store.stages import CallStage, StageRecord, stage_of

VERDICTS = {
    "relevant": Verdict.RELEVANT,
    "not-relevant": Verdict.NOT_RELEVANT,
    "open": Verdict.OPEN,
    "mute": Verdict.MUTED,
}
STAGES = {stage.value: stage for stage in CallStage}
EUROS = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?")
REASONS = {reason.replace("_", "-"): reason for reason in Reason if reason}


def decide(
    name: Annotated[str, typer.Argument(metavar="CALL", help="Its key, an identifier, or source:key.")],
    verdict: Annotated[
        str,
        typer.Argument(
            metavar="VERDICT",
            help="relevant, not-relevant, open: a rule is wrong, or mute: tell the officer no more of it. Or how far we "
            f"have got with it: {', '.join(STAGES)}.",
        ),
    ] = "",
    officer: Annotated[str, typer.Option(help="Who decides: an id of officers.toml.")] = "",
    reason: Annotated[str, typer.Option(help=f"Why not relevant: {', '.join(REASONS)}.")] = "",
    note: Annotated[str, typer.Option(help="Anything to remember.")] = "",
    amount: Annotated[str, typer.Option(help="Euros asked for, or won: submitted, awarded.")] = "",
    day: Annotated[str, typer.Option(help="When it came to that stage.", metavar="DATE")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take back what the officer said last.")] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Decide on a call, mute it, or say how far we have got with it: decisions teach the ranking."""
    if undo and (verdict or reason or note or amount or day):
        raise typer.BadParameter("it takes back the last decision and takes no new one", param_hint="--undo")
    said = None if undo else _said(verdict, reason, note, amount, day)
    now = clock(today)
    with installation() as (_, database, organisation):
        _known_officer(organisation, officer)
        with database.writing() as session:
            call = find_call(session, name)
            kept = (
                perform(session, organisation.key, officer, call, said, now)
                if said
                else take_back(session, organisation.key, officer, call, now)
            )
            if kept is None:
                complain(f"{officer} has decided nothing on {call.source}:{call.source_key}")
                raise typer.Exit(FAILED)
            session.flush()
            whole = {"call": f"{call.source}:{call.source_key}", **kept.model_dump()}
            found = [_entry(one) for one in standing(session, organisation.key, call)]
            stage = _stage_of(session, organisation.key, call)
            title = call.title
    if as_json:
        print_json(whole | {"standing": found, "stands_at": stage})
    else:
        say(title)
        _print_standing(found, stage)


def _said(verdict: str, reason: str, note: str, amount: str, day: str) -> DecisionRecord | StageRecord:
    if verdict not in STAGES:
        if amount or day:
            raise typer.BadParameter("an amount and a day go with a stage", param_hint="VERDICT")
        return _record(verdict, reason, note)
    if reason or note:
        raise typer.BadParameter("a stage takes no reason and no note", param_hint="VERDICT")
    try:
        return StageRecord(stage=STAGES[verdict], day=_day(day), cents=_cents(amount))
    except ValidationError as error:
        raise typer.BadParameter(_message(error)) from None


def _cents(amount: str) -> int | None:
    if amount and not EUROS.fullmatch(amount):
        message = f"`{amount}` is no amount; write it as 120000 or 120000.50"
        raise typer.BadParameter(message, param_hint="--amount")
    return int(Decimal(amount) * 100) if amount else None


def _day(day: str) -> date | None:
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        raise typer.BadParameter(f"`{day}` is no day; write it as 2026-08-22", param_hint="--day") from None


def _stage_of(session: Session, organisation: str, call: Call) -> dict[str, Any] | None:
    found = stage_of(session, organisation, call)
    if found is None:
        return None
    return found.model_dump(
        include={"officer", "stage", "noted_at", "call_version", "day", "cents", "currency"}
    )


def _record(verdict: str, reason: str, note: str) -> DecisionRecord:
    if verdict not in VERDICTS:
        known = ", ".join((*VERDICTS, *STAGES))
        raise typer.BadParameter(f"`{verdict}` is none of {known}", param_hint="VERDICT")
    if reason and reason not in REASONS:
        raise typer.BadParameter(f"`{reason}` is none of {', '.join(REASONS)}", param_hint="--reason")
    try:
        return DecisionRecord(verdict=VERDICTS[verdict], reason=REASONS.get(reason, Reason.NONE), note=note)
    except ValidationError as error:
        raise typer.BadParameter(_message(error)) from None


def _message(error: ValidationError) -> str:
    return error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")


def _known_officer(organisation: Organisation, officer: str) -> None:
    known = [one.id for one in organisation.officers]
    if officer not in known:
        raise typer.BadParameter(f"`{officer}` is none of {', '.join(known)}", param_hint="--officer")


def _entry(one: Standing) -> dict[str, Any]:
    facts = one.decision.model_dump(
        include={"officer", "verdict", "reason", "note", "decided_at", "call_version"}
    )
    return facts | {"changed_since": one.changed_since}


def _print_standing(found: Sequence[dict[str, Any]], stage: dict[str, Any] | None) -> None:
    for one in found:
        said = one["verdict"].replace("_", " ")
        reason = f", {one['reason'].replace('_', ' ')}" if one["reason"] else ""
        note = f": {one['note']}" if one["note"] else ""
        changed = " (the call has changed since)" if one["changed_since"] else ""
        say(f"{one['officer']}: {said}{reason}{note}{changed}")
    if stage:
        say(f"{stage['officer']}: {stage['stage']}")
    if any(one["verdict"] != Verdict.MUTED for one in found):
        say("Counts from the next `funding match` on.")
    elif not found and not stage:
        say("Nobody has decided on it.")
