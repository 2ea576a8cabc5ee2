"""The call sheet: all that is said of one call, in the reader's language and in the order officers know it."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from markupsafe import Markup, escape

from config.organisation import Organisation
from notifier.aims import aims
from notifier.changes import change_sentences, grant_size
from notifier.conditions import conditions
from notifier.doubts import doubt
from notifier.fitting import fitting_partners
from notifier.learnt import learnt, likelihood
from notifier.links import Link, decisions
from notifier.reasons import (
    area_name,
    eligibility,
    evidence,
    explanation,
    related_project,
    suggested_role,
    verdict_label,
)
from notifier.selection import BRUSSELS, CLOSING, Item
from notifier.tags import Tags, tags_of
from notifier.words import Words
from store.models import Call, Deadline
from store.states import State, entry_deadline, moment

SOON = 14
"""Days left from which a deadline is shown as pressing."""
NOTICES_SHOWN = 3
QUOTED = re.compile(r"(?<=[“«])[^“”«»]+(?:[”»], [“«][^“”«»]+)*(?=[”»])")
"""Words of a call in a sentence of ours, or several one after the other."""


@dataclass(frozen=True)
class Badge:
    """A word or two and the tone they are shown in: urgent, soon, good, plain, news."""

    text: str
    tone: str


@dataclass(frozen=True)
class Fact:
    """A line of the sheet: its label and what stands behind it, one text a line.

    `language` is that of texts that are the source's own words alone (ISO 639-1), else empty.
    """

    label: str
    lines: tuple[str, ...]
    language: str = ""


@dataclass(frozen=True)
class Area:
    key: str
    name: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class SourceLink:
    """A source that states the call, its page, what the call is called there, and its deadline where that is another one
    than the face's.
    """

    name: str
    address: str
    identifier: str = ""
    deadline: str = ""


@dataclass(frozen=True)
class Sheet:
    """One call in words. `title_language` and `text_language` are those of the source's own words (ISO 639-1).

    `day` is the date that `time` counts to, `place` the rank as a sentence, and `partners` those that fit, a line for each
    reason. `source` is where all of this stands, `also` where else the call is stated; `decisions` lead into the review,
    where there is one. `alike` are calls with nearly the same text, told with this one.
    """

    item: Item
    title: str
    title_language: str
    english_title: str
    address: str
    identifier: str
    rank: str
    own_rank: str
    standing: str
    place: str
    day: str
    time: Badge
    state: str
    opening: str
    deadlines: tuple[str, ...]
    programme: str
    action: str
    budget: str
    grants: str
    conditions: tuple[str, ...]
    aims: str
    text_language: str
    verdict: Badge
    eligibility: str
    evidence: tuple[str, ...]
    partners: tuple[str, ...]
    areas: tuple[Area, ...]
    tags: Tags
    project: str
    role: str
    why: str
    learnt: str
    changes: tuple[str, ...]
    changed_on: str
    notices: tuple[str, ...]
    source: SourceLink
    also: tuple[SourceLink, ...]
    decisions: tuple[Link, ...]
    alike: tuple["Sheet", ...]

    def facts(self, words: Words) -> tuple[Fact, ...]:
        """Opening, deadlines, programme, type and budget; what the source does not state is said to be unknown.

        Conditions stand there where any are known: most sources give them in documents alone.
        """
        unknown = words.gettext("not stated")
        return (
            Fact(words.gettext("Opening"), (self.opening or unknown,)),
            Fact(words.gettext("Deadline"), tuple(text or unknown for text in self.deadlines)),
            Fact(words.gettext("Programme"), (self.programme or unknown,)),
            Fact(words.gettext("Type"), (self.action or unknown,), self._action_language),
            Fact(words.gettext("Budget"), tuple(filter(None, (self.budget or unknown, self.grants)))),
            *([Fact(words.gettext("Conditions"), self.conditions)] if self.conditions else []),
        )

    def alike_heading(self, words: Words) -> str:
        return words.ngettext(
            "%(n)s more call with nearly the same text",
            "%(n)s more calls with nearly the same text",
            len(self.alike),
        )

    def marked(self, text: str, words: Words) -> Markup:
        """`text`, a sentence of ours, as HTML in which what it quotes of the call bears the call's language."""
        if self.quoted_language == words.language:
            return escape(text)
        quoted = rf'<span lang="{escape(self.quoted_language)}">\g<0></span>'
        return Markup(QUOTED.sub(quoted, str(escape(text))))  # noqa: S704 - escaped before

    @property
    def _action_language(self) -> str:
        stated_alone = self.action and self.item.call.kind == "call"
        return self.quoted_language if stated_alone else ""

    @property
    def quoted_language(self) -> str:
        """The language that words of the call are quoted in: the one that most of its text is read in."""
        texts = self.item.call.texts or self.item.call.titles
        return "en" if "en" in texts else next(iter(texts), "en")

    @property
    def key(self) -> str:
        """What the page calls this sheet: stable, made of digits."""
        return f"c{self.item.call_id}"


