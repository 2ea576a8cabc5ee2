"""Which calls of different sources are one call: by code, by topic, by title and deadline. Measured: docs/identity.md."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, combinations, product
from typing import Any
from urllib.parse import unquote

from sqlmodel import col, select

from config.organisation import Organisation
from crawler import titles
from crawler.titles import TOPIC, Title
from store.database import Database
from store.models import Call
from store.records import Kind
from store.same_calls import Same, replace_same_calls

_TOPIC_IN_ADDRESS = re.compile(TOPIC.pattern, re.IGNORECASE)
_CODES_IN_ADDRESS = (
    ("BDNS", re.compile(r"infosubvenciones\.es/\S*(?:/convocatorias?/|[?&]numConv=)([\w-]+)")),
    ("BDNS", re.compile(r"\bBDNS[-=/](\w[\w-]*)")),
    ("RAISC", re.compile(r"\b(?:RAISC-|codi_raisc=)(\w[\w-]*)")),
)
NAMESAKES = 10
"""How many calls of a source may have the same title and deadline and still be compared: none of them is meant."""
COMMON = 50
"""How many calls with the same deadline may share a word that still tells them from others."""
_REGISTERS = ("BDNS-", "RAISC-")


@dataclass(frozen=True)
class _Stated:
    """What of a call tells whether another one is the same.

    `topics`: the topic that it is; for cascade funding its parent's. `prominent`: those that its title or its links
    name, `named`: those that it names anywhere. `since`: when it was published, or first seen.
    """

    id: int
    source: str
    kind: str
    place: tuple[int, int]
    days: frozenset[date]
    codes: frozenset[str]
    topics: frozenset[str]
    linked: frozenset[str]
    prominent: frozenset[str]
    named: frozenset[str]
    since: date
    titles: Mapping[str, Title]

    @property
    def cascade(self) -> bool:
        return self.kind == Kind.CASCADE

    @property
    def scheme(self) -> bool:
        return self.kind == Kind.SCHEME


@dataclass(frozen=True)
class _Pair:
    """Two calls of different sources that may be one; the greater `strength` of several decides."""

    one: _Stated
    other: _Stated
    reason: str
    evidence: str
    strength: float

    @property
    def sides(self) -> tuple[tuple[_Stated, _Stated], ...]:
        return (self.one, self.other), (self.other, self.one)

    def order(self) -> tuple[Any, ...]:
        return -self.strength, self.one.place, self.other.place, self.evidence


def identify_calls(database: Database, organisation: Organisation) -> bool:
    """Find the same calls in the store and keep what was found; whether anything differs from before."""
    with database.reading() as session:
        calls = session.exec(select(Call).order_by(col(Call.id))).all()
        found = identify(calls, [source.key for source in organisation.sources])
    with database.writing() as session:
        return replace_same_calls(session, found)


def identify(calls: Iterable[Call], source_order: Sequence[str]) -> list[Same]:
    """The calls that are copies, each with its face: the one of the first source in `source_order`, then the oldest.

    The same whatever the order of `calls`. Never two calls of one source in a group.
    """
    order = {source: place for place, source in enumerate(source_order)}
    calls = list(calls)
    known = {topic for call in calls if call.kind != Kind.CASCADE for topic in _topics(call)}
    stated = sorted((_state(call, order, known) for call in calls), key=lambda one: one.place)
    groups = _Groups()
    for pairs in (_by_code(stated), _by_topic(stated), _by_title(stated)):
        groups.join(pairs)
    return groups.same_calls()


def _state(call: Call, order: Mapping[str, int], known: AbstractSet[str]) -> _Stated:
    assert call.id is not None
    addresses = [call.page, *(document["address"] for document in call.documents)]
    topics = _topics(call)
    linked = _linked(addresses, known)
    prominent = linked | _named(call.titles.values())
    texts = () if topics else call.texts.values()
    return _Stated(
        id=call.id,
        source=call.source,
        kind=call.kind,
        place=(order.get(call.source, len(order)), call.id),
        days=frozenset(deadline.day for deadline in call.deadlines if deadline.day),
        codes=_codes(call, addresses),
        topics=topics,
        linked=linked,
        prominent=prominent,
        named=_whole(prominent | _named(texts)),
        since=call.published or call.first_seen_at.date(),
        titles={language: titles.read_title(title) for language, title in call.titles.items()},
    )


def _topics(call: Call) -> frozenset[str]:
    return frozenset(_key(name) for name in call.identifiers if TOPIC.fullmatch(name))


def _key(topic: str) -> str:
    """A topic as it is compared: sites leave out how many stages it has, and what follows the number of EuropeAid."""
    parts = topic.upper().split("/")
    return "/".join(parts[:2]).removesuffix("-TWO-STAGE")


def _named(texts: Iterable[str]) -> frozenset[str]:
    # The pattern is slow on long texts, and few of them can name a topic.
    able = (text for text in texts if "-20" in text or "EuropeAid/" in text)
    return frozenset(_key(topic) for text in able for topic in TOPIC.findall(text))


def _linked(addresses: Iterable[str], known: AbstractSet[str]) -> frozenset[str]:
    """In an address topics stand in any case, and words may follow: those are told by the topics that are known."""
    readable = [unquote(address) for address in addresses]
    found = (topic for address in readable for topic in _TOPIC_IN_ADDRESS.findall(address))
    beginnings = (start for topic in found for start in accumulate(topic.split("-"), "{}-{}".format))
    return _named(readable) | {_key(start) for start in beginnings if _key(start) in known}


def _whole(topics: AbstractSet[str]) -> frozenset[str]:
    """Without the calls that topics belong to: `HORIZON-CL5-2026-09` beside `HORIZON-CL5-2026-09-D4-03`."""
    return frozenset(topic for topic in topics if not any(other.startswith(f"{topic}-") for other in topics))


def _codes(call: Call, addresses: Iterable[str]) -> frozenset[str]:
    """Its numbers in registers. Links count where it states none: they may be about an earlier call."""
    own = frozenset(code for code in call.identifiers if code.startswith(_REGISTERS))
    if own or call.kind == Kind.CASCADE:
        return own
    return frozenset(
        f"{register}-{number}"
        for register, pattern in _CODES_IN_ADDRESS
        for address in addresses
        for number in pattern.findall(unquote(address))
    )


def _by_code(stated: Iterable[_Stated]) -> Iterator[_Pair]:
    holders = defaultdict(list)
    for call in stated:
        for code in call.codes:
            holders[code].append(call)
    for code, calls in holders.items():
        for one, other in combinations(calls, 2):
            yield _pair(one, other, "code", code, _shares_day(one, other))


def _by_topic(stated: Sequence[_Stated]) -> Iterator[_Pair]:
    holders = defaultdict(list)
    for call in stated:
        for name in () if call.cascade else call.topics:
            holders[name].append(call)
    for page in stated:
        for name in page.topics | page.named | page.linked:
            yield from (
                _pair(page, topic, "topic", name, _shares_day(page, topic))
                for topic in holders.get(name, ())
                if _is_topic(page, topic, name)
            )


def _is_topic(page: _Stated, topic: _Stated, name: str) -> bool:
    """Whether a page is about the topic that it names, and not about a call that the topic's project makes.

    A link or the only name counts. Without a day in common it takes more: that the name stands where it cannot be
    missed, and that the page was there before the topic closed.
    """
    if name not in page.linked and page.topics | page.named != {name}:
        return False
    if page.days and topic.days:
        return True  # a day in common: others contradict each other
    in_time = not topic.days or page.since <= max(topic.days)
    return in_time and name in page.topics | page.prominent


def _by_title(stated: Iterable[_Stated]) -> Iterator[_Pair]:
    blocks: dict[Any, list[_Stated]] = defaultdict(list)
    for call in stated:
        for language, title in call.titles.items():
            for day in call.days if title.words else ():
                blocks[day, language, title.marks].append(call)
    best: dict[tuple[int, int], _Pair] = {}
    for (day, language, _), calls in blocks.items():
        for one, other in _near(_nameable(calls, language), language):
            title, same = one.titles[language], other.titles[language]
            strength = titles.likeness(title, same)
            if strength:
                common = " ".join(word for word in title.words if word in same.words)
                pair = _pair(one, other, "title", f"{common} · {day}", strength)
                key = (pair.one.id, pair.other.id)
                best[key] = max(pair, best.get(key, pair), key=lambda found: (found.strength, found.evidence))
    yield from best.values()


def _nameable(calls: Sequence[_Stated], language: str) -> list[_Stated]:
    """Without those whose title is on so many calls of a source that it names none of them."""
    borne = Counter((call.source, call.titles[language].text) for call in calls)
    empty = {text for (_, text), count in borne.items() if count > NAMESAKES}
    return [call for call in calls if call.titles[language].text not in empty]


def _near(calls: Sequence[_Stated], language: str) -> Iterator[tuple[_Stated, _Stated]]:
    """The pairs that share a word which is not on most of the calls: a hundred thousand cannot all be compared."""
    bearers: dict[str, list[_Stated]] = defaultdict(list)
    for call in calls:
        for word in set(call.titles[language].words):
            bearers[word].append(call)
    for call in calls:
        words = sorted(set(call.titles[language].words), key=lambda word: (len(bearers[word]), word))
        telling = [word for word in words if len(bearers[word]) <= COMMON] or words[:1]
        others = {
            other.id: other for word in telling for other in bearers[word] if other.source != call.source
        }
        yield from ((call, other) for other in others.values())


def _pair(one: _Stated, other: _Stated, reason: str, evidence: str, strength: float) -> _Pair:
    first, second = sorted((one, other), key=lambda call: call.place)
    return _Pair(first, second, reason, evidence, strength)


def _shares_day(one: _Stated, other: _Stated) -> float:
    return float(not one.days.isdisjoint(other.days))


def _contradict(one: _Stated, other: _Stated) -> bool:
    """Whether what two calls state rules out that they are one."""
    if one.source == other.source or one.scheme != other.scheme:
        return True
    if one.codes & other.codes:
        return False  # a register's number outweighs a day: one may not know yet that the deadline moved
    return (
        bool(one.days and other.days and one.days.isdisjoint(other.days))
        or any(_differ(_of(register, one), _of(register, other)) for register in _REGISTERS)
        or _are_other_topics(one, other)
    )


def _of(register: str, call: _Stated) -> frozenset[str]:
    return frozenset(code for code in call.codes if code.startswith(register))


def _differ(ones: AbstractSet[str], others: AbstractSet[str]) -> bool:
    return bool(ones and others and ones.isdisjoint(others))


def _are_other_topics(one: _Stated, other: _Stated) -> bool:
    if one.cascade != other.cascade:
        # Cascade funding is no topic, however much its title is its parent's.
        return bool(other.topics if one.cascade else one.topics)
    if one.topics and other.topics:
        return one.topics.isdisjoint(other.topics)
    return not one.cascade and (_points_away(other, one.topics) or _points_away(one, other.topics))


def _points_away(page: _Stated, topics: AbstractSet[str]) -> bool:
    """Whether the title or the links of a page name topics, and none of `topics` or the call that it belongs to."""
    return bool(topics and page.prominent) and not any(
        f"{topic}-".startswith(f"{name}-") for topic in topics for name in page.prominent
    )


class _Groups:
    """Calls that are one, grown pair by pair: no two members contradict each other."""

    def __init__(self) -> None:
        self._groups: dict[int, list[_Stated]] = {}
        self._joined: dict[int, list[_Pair]] = defaultdict(list)

    def join(self, pairs: Iterable[_Pair]) -> None:
        for pair in sorted(_decided([pair for pair in pairs if self._fit(pair)]), key=_Pair.order):
            if self._fit(pair):
                self._merge(pair)

    def same_calls(self) -> list[Same]:
        rows = []
        for call_id, group in sorted(self._groups.items()):
            face = min(group, key=lambda call: call.place)
            if call_id != face.id:
                pairs = self._joined[call_id]
                pair = next((pair for pair in pairs if face in (pair.one, pair.other)), pairs[0])
                rows.append(Same(call_id, face.id, pair.reason, pair.evidence))
        return rows

    def _group(self, call: _Stated) -> list[_Stated]:
        return self._groups.get(call.id, [call])

    def _fit(self, pair: _Pair) -> bool:
        return not any(
            _contradict(one, other) for one, other in product(self._group(pair.one), self._group(pair.other))
        )

    def _merge(self, pair: _Pair) -> None:
        group = self._group(pair.one) + self._group(pair.other)
        for call in group:
            self._groups[call.id] = group
        for call in (pair.one, pair.other):
            self._joined[call.id].append(pair)


def _decided(pairs: Sequence[_Pair]) -> list[_Pair]:
    """The pairs in which neither call has another of that source to go with as well: else nobody knows which it is."""
    choices: dict[tuple[int, str], dict[int, float]] = defaultdict(dict)
    for pair in pairs:
        for call, other in pair.sides:
            chosen = choices[call.id, other.source]
            chosen[other.id] = max(pair.strength, chosen.get(other.id, 0.0))
    return [
        pair
        for pair in pairs
        if all(_is_chosen(other, choices[call.id, other.source]) for call, other in pair.sides)
    ]


def _is_chosen(call: _Stated, choices: Mapping[int, float]) -> bool:
    return all(strength < choices[call.id] for rival, strength in choices.items() if rival != call.id)
