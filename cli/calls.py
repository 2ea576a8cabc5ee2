"""`funding calls`: what is stored of the calls."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from sqlmodel import Session, select

from cli.call_sheet import exit_code, find_call, print_call, versions_of
from cli.output import AsJson, Today, errors, installation, print_json, print_table
from config.clock import clock
from crawler.documents import MEGABYTE, Limits, read_documents
from store.calls import find_calls
from store.models import Call
from store.records import CallRecord, Document
from store.same_calls import faces
from store.states import State, state

calls = typer.Typer(help="The calls in the store.")


@calls.callback(invoke_without_command=True)
def show_all(
    context: typer.Context,
    status: Annotated[str, typer.Option(help="all, open, forthcoming or closed.")] = "open",
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """The calls in the store, with the state that their deadlines give them."""
    if context.invoked_subcommand is not None:
        return
    if status not in ("all", "open", "forthcoming", "closed"):
        raise typer.BadParameter(
            f"`{status}` is none of all, open, forthcoming, closed", param_hint="--status"
        )
    wanted = None if status == "all" else State(status)
    now = clock(today)
    with installation() as (_, database, _), database.reading() as session:
        found = find_calls(session, wanted, now)
        if as_json:
            same = _same(session)
            print_json([_whole(call, state(call, now), same) for call in found])
            return
        print_table(
            f"{len(found)} calls",
            ("key", "identifier", "state", "deadline", "title"),
            [
                (
                    call.source_key,
                    ", ".join(call.identifiers),
                    state(call, now),
                    ", ".join(str(deadline.day or deadline.prose) for deadline in call.deadlines),
                    call.title,
                )
                for call in found
            ],
        )


@calls.command("show")
def show_one(
    name: Annotated[str, typer.Argument(metavar="ID", help="Its key, an identifier, or source:key.")],
    documents: Annotated[
        bool, typer.Option("--documents", help="Fetch its PDFs now, and show their text.")
    ] = False,
    largest: Annotated[
        int, typer.Option("--largest", metavar="MB", min=1, max=200, help="Larger PDFs are not fetched.")
    ] = Limits.largest // MEGABYTE,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """One call whole: facts, deadlines, documents, history and text."""
    now = clock(today)
    with installation() as (settings, database, organisation):
        with database.reading() as session:
            call = find_call(session, name)
            versions = versions_of(session, call)
            whole = _whole(call, state(call, now), _same(session))
            session.expunge_all()
        source = organisation.source(call.source)
        texts = []
        if documents:
            linked = [Document.model_validate(document) for document in call.documents]
            with errors.status(f"{len(linked)} documents"):
                texts = read_documents(linked, source, settings, Limits(largest=largest * MEGABYTE))
    if as_json:
        history = [version.model_dump(exclude={"id", "call_id", "snapshot"}) for version in versions]
        read = [document | asdict(text) for document, text in zip(call.documents, texts, strict=False)]
        print_json(whole | {"documents": read or call.documents, "versions": history})
    else:
        print_call(call, versions, source, now, texts)
    raise typer.Exit(exit_code(texts))


def _same(session: Session) -> dict[int | None, dict[str, Any]]:
    """By call: the one of another source that is shown in its place, and those in whose place it is shown."""
    names = {
        call_id: {"source": source, "source_key": key}
        for call_id, source, key in session.exec(select(Call.id, Call.source, Call.source_key))
    }
    same: dict[int | None, dict[str, Any]] = {call_id: {"same_as": None, "also": []} for call_id in names}
    for copy_id, face_id in sorted(faces(session).items()):
        same[copy_id]["same_as"] = names[face_id]
        same[face_id]["also"].append(names[copy_id])
    return same


def _whole(call: Call, now_is: State, same: dict[int | None, dict[str, Any]]) -> dict[str, Any]:
    """A call with all that is stored of it; `state` is by the clock, `status` the source's word."""
    deadlines = [deadline.model_dump(mode="json", exclude={"id", "call_id"}) for deadline in call.deadlines]
    facts = call.model_dump(mode="json", exclude={"id"}) | {"state": now_is, "deadlines": deadlines}
    return {name: facts[name] for name in ("state", *CallRecord.model_fields)} | facts | same[call.id]