def write_sheet(
    item: Item, words: Words, organisation: Organisation, now: datetime, review_url: str = ""
) -> Sheet:
    """`review_url` is where the review stands; empty: the sheet leads to none."""
    call, match = item.call, item.match
    today = now.astimezone(BRUSSELS).date()
    title_language, title = _in_language(call.titles, words.language)
    text_language, text = _in_language(call.texts, words.language)
    project, role = (partial(f, words, organisation, match) for f in (related_project, suggested_role))
    tags = tags_of(words, organisation, call, match)
    counted = _counted_to(item, today)
    standing = likelihood(words, match) or words.standing(match.percentile)
    return Sheet(
        item=item,
        title=title,
        title_language=title_language,
        english_title=call.titles.get("en", "") if title_language != "en" else "",
        address=call.page,
        identifier=_identifier(call),
        rank=words.number(item.rank) if item.rank else "",
        own_rank=words.number(item.own_rank) if item.own_rank else "",
        standing=standing,
        place=_place(words, item, standing),
        day=words.short_date(counted, today) if counted else "",
        time=_time(words, item, today),
        state=state_label(words, item.state),
        opening=words.full_date(call.opening) if call.opening else "",
        deadlines=_deadlines(words, call, now),
        programme=call.programme or call.programme_code,
        action=_action(words, call),
        budget=words.money(call.budget_cents, call.currency) if call.budget_cents else "",
        grants=_grants(words, call),
        conditions=conditions(words, call, match),
        aims=aims(text),
        text_language=text_language,
        verdict=_verdict(words, item),
        eligibility=eligibility(words, organisation, match),
        evidence=evidence(words, match),
        partners=fitting_partners(words, organisation, item, tags.partners, now),
        areas=_areas(words, organisation, item),
        tags=tags,
        project=project(),
        role=role(),
        why=explanation(words, organisation, match),
        learnt=learnt(words, match),
        changes=change_sentences(words, item, today),
        changed_on=words.on(item.changed_at, now) if item.changed_at else "",
        notices=tuple(doubt(words, notice) for notice in call.notices[:NOTICES_SHOWN]),
        source=SourceLink(_source_name(organisation, call), call.page, _identifier(call)),
        also=tuple(_elsewhere(words, organisation, item, copy, now) for copy in item.also),
        decisions=decisions(words, review_url, call),
        alike=tuple(write_sheet(one, words, organisation, now) for one in item.alike),
    )


def state_label(words: Words, state: State) -> str:
    return {
        State.OPEN: words.gettext("Open"),
        State.FORTHCOMING: words.gettext("Forthcoming"),
        State.CLOSED: words.gettext("Closed"),
        State.UNKNOWN: words.gettext("State unknown"),
    }[state]


def _in_language(versions: dict[str, str], language: str) -> tuple[str, str]:
    """The words in the reader's language, else in English, else as the source gives them."""
    for wanted in (language, "en"):
        if versions.get(wanted):
            return wanted, versions[wanted]
    return next(iter(versions.items()), ("en", ""))


def _source_name(organisation: Organisation, call: Call) -> str:
    source = organisation.source(call.source)
    return source.name if source else call.source


def _elsewhere(words: Words, organisation: Organisation, item: Item, copy: Call, now: datetime) -> SourceLink:
    link = SourceLink(_source_name(organisation, copy), copy.page, _identifier(copy))
    deadline = entry_deadline(copy, now)
    if deadline is None or deadline.day in {one.day for one in item.call.deadlines}:
        return link
    said = words.gettext("deadline there: %(deadline)s", deadline=words.deadline(deadline))
    return replace(link, deadline=said)


def _identifier(call: Call) -> str:
    return call.identifiers[0] if call.identifiers else call.source_key


