"""Decisions on calls: decide."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cli.call_sheet import find_call
from cli.output import FAILED, AsJson, Today, complain, installation, print_json, say
from config.clock import clock
from config.organisation import Organisation
from store.decisions import DecisionRecord, Reason, Standing, Verdict, standing, withdraw
from store.decisions import decide as keep_decision

VERDICTS = {"relevant": Verdict.RELEVANT, "not-relevant": Verdict.NOT_RELEVANT, "open": Verdict.OPEN}
REASONS = {reason.replace("_", "-"): reason for reason in Reason if reason}


def decide(
    name: Annotated[str, typer.Argument(metavar="CALL", help="Its key, an identifier, or source:key.")],
    verdict: Annotated[
        str, typer.Argument(metavar="VERDICT", help="relevant, not-relevant, or open: a rule is wrong.")
    ] = "",
    officer: Annotated[str, typer.Option(help="Who decides: an id of officers.toml.")] = "",
    reason: Annotated[str, typer.Option(help=f"Why not relevant: {', '.join(REASONS)}.")] = "",
    note: Annotated[str, typer.Option(help="Anything to remember.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take back what the officer decided last.")] = False,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Decide on a call: such decisions teach the ranking."""
    said = None if undo else _record(verdict, reason, note)
    if undo and (verdict or reason or note):
        raise typer.BadParameter("it takes back the last decision and takes no new one", param_hint="--undo")
    now = clock(today)
    with installation() as (_, database, organisation):
        _known_officer(organisation, officer)
        with database.writing() as session:
            call = find_call(session, name)
            if said:
                decision = keep_decision(session, organisation.key, officer, call, said, now)
            else:
                taken_back = withdraw(session, organisation.key, officer, call, now)
                if taken_back is None:
                    complain(f"{officer} has decided nothing on {call.source}:{call.source_key}")
                    raise typer.Exit(FAILED)
                decision = taken_back
            session.flush()
            whole = {"call": f"{call.source}:{call.source_key}", **decision.model_dump()}
            found = [_entry(one) for one in standing(session, organisation.key, call)]
            title = call.title
    if as_json:
        print_json(whole | {"standing": found})
    else:
        say(title)
        _print_standing(found)


def _record(verdict: str, reason: str, note: str) -> DecisionRecord:
    if verdict not in VERDICTS:
        raise typer.BadParameter(f"`{verdict}` is none of {', '.join(VERDICTS)}", param_hint="VERDICT")
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


def _print_standing(found: Sequence[dict[str, Any]]) -> None:
    for one in found:
        said = one["verdict"].replace("_", " ")
        reason = f", {one['reason'].replace('_', ' ')}" if one["reason"] else ""
        note = f": {one['note']}" if one["note"] else ""
        changed = " (the call has changed since)" if one["changed_since"] else ""
        say(f"{one['officer']}: {said}{reason}{note}{changed}")
    say("Counts from the next `funding match` on." if found else "Nobody has decided on it.")
