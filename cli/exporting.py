"""`funding export`: calls for other programs, as spreadsheets, feeds and calendars."""

import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from cli.output import Today, installation, say
from config.clock import clock
from config.errors import ConfigurationError
from config.organisation import LANGUAGES, Language, Organisation
from config.tables import refuse_open_elsewhere
from notifier.calendar import subscribed_calendar
from notifier.common_grants import write_json
from notifier.exports import write_csv, write_workbook
from notifier.feeds import write_feed
from notifier.files import write_whole
from notifier.scope import Scope, all_calls, calls_of_area, calls_of_officer
from notifier.words import Words, words_in


class Format(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    ATOM = "atom"
    ICS = "ics"


def export(
    form: Annotated[Format, typer.Argument(metavar="FORMAT", help="json, csv, xlsx, atom or ics.")],
    area: Annotated[str, typer.Option(metavar="AREA", help="Only what touches this policy area.")] = "",
    officer: Annotated[
        str, typer.Option(metavar="OFFICER", help="Only what this officer's digest may tell of.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where; else to standard output.")
    ] = None,
    language: Annotated[
        str, typer.Option(help="ca, es, en or fr; else the officer's or the organisation's.")
    ] = "",
    address: Annotated[
        str, typer.Option(metavar="URL", help="Where a feed will be published: it names it.")
    ] = "",
    today: Today = None,
) -> None:
    """Write the live calls as JSON, CSV, XLSX, Atom feed or calendar of deadlines."""
    if area and officer:
        raise typer.BadParameter("an area or an officer, not both", param_hint="--area, --officer")
    if output is None and form is Format.XLSX and sys.stdout.isatty():
        raise typer.BadParameter(
            "a workbook is nothing to read on a terminal; name a file with -o", param_hint="FORMAT"
        )
    now = clock(today)
    with installation() as (_, database, organisation), database.reading() as session:
        scope = _scope(session, organisation, area, officer, now)
        words = words_in(_language(organisation, officer, language))
        content = _writer(form, address)(scope, words, organisation, now)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    refuse_open_elsewhere(output)
    write_whole(output, content)
    say(f"written: {output}")


def _scope(session: Session, organisation: Organisation, area: str, officer: str, now: datetime) -> Scope:
    if area:
        wanted = next((one for one in organisation.areas if one.id == area), None)
        if wanted is None:
            known = ", ".join(one.id for one in organisation.areas)
            raise ConfigurationError(f"`{area}` is no area; there are: {known}")
        return calls_of_area(session, organisation, wanted, now)
    if officer:
        reader = organisation.officer(officer)
        if reader is None:
            known = ", ".join(one.id for one in organisation.officers)
            raise ConfigurationError(f"`{officer}` is no officer; there are: {known}")
        return calls_of_officer(session, organisation, reader, now)
    return all_calls(session, organisation, now)


def _language(organisation: Organisation, officer: str, wanted: str) -> Language:
    known = next((one for one in LANGUAGES if one == wanted), None)
    if wanted and known is None:
        raise typer.BadParameter(f"`{wanted}` is none of ca, es, en, fr", param_hint="--language")
    reader = organisation.officer(officer)
    return known or (reader.language if reader else organisation.profile.language)


def _writer(form: Format, address: str) -> Callable[[Scope, Words, Organisation, datetime], bytes]:
    match form:
        case Format.JSON:
            return write_json
        case Format.CSV:
            return write_csv
        case Format.XLSX:
            return write_workbook
        case Format.ATOM:
            return partial(write_feed, address=address)
        case Format.ICS:
            return _calendar


def _calendar(scope: Scope, words: Words, organisation: Organisation, now: datetime) -> bytes:
    return subscribed_calendar(scope.items, words, organisation, now, scope.deadlines_title(words))
