"""The health of a source as a sentence that an officer understands."""

from datetime import datetime

from notifier.health import SourceHealth
from notifier.words import Words
from store.models import CrawlRun


def health_sentence(words: Words, health: SourceHealth, now: datetime) -> str:
    """`Portal de finançament: llegit avui, 1.091 convocatòries.`"""
    said = _said(words, health, now)
    return words.gettext("%(source)s: %(state)s.", source=health.source.name, state=said)


def _said(words: Words, health: SourceHealth, now: datetime) -> str:
    run = health.run
    if run is None:
        return words.gettext("not read yet")
    when = words.on(run.ended_at or run.started_at, now)
    match run.outcome:
        case "ok":
            calls = words.ngettext("%(n)s call", "%(n)s calls", run.seen)
            return words.gettext("read %(when)s, %(calls)s", when=when, calls=calls)
        case "partial":
            return _partial(words, run, when)
        case "empty":
            said = words.gettext("answered without any call %(when)s", when=when)
        case _:
            said = words.gettext(
                "could not be read %(when)s (%(cause)s)", when=when, cause=_cause(words, run)
            )
    return f"{said}; {_age(words, health, now)}"


def _partial(words: Words, run: CrawlRun, when: str) -> str:
    if run.declared and run.declared > run.seen:
        text = words.gettext(
            "read in part %(when)s, %(seen)s of %(declared)s calls",
            when=when,
            seen=words.number(run.seen),
            declared=words.number(run.declared),
        )
    else:
        calls = words.ngettext("%(n)s call", "%(n)s calls", run.seen)
        text = words.gettext("read in part %(when)s, %(calls)s", when=when, calls=calls)
    if run.error:
        text += f" ({_cause(words, run)})"
    if run.quarantined:
        text += ", " + words.ngettext(
            "%(n)s set aside because its data do not add up",
            "%(n)s set aside because their data do not add up",
            run.quarantined,
        )
    return text


def _cause(words: Words, run: CrawlRun) -> str:
    said = {
        "rate_limited": words.gettext("the portal limits how much can be read"),
        "blocked": words.gettext("the portal refuses us access"),
        "unavailable": words.gettext("the portal does not answer"),
        "unreadable": words.gettext("the portal’s answer cannot be understood"),
        "incomplete": words.gettext("the portal sent less than it announced"),
        "invalid": words.gettext("the portal’s data do not add up"),
    }
    return said.get(run.error, words.gettext("cause unknown"))


def _age(words: Words, health: SourceHealth, now: datetime) -> str:
    if health.read_at is None:
        return words.gettext("nothing of it is known yet")
    return words.gettext("what is shown was read %(when)s", when=words.on(health.read_at, now))
