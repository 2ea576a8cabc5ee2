"""What officers say of calls: decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from sqlmodel import Session

from cli.call_sheet import find_call
from cli.output import FAILED, AsJson, Today, complain, installation, print_json, say
from config.clock import clock
from config.organisation import Organisation
from store.decisions import DecisionRecord, Reason, Standing, Verdict, last_decision, standing, withdraw
from store.decisions import decide as keep_decision
from store.models import Call, Decision, Stage
from store.same_calls import faces
from store.stages import CallStage, current_stages, last_stage, record_stage, withdraw_stage

VERDICTS = {
    "relevant": Verdict.RELEVANT,
    "not-relevant": Verdict.NOT_RELEVANT,
    "open": Verdict.OPEN,
    "mute": Verdict.MUTED,
}
STAGES = {stage.value: stage for stage in CallStage}
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
    undo: Annotated[bool, typer.Option("--undo", help="Take back what the officer said last.")] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Decide on a call, mute it, or say how far we have got with it: decisions teach the ranking."""
    if undo and (verdict or reason or note):
        raise typer.BadParameter("it takes back the last decision and takes no new one", param_hint="--undo")
    said = None if undo else _said(verdict, reason, note)
    now = clock(today)
    with installation() as (_, database, organisation):
        _known_officer(organisation, officer)
        with database.writing() as session:
            call = find_call(session, name)
            kept: Decision | Stage | None
            match said:
                case None:
                    kept = _take_back(session, organisation.key, officer, call, now)
                case CallStage():
                    kept = record_stage(session, organisation.key, officer, call, said, now)
                case _:
                    kept = keep_decision(session, organisation.key, officer, call, said, now)
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


def _said(verdict: str, reason: str, note: str) -> DecisionRecord | CallStage:
    if verdict not in STAGES:
        return _record(verdict, reason, note)
    if reason or note:
        raise typer.BadParameter("a stage takes no reason and no note", param_hint="VERDICT")
    return STAGES[verdict]


def _take_back(
    session: Session, organisation: str, officer: str, call: Call, now: datetime
) -> Decision | Stage | None:
    """Take back a decision or a stage, whichever the officer said last; of two at the same moment, the stage."""
    decision = last_decision(session, organisation, officer, call)
    stage = last_stage(session, organisation, officer, call)
    if stage is not None and (decision is None or stage.noted_at >= decision.decided_at):
        return withdraw_stage(session, organisation, officer, call, now)
    return withdraw(session, organisation, officer, call, now)


def _stage_of(session: Session, organisation: str, call: Call) -> dict[str, Any] | None:
    found = current_stages(session, organisation).get(faces(session).get(call.id or 0, call.id or 0))
    return found.model_dump(include={"officer", "stage", "noted_at", "call_version"}) if found else None


def _record(verdict: str, reason: str, note: str) -> DecisionRecord:
    if verdict not in VERDICTS:
        known = ", ".join((*VERDICTS, *STAGES))
        raise typer.BadParameter(f"`{verdict}` is none of {known}", param_hint="VERDICT")
    if reason and reason not in REASONS:
        raise typer.BadParameter(f"`{reason}` is none of {', '.join(REASONS)}", param_hint="--reason")
    try:
        return DecisionRecord(verdict=VERDICTS[verdict], reason=REASONS.get(reason, Reason.NONE), note=note)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise typer.BadParameter(message) from None


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