def _place(words: Words, item: Item, standing: str) -> str:
    """The rank among all live calls, after that in the officer's areas; empty for a call without one."""
    rank, own = (words.number(number) for number in (item.rank, item.own_rank))
    if item.own_rank:
        of_own = words.gettext("No. %(rank)s in your areas", rank=own)
        overall = words.gettext("no. %(rank)s overall", rank=rank)
        return f"{words.chained([of_own, overall])}, {standing}."
    return f"{words.gettext('No. %(rank)s', rank=rank)}, {standing}." if item.rank else ""


def _opens_on(item: Item, today: date) -> date | None:
    opening = item.call.opening
    ahead = item.state is State.FORTHCOMING and opening is not None and opening >= today
    return opening if ahead else None


def _counted_to(item: Item, today: date) -> date | None:
    """What the time left is counted to: the opening of a call that is to come, else the next deadline."""
    return _opens_on(item, today) or (item.deadline.day if item.deadline else None)


def _time(words: Words, item: Item, today: date) -> Badge:
    """How long is left: what an officer looks for first."""
    if item.state is State.FORTHCOMING and item.call.opening is None:
        return Badge(words.gettext("opening date unknown"), "plain")
    if opening := _opens_on(item, today):
        return Badge(words.opens_in((opening - today).days), "plain")
    if item.days_left is None:
        text = words.gettext("no fixed deadline") if item.enterable else words.gettext("entry closed")
        return Badge(text, "plain")
    return Badge(words.days_left(item.days_left), _tone(item.days_left))


def _tone(days: int) -> str:
    if days <= SOON:
        return "urgent"
    return "soon" if days <= CLOSING.days else "plain"


def _deadlines(words: Words, call: Call, now: datetime) -> tuple[str, ...]:
    if not call.deadlines:
        # Most sources just say nothing: said in the reader's language; a reason of their own stays as they word it.
        said = call.no_deadline.startswith("not stated")
        reason = words.gettext("not stated") if said else call.no_deadline.rstrip(".")
        return (words.gettext("none published (%(reason)s)", reason=reason) if reason else "",)
    return tuple(_deadline(words, call, deadline, now) for deadline in call.deadlines)


def _deadline(words: Words, call: Call, deadline: Deadline, now: datetime) -> str:
    """One deadline with its stage or cut-off; said to be past when it can no longer be met."""
    text = words.deadline(deadline) if deadline.day else words.quoted(deadline.prose)
    if len(call.deadlines) > 1 and deadline.stage:
        text = words.gettext("stage %(stage)s: %(deadline)s", stage=deadline.stage, deadline=text)
    elif len(call.deadlines) > 1:
        place = call.deadlines.index(deadline) + 1
        text = words.gettext("cut-off %(place)s: %(deadline)s", place=place, deadline=text)
    instant = moment(deadline)
    past = instant is not None and instant < now
    return words.gettext("%(deadline)s (past)", deadline=text) if past else text


def _action(words: Words, call: Call) -> str:
    kinds = {
        "cascade": words.gettext("Cascade funding"),
        "prize": words.gettext("Prize"),
        "scheme": words.gettext("Funding scheme"),
        "advance_notice": words.gettext("Advance notice"),
    }
    stated = [" ".join(action.split()) for action in call.types_of_action]
    return " · ".join(filter(None, [kinds.get(call.kind, ""), *stated]))


def _grants(words: Words, call: Call) -> str:
    """`uns 3 projectes, de 7 a 12 M€ cadascun`; empty when the source says neither."""
    size = grant_size(words, call)
    if not call.expected_grants:
        return words.gettext("%(size)s each", size=size) if size else ""
    count = words.ngettext("%(n)s grant expected", "%(n)s grants expected", call.expected_grants)
    if not size:
        return count
    if call.expected_grants == 1:
        return words.gettext("%(count)s, %(size)s", count=count, size=size)
    return words.gettext("%(count)s, %(size)s each", count=count, size=size)


def _verdict(words: Words, item: Item) -> Badge:
    tones = {"open": "good", "unlikely": "soon", "not_open": "urgent"}
    return Badge(verdict_label(words, item.match), tones.get(item.match.verdict, "plain"))


def _areas(words: Words, organisation: Organisation, item: Item) -> tuple[Area, ...]:
    return tuple(
        Area(area["id"], area_name(words, organisation, area["id"]), tuple(area["terms"][:3]))
        for area in item.match.areas
    )
