"""A digest that is looked at and not sent, and why a call is or is not in it: `funding digest`."""

import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from cli.call_sheet import find_call
from cli.output import installation, print_json, say
from config.clock import clock
from config.officers import find_officer
from config.organisation import Organisation
from config.schema import Officer
from config.settings import Settings
from notifier.files import write_whole
from notifier.letter import write_letter
from notifier.periods import at_once
from notifier.preparing import current_period
from notifier.selection import select_digest, select_instant
from notifier.why import explain


@dataclass(frozen=True)
class Preview:
    """A digest as files that a person opens. `calls`: how many it tells."""

    officer: str
    subject: str
    calls: int
    html: Path
    text: Path


def preview_folder(settings: Settings) -> Path:
    return settings.folder / "preview"


def preview_digests(
    keys: Sequence[str] | None, today: date | None, *, as_json: bool = False, browser: bool = True
) -> None:
    """Write the digests that these officers (none: all) would be sent now, and open the one if it is but one.

    Nothing is sent, and nothing noted: what stands in them counts as untold.
    """
    with installation() as (settings, database, organisation):
        officers = [find_officer(organisation, key) for key in keys or []] or organisation.officers
        folder, now = preview_folder(settings), clock(today)
        with database.reading() as session:
            written = [
                _write(session, organisation, officer, now, folder, settings.review_url)
                for officer in officers
            ]
    if as_json:
        print_json(
            {
                "previews": [
                    {
                        "officer": one.officer,
                        "subject": one.subject,
                        "calls": one.calls,
                        "html": str(one.html),
                        "text": str(one.text),
                    }
                    for one in written
                ]
            }
        )
    else:
        for one in written:
            say(f"{one.officer}: {one.subject}\n{one.html}\n{one.text}")
    if browser and len(written) == 1:
        webbrowser.open(written[0].html.absolute().as_uri())


def _write(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    now: datetime,
    folder: Path,
    review_url: str,
) -> Preview:
    period = current_period(session, organisation, officer, now)
    choose = select_instant if at_once(period) else select_digest
    selection = choose(session, organisation, officer, now)
    letter = write_letter(selection, organisation, officer, now, review_url=review_url)
    html, text = folder / f"{officer.id}.html", folder / f"{officer.id}.txt"
    write_whole(html, letter.html.encode("utf-8"))
    write_whole(text, letter.text.encode("utf-8"))
    return Preview(officer.id, letter.subject, len(selection.items), html, text)


def explain_call(key: str, name: str, today: date | None, *, as_json: bool = False) -> None:
    """Say why the call that is called `name` is or is not in the digest of the officer `key`: in the officer's language."""
    with installation() as (_, database, organisation), database.reading() as session:
        officer = find_officer(organisation, key)
        call = find_call(session, name)
        sentences = explain(session, organisation, officer, call, clock(today))
        which, title = f"{call.source}:{call.source_key}", call.title
    if as_json:
        print_json({"officer": officer.id, "call": which, "title": title, "why": sentences})
        return
    say(title)
    for sentence in sentences:
        say(sentence)
