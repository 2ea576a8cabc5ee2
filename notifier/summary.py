"""The HTML summary: every live call in one file that opens, filters and prints without a server."""

from base64 import b64encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlmodel import Session

from config.organisation import Language, Organisation
from notifier.files import write_whole
from notifier.health_words import health_sentence
from notifier.selection import Overview, select_all, unfolded
from notifier.sheet import Sheet, state_label, write_sheet
from notifier.templating import TEMPLATES, templates
from notifier.tiers import ranking_sentence
from notifier.words import MADRID, Words, words_in
from store.states import State

DEADLINES = (30, 90)
"""Days within which the summary can be asked for deadlines."""


def write_summary(
    session: Session,
    organisation: Organisation,
    now: datetime,
    path: Path,
    language: Language,
    moved_days: int = 0,
) -> int:
    """Write the summary of all matches to `path` and return how many calls stand in it, hidden ones included.

    Readers of `path` meet the old file or the whole new one. Raises OSError when it cannot be written.
    """
    overview = select_all(session, organisation, now)
    html = render_summary(overview, organisation, now, language, moved_days)
    write_whole(path, html.encode("utf-8", "replace"))
    return len(unfolded(overview.items)) + len(overview.hidden)


def render_summary(
    overview: Overview, organisation: Organisation, now: datetime, language: Language, moved_days: int = 0
) -> str:
    """The page; its script is allowed by its hash, and nothing is loaded from anywhere."""
    words = words_in(language)
    sheets = [write_sheet(item, words, organisation, now) for item in overview.items]
    excluded = [write_sheet(item, words, organisation, now) for item in overview.hidden]
    calls = [one for sheet in sheets for one in (sheet, *sheet.alike)] + excluded
    tagged = {line.key for sheet in calls for line in sheet.tags.lines}
    script = (TEMPLATES / "summary.js").read_text(encoding="utf-8")
    return (
        templates(language)
        .get_template("summary.html.j2")
        .render(
            words=words,
            organisation=organisation,
            notice=words.moved(moved_days),
            date=_moment(words, now),
            count=words.ngettext("%(n)s call", "%(n)s calls", len(calls) - len(excluded)),
            sheets=sheets,
            excluded=excluded,
            closed=words.ngettext(
                "%(n)s closed call is left out.", "%(n)s closed calls are left out.", overview.closed
            )
            if overview.closed
            else "",
            ranking=ranking_sentence(words, overview.model) if overview.model else "",
            health=[(one.sound, health_sentence(words, one, now)) for one in overview.health],
            programmes=sorted({sheet.programme for sheet in calls if sheet.programme}),
            areas=[area for area in organisation.areas if _touched(area.id, calls)],
            lines=[line for line in organisation.profile.lines if line.id in tagged],
            states=[(state.value, state_label(words, state)) for state in _states(overview)],
            deadlines=DEADLINES,
            script=script,
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        )
    )


def _moment(words: Words, now: datetime) -> str:
    local = now.astimezone(MADRID)
    return f"{words.weekday(local.date())}, {local:%H:%M}"


def _touched(area: str, sheets: list[Sheet]) -> bool:
    return any(area == one.key for sheet in sheets for one in sheet.areas)


def _states(overview: Overview) -> list[State]:
    found = {item.state for item in unfolded(overview.items) + overview.hidden}
    return [state for state in State if state in found]
