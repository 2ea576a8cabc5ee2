"""`funding sources check`: does a portal still answer as it did when its parser was written."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.output import EXIT_CODES, AsJson, Today, installation, print_json, print_table, progress_bar, say
from config.errors import ConfigurationError
from config.organisation import Organisation
from config.schema import Source
from crawler.checking import DRIFT, FAILED, OK, Check, Finding, Kind, check_source, is_live
from crawler.contract import path_of
from notifier.health_words import cause
from notifier.words import words_in
from store.checks import last_checks, save_check

CODES = {OK: EXIT_CODES["ok"], DRIFT: EXIT_CODES["partial"], FAILED: EXIT_CODES["failed"]}
SENTENCES = {
    Kind.FEWER: "{after} met, at least {before} expected",
    Kind.UNDECLARED: "the portal no longer says how many rows there are",
    Kind.GONE: "{field} is gone: {before} stated it, and now {after} do",
    Kind.RARER: "{field} is missing from most: {before} stated it, and now {after} do",
    Kind.TYPE: "{field} was {before} and is {after} now",
    Kind.NEW: "{field} is new ({after})",
    Kind.REJECTED: "{after}",
    Kind.CHANGED: "the text has changed since the last check: read it, then check again",
    Kind.DELAY: "it asks for {after} seconds between requests, which are kept; sources.toml has {before}",
    Kind.UNREACHABLE: "they cannot be read: {after}",
    Kind.NO_ADDRESS: "no address of the terms is known",
    Kind.NOT_MET: "{after} is not asked for while the portal is met elsewhere",
    Kind.NO_CALL: "none of the {after} rows is a call, so no call could be compared",
}
MOST_NEW = 5
"""New fields that are named; the others are counted."""


def check(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]…", help="Which; none: all that are on.")
    ] = None,
    today: Today = None,
    as_json: AsJson = False,
) -> None:
    """Look at portals with a few polite requests, and say what is not as expected; nothing is stored of the calls."""
    with installation() as (settings, database, organisation):
        checks = []
        for source in _chosen(organisation, keys or []):
            with database.reading() as session:
                before = last_checks(session, live=is_live(source, settings)).get(source.key)
            with progress_bar(source.name, shown=not as_json):
                done = check_source(source, settings, before, today)
            with database.writing() as session:
                save_check(session, done.row())
            checks.append(done)
    if as_json:
        print_json([_as_json(done) for done in checks])
    else:
        _print(checks)
    codes = {CODES[done.outcome] for done in checks}
    raise typer.Exit(codes.pop() if len(codes) == 1 else EXIT_CODES["partial"] if codes else 0)


def _chosen(organisation: Organisation, keys: list[str]) -> list[Source]:
    """Those that are on, or those named: a source that is off may be looked at, one that is forbidden never."""
    chosen = [_named(organisation, key) for key in keys] or [s for s in organisation.sources if s.enabled]
    for source in chosen:
        if not path_of(source.key).exists():
            raise ConfigurationError(f"{source.key} cannot be checked: {path_of(source.key)} is missing")
    return chosen


def _named(organisation: Organisation, key: str) -> Source:
    source = organisation.source(key)
    if source is None:
        known = ", ".join(source.key for source in organisation.sources)
        raise ConfigurationError(f"`{key}` is no source; there are: {known}")
    if source.forbidden:
        raise ConfigurationError(f"{key} is never read: {source.reason}")
    return source


def _as_json(done: Check) -> dict[str, Any]:
    findings = [
        asdict(finding) | {"drift": finding.is_drift, "sentence": _sentence(finding)}
        for finding in done.findings
    ]
    return asdict(done) | {"findings": findings}


def _print(checks: list[Check]) -> None:
    print_table(
        "Checks",
        ("source", "outcome", "met", "drift#", "remarks#"),
        [
            (
                done.source,
                done.outcome,
                "portal" if done.live else "elsewhere",
                sum(finding.is_drift for finding in done.findings),
                sum(not finding.is_drift for finding in done.findings),
            )
            for done in checks
        ],
    )
    for done in checks:
        for line in _lines(done):
            say(f"{done.source}: {line}")
    if not all(done.live for done in checks):
        say("What is met elsewhere than at the portal itself verifies nothing.")


def _lines(done: Check) -> list[str]:
    """Drift first; of new fields, which every portal has now and then, a few."""
    ordered = sorted(done.findings, key=lambda finding: not finding.is_drift)
    new = [finding for finding in ordered if finding.kind is Kind.NEW]
    lines = [_sentence(finding) for finding in ordered if finding not in new[MOST_NEW:]]
    return [*lines, f"{len(new) - MOST_NEW} more new fields: --json"] if len(new) > MOST_NEW else lines


def _sentence(finding: Finding) -> str:
    """`fields: title is gone: 100% stated it, and now 0 of 7 do`"""
    if finding.kind is Kind.FAULT:
        return f"{cause(words_in('en'), finding.field)} ({finding.after})"
    return f"{finding.part}: " + SENTENCES[finding.kind].format_map(asdict(finding))
