"""What was done to a call, in words: by whom, and what stands now."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from config.organisation import Organisation
from notifier.headings import reason_name
from notifier.words import Words
from review.activity import Entry, activity, officer_name, stage_name, verdict_name
from review.loading import read_item
from review.site import Visitor
from store.acts import Action, last_act
from store.audit import revision_of
from store.decisions import Verdict, standing
from store.models import AuditEvent, Call
from store.stages import CallStage


@dataclass(frozen=True)
class Standing:
    """What stands of a call for whoever looks at it. `entries` are the words that count, newest first.

    `undo` names the visitor's last act there, empty where there is none to take back; `seen` is the call's revision.
    `overrules`: an officer says that it is open and the ranking does not yet; `pending`: it will know of some decision
    with the next match.
    """

    call: Call
    entries: tuple[Entry, ...]
    stage: str
    officer: str
    seen: int
    undo: str
    pending: bool
    overrules: bool


def standing_of(
    session: Session, organisation: Organisation, visitor: Visitor, call: Call, now: datetime
) -> Standing:
    words, key = visitor.words, organisation.key
    item = read_item(session, organisation, call, now)
    found = activity(session, organisation, item, words, now)
    last = last_act(session, key, visitor.officer.id, call) if visitor.officer else None
    since = [
        one.decision.verdict
        for one in standing(session, key, call)
        if one.decision.verdict != Verdict.MUTED
        and (not item.match.model or one.decision.decided_at >= item.match.matched_at)
    ]
    return Standing(
        call=call,
        entries=tuple(entry for entry in found.entries if entry.counts and not entry.withdrawn),
        stage=found.stage,
        officer=found.officer,
        seen=revision_of(session, key, call),
        undo=act_name(words, organisation, last) if last else "",
        pending=bool(since),
        overrules=Verdict.OPEN in since and item.match.verdict != "open",
    )


def title_of(words: Words, call: Call) -> tuple[str, str]:
    """The title in the reader's language, in English or as the source gives it, and its language (ISO 639-1)."""
    language = next(one for one in (words.language, "en", *call.titles) if one in call.titles)
    return call.titles[language], language


def event_sentence(words: Words, organisation: Organisation, event: AuditEvent, now: datetime) -> str:
    """`Ecologia, avui: Interessant`."""
    return words.gettext(
        "%(who)s, %(when)s: %(what)s",
        who=officer_name(words, organisation, event.officer),
        when=words.on(event.happened_at, now),
        what=act_name(words, organisation, event),
    )


def act_name(words: Words, organisation: Organisation, event: AuditEvent) -> str:
    """What was done: `Presentada (600.000 €, 2 de març del 2026)`. Events of other kinds are named as they are."""
    action, facts = event.action, event.facts
    if action in set(Verdict):
        return _with(verdict_name(words, action), reason_name(words, facts.get("reason", "")))
    if action in set(CallStage):
        return _with(
            stage_name(words, action),
            words.money(facts["cents"], facts["currency"]) if "cents" in facts else "",
            words.full_date(date.fromisoformat(facts["day"])) if "day" in facts else "",
        )
    if action == Action.ASSIGN and facts["to"]:
        return words.gettext("Assigned to %(name)s", name=officer_name(words, organisation, facts["to"]))
    if action == Action.UNDO:
        return words.gettext("Taken back: %(what)s", what=action_name(words, facts["action"]))
    return words.gettext("Assigned to nobody") if action == Action.ASSIGN else action_name(words, action)


def action_name(words: Words, action: str) -> str:
    """What can be done to a call, without what was stated with it."""
    if action in set(Verdict):
        return verdict_name(words, action)
    if action in set(CallStage):
        return stage_name(words, action)
    match action:
        case Action.NOTE:
            return words.gettext("Note")
        case Action.ASSIGN:
            return words.gettext("Assignment")
        case Action.UNDO:
            return words.gettext("Undo")
        case _:
            return action


def _with(name: str, *facts: str) -> str:
    stated = ", ".join(filter(None, facts))
    return f"{name} ({stated})" if stated else name
