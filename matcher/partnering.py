"""Which partners and networks of the organisation fit a call: by where they are, by its programme, by what was done
together. Nothing is known of them but what stands in partners.toml and portfolio.toml.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sklearn.feature_extraction.text import strip_accents_unicode

from config.organisation import Organisation
from config.schema import LANGUAGES, Link, Network, Partner, Project

TIERS = ("priority", "intensify", "encourage", "named")
"""Those of the internationalisation plan, the closest relations first."""
_PROGRAMME = re.compile(r"(?P<name>.+?)(?P<part>, [a-z][^(]*?)?(?: \((?P<short>[^)]+)\))?")
"""`Horizon Europe, pillar II`, `Citizens, Equality, Rights and Values (CERV)`."""


@dataclass(frozen=True)
class Sought:
    """What a call says of who can take part: its `programmes`, in all of its sources; the `countries` (ISO 3166-1) that
    it is open to, None where it says nothing; by country, the `regions` (NUTS), and the `zones` in words; by id, the words
    in which it names partners; the organisation's `areas` that it touches; and the `day` by which they take part.
    """

    programmes: tuple[str, ...]
    day: date
    countries: frozenset[str] | None = None
    regions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    zones: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    areas: frozenset[str] = frozenset()


class Where(StrEnum):
    """How a partner stands to the places that a call states."""

    STATED = "stated"
    PART = "part"
    """Of its country the call names regions alone, and it is not known whether the partner's is among them."""
    UNSAID = "unsaid"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True)
class Fit:
    """A partner that fits, and all that says so.

    `named`: the call's words for it. `links`: the programme's, valid on the day; `partial`: those that hold for a part of
    the programme alone. `projects`: done together, in areas that the call touches. `suits`: what is written of a network
    names the programme. `ended`: links that are no longer valid on the day, or not yet.
    """

    partner: Partner | Network
    where: Where
    named: str = ""
    links: tuple[Link, ...] = ()
    partial: tuple[Link, ...] = ()
    projects: tuple[Project, ...] = ()
    suits: bool = False
    ended: tuple[Link, ...] = ()

    @property
    def has_reason(self) -> bool:
        return bool(self.named or self.links or self.partial or self.projects or self.suits)


@dataclass(frozen=True)
class Fitting:
    """`fits`, the best first. `left_out`: what would fit, but for its country or for the dates of its links."""

    fits: tuple[Fit, ...]
    left_out: tuple[Fit, ...]


def fitting(organisation: Organisation, sought: Sought) -> Fitting:
    """Partners and networks with at least one reason. Only a country that the call does not state among others, or a
    link whose time is over, leaves one out: and that never where the call itself names it.
    """
    known: tuple[Partner | Network, ...] = (*organisation.partners, *organisation.networks)
    found = [_fit(organisation, sought, one) for one in known]
    fits = [fit for fit in found if fit.has_reason and (fit.named or fit.where is not Where.ELSEWHERE)]
    left_out = [fit for fit in found if fit not in fits and (fit.has_reason or fit.ended)]
    return Fitting(tuple(sorted(fits, key=_closeness)), tuple(sorted(left_out, key=_closeness)))


def _fit(organisation: Organisation, sought: Sought, one: Partner | Network) -> Fit:
    links = [
        link
        for link in (one.programmes if isinstance(one, Partner) else ())
        if _is_of(link.programme, sought.programmes)
    ]
    valid = [link for link in links if _is_valid(link, sought.day)]
    return Fit(
        partner=one,
        where=_where(sought, one),
        named=sought.named.get(one.id, ""),
        links=tuple(link for link in valid if not _is_partial(link)),
        partial=tuple(link for link in valid if _is_partial(link)),
        projects=tuple(_together(organisation.projects, sought.areas, one)),
        suits=isinstance(one, Network) and _suits(one, organisation, sought.programmes),
        ended=tuple(link for link in links if link not in valid),
    )


def _closeness(fit: Fit) -> tuple[object, ...]:
    tier = TIERS.index(fit.partner.tier) if isinstance(fit.partner, Partner) else len(TIERS)
    return (not fit.named, not fit.links, not fit.projects, not fit.suits, fit.where is Where.PART, tier)


def _where(sought: Sought, one: Partner | Network) -> Where:
    if sought.countries is None:
        return Where.UNSAID
    if one.country not in sought.countries:
        return Where.ELSEWHERE
    regions = sought.regions.get(one.country, ())
    if not regions or one.country in regions or isinstance(one, Network):
        return Where.STATED
    zones = [_plain(zone) for zone in sought.zones]
    is_named = bool(one.region) and any(_holds(zone, _plain(one.region)) for zone in zones)
    return Where.STATED if is_named else Where.PART


def _together(
    projects: Iterable[Project], areas: frozenset[str], one: Partner | Network
) -> Iterator[Project]:
    names = {_plain(name) for name in (*one.written, *(one.name[language] for language in LANGUAGES))}
    for project in projects:
        if areas.intersection(project.areas) and names.intersection(map(_plain, project.partners)):
            yield project


def _suits(network: Network, organisation: Organisation, programmes: Sequence[str]) -> bool:
    """Whether a programme of the call, one through which partners take part, is named in what the network is for."""
    named = {
        name
        for partner in organisation.partners
        for link in partner.programmes
        if _is_of(link.programme, programmes)
        for name in _names(link.programme)
    }
    return any(_mentions(network.use, name) for name in named)


def _is_valid(link: Link, day: date) -> bool:
    return (link.valid_from or day) <= day <= (link.valid_to or day)


def _is_partial(link: Link) -> bool:
    match = _PROGRAMME.fullmatch(link.programme)
    return bool(match and match["part"])


def _is_of(programme: str, stated: Sequence[str]) -> bool:
    return any(_mentions(one, name) for one in stated for name in _names(programme))


def _names(programme: str) -> Iterator[str]:
    """The name without what is said of a part of it, and the abbreviation."""
    match = _PROGRAMME.fullmatch(programme)
    yield from (name for name in match.group("name", "short") if name) if match else ()


def _mentions(text: str, name: str) -> bool:
    """Whether `name` stands in `text` by itself. One in capitals must be so there too: LIFE is no word of a sentence."""
    if name.isupper():
        return _holds(text, name)
    return _holds(_plain(text), _plain(name))


def _holds(text: str, words: str) -> bool:
    return bool(words) and bool(re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text))


def _plain(text: str) -> str:
    """In lower case, without accents, hyphens and double spaces."""
    return " ".join(strip_accents_unicode(text).replace("-", " ").casefold().split())
