"""Why a call is or is not in an officer's digest, in sentences: asked of the selection itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from babel import Locale
from sqlmodel import Session

from config.organisation import Language, Organisation
from config.schema import Officer
from notifier.gates import Gate, Place, Reader, languages_of
from notifier.headings import geography_name, kind_name, section_title
from notifier.items import Item, unfolded
from notifier.periods import at_once
from notifier.preparing import current_period
from notifier.reasons import area_name, eligibility, evidence
from notifier.sections import REMINDERS
from notifier.selection import Survey, survey
from notifier.words import BABEL_LOCALES, Words, words_in
from store.decisions import Verdict
from store.models import Call
from store.same_calls import faces


def explain(
    session: Session,
    organisation: Organisation,
    officer: Officer,
    call: Call,
    now: datetime,
    language: Language | None = None,
) -> list[str]:
    """Whether `call` is in what `officer` is sent at `now`, and why: sentences, the answer first.

    In `language`, else in the officer's. A call that is another one's copy is answered as that one is.
    """
    words = words_in(language or officer.language)
    period = current_period(session, organisation, officer, now)
    found = survey(session, organisation, officer, now, at_once=at_once(period))
    call_id = call.id or 0
    place = found.places.get(faces(session).get(call_id, call_id))
    if place is None:
        return [
            words.gettext("It is not in the digest."),
            words.gettext("It has not been matched yet: that happens with the next ranking."),
        ]
    said = []
    if place.item.call_id != call.id:
        said.append(
            words.gettext("It is told as “%(title)s” of another source.", title=place.item.call.title)
        )
    if place.gate is None:
        return [*_in(words, found, place), *said]
    reason = REASONS[place.gate](words, found.reader, place)
    return [words.gettext("It is not in the digest."), *said, reason]


def _in(words: Words, found: Survey, place: Place) -> Iterable[str]:
    assert place.section is not None
    yield words.gettext(
        "It is in the digest, under “%(section)s”, at place %(place)s.",
        section=section_title(words, place.section),
        place=words.number(place.number),
    )
    first = next(item for item in found.selection.sections[place.section] if place.item.call_id in _ids(item))
    if first.call_id != place.item.call_id:
        yield words.gettext(
            "It stands there with “%(title)s”, which has nearly the same text.", title=first.call.title
        )


def _ids(item: Item) -> set[int]:
    return {one.call_id for one in unfolded([item])}


def _rule(words: Words, reader: Reader, place: Place) -> str:
    match = place.item.match
    reason = eligibility(words, reader.organisation, match)
    said = words.gettext("An eligibility rule hides it: %(reason)s", reason=reason)
    return " ".join((said, *evidence(words, match)))


def _closed(words: Words, _: Reader, place: Place) -> str:
    if place.item.live:
        return words.gettext("Nobody new can enter any more: the deadline of the first stage has passed.")
    return words.gettext("It is closed.")


def _areas(words: Words, reader: Reader, place: Place) -> str:
    organisation = reader.organisation
    asked = [area.name[words.language] for area in organisation.areas if area.id in reader.areas]
    fits = [area_name(words, organisation, area["id"]) for area in place.item.match.areas]
    return _asked(words, words.gettext("Areas"), asked, fits)


def _geography(words: Words, reader: Reader, place: Place) -> str:
    asked = [geography_name(words, one) for one in reader.officer.geography]
    stated = [geography_name(words, one) for one in sorted(reader.geographies_of(place.item) or ())]
    return _asked(words, words.gettext("Geography"), asked, stated)


def _language(words: Words, reader: Reader, place: Place) -> str:
    names = Locale.parse(BABEL_LOCALES[words.language]).languages
    asked = [names[one] for one in reader.officer.languages]
    written = [names.get(one, one) for one in sorted(languages_of(place.item))]
    return _asked(words, words.gettext("Languages"), asked, written)


def _kind(words: Words, reader: Reader, place: Place) -> str:
    asked = [kind_name(words, one) for one in reader.officer.kinds]
    return _asked(words, words.gettext("Kinds of call"), asked, [kind_name(words, place.item.call.kind)])


def _minimum(words: Words, reader: Reader, place: Place) -> str:
    return words.gettext(
        "It ranks above %(share)s of all calls; %(minimum)s is the least that is asked for.",
        share=_percent(words, place.item.match.percentile),
        minimum=_percent(words, reader.minimum),
    )


def _set_aside(words: Words, reader: Reader, place: Place) -> str:
    decision = reader.aside[place.item.call_id]
    day = words.on(decision.decided_at, reader.now)
    if decision.verdict == Verdict.MUTED:
        return words.gettext("The officer muted it %(day)s.", day=day)
    return words.gettext("The officer said %(day)s that it is not relevant.", day=day)


def _told(words: Words, reader: Reader, place: Place) -> str:
    last = max(reader.heard[place.item.call_id], key=lambda one: one.at)
    return words.gettext(
        "It was told %(day)s, under “%(section)s”, and nothing that matters has changed since.",
        day=words.on(last.at, reader.now),
        section=section_title(words, last.section),
    )


def _reminder(words: Words, _: Reader, __: Place) -> str:
    return words.gettext(
        "It is shortlisted: it comes back when it changes, and %(days)s days before its deadline.",
        days=words.listed([words.number(days) for days in REMINDERS]),
    )


def _horizon(words: Words, reader: Reader, place: Place) -> str:
    opening = place.item.call.opening
    if opening is None:
        return words.gettext("It is forthcoming, and when it opens is not stated.")
    said = words.ngettext(
        "It opens on %(day)s: that is told from %(n)s day ahead.",
        "It opens on %(day)s: that is told from %(n)s days ahead.",
        reader.officer.horizon,
        day=words.short_date(opening, reader.today),
    )
    return words.smooth(said)


def _limit(words: Words, reader: Reader, place: Place) -> str:
    assert place.section is not None
    return words.gettext(
        "It waits at place %(place)s of %(places)s under “%(section)s”: the mail holds %(limit)s at most, and its"
        " sections take turns.",
        place=words.number(place.number),
        places=words.number(place.places),
        section=section_title(words, place.section),
        limit=words.number(reader.officer.limit),
    )


REASONS: Mapping[Gate, Callable[[Words, Reader, Place], str]] = {
    Gate.RULE: _rule,
    Gate.CLOSED: _closed,
    Gate.AREAS: _areas,
    Gate.GEOGRAPHY: _geography,
    Gate.LANGUAGE: _language,
    Gate.KIND: _kind,
    Gate.MINIMUM: _minimum,
    Gate.SET_ASIDE: _set_aside,
    Gate.TOLD: _told,
    Gate.REMINDER: _reminder,
    Gate.HORIZON: _horizon,
    Gate.LIMIT: _limit,
}


def _asked(words: Words, subject: str, asked: Sequence[str], found: Sequence[str]) -> str:
    return words.gettext(
        "%(subject)s asked for: %(asked)s; those of the call: %(found)s.",
        subject=subject,
        asked=words.listed(asked) if asked else words.gettext("none"),
        found=words.listed(found) if found else words.gettext("none"),
    )


def _percent(words: Words, share: float) -> str:
    """With one decimal, cut: a call that ranks just below the least must not look as if it reached it."""
    return words.gettext("%(number)s%%", number=words.number(int(share * 10) / 10))
