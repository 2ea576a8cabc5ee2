"""The health of a source as a sentence that an officer understands."""

from datetime import datetime

from notifier.health import SourceHealth
from notifier.words import Words
from store.models import CrawlRun


def health_sentence(words: Words, health: SourceHealth, now: datetime) -> str:
    """`Portal de finançament: llegit avui, 1.091 convocatòries.`"""
    said = health_state(words, health, now)
    return words.gettext("%(source)s: %(state)s.", source=health.source.name, state=said)


def health_state(words: Words, health: SourceHealth, now: datetime) -> str:
    """The same without the source's name: what happened, when, and how old what is shown is."""
    run = health.run
    if run is None:
        return words.gettext("not read yet")
    when = words.on(run.ended_at or run.started_at, now)
    match run.outcome:
        case "ok":
            calls = words.ngettext("%(n)s call", "%(n)s calls", run.seen)
            read = words.gettext("read %(when)s, %(calls)s", when=when, calls=calls)
            return words.chained((read, *_doubts(words, health)))
        case "partial":
            return words.chained((_partial(words, run, when), *_doubts(words, health)))
        case "empty":
            said = words.gettext("answered without any call %(when)s", when=when)
        case _:
            said = words.gettext(
                "could not be read %(when)s (%(cause)s)", when=when, cause=cause(words, run.error)
            )
    return words.chained((said, _age(words, health, now)))


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
        text += f" ({cause(words, run.error)})"
    if run.quarantined:
        text += ", " + words.ngettext(
            "%(n)s set aside because its data do not add up",
            "%(n)s set aside because their data do not add up",
            run.quarantined,
        )
    return text


def _doubts(words: Words, health: SourceHealth) -> list[str]:
    """What differs from earlier readings and is to be looked at."""
    said = []
    if health.thin and health.usual:
        said.append(words.gettext("usually there are about %(usual)s", usual=words.number(health.usual)))
    if health.lost:
        names = words.chained(tuple(_field(words, field) for field in health.lost))
        said.append(words.gettext("the portal no longer states: %(fields)s", fields=names))
    return said


def _field(words: Words, field: str) -> str:
    return {
        "deadlines": words.gettext("deadlines"),
        "texts": words.gettext("descriptions"),
        "budget_cents": words.gettext("budgets"),
        "opening": words.gettext("opening dates"),
        "applicants": words.gettext("who can apply"),
        "conditions": words.gettext("conditions"),
        "programme": words.gettext("programmes"),
    }[field]


def cause(words: Words, error: str) -> str:
    """What a kind of error (`store.models.CrawlRun`) means, as an officer says it."""
    said = {
        "rate_limited": words.gettext("the portal limits how much can be read"),
        "blocked": words.gettext("the portal refuses us access"),
        "unavailable": words.gettext("the portal does not answer"),
        "unreadable": words.gettext("the portal’s answer cannot be understood"),
        "incomplete": words.gettext("the portal sent less than it announced"),
        "invalid": words.gettext("the portal’s data do not add up"),
    }
    return said.get(error, words.gettext("cause unknown"))


def _age(words: Words, health: SourceHealth, now: datetime) -> str:
    if health.read_at is None:
        return words.gettext("nothing of it is known yet")
    return words.gettext("what is shown was read %(when)s", when=words.on(health.read_at, now))
