"""Partners that fit a call, in a line or two: the review shows all of them, networks too, with their reasons and doubts.

What fits is decided as in matcher.partnering, which stands beside this layer; a test holds the two together.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime

from config.clock import local_day
from config.organisation import Organisation
from config.schema import Link, Partner
from notifier.geography import COUNTRIES, NUTS_COUNTRIES, geographies
from notifier.items import Item
from notifier.words import Words
from store.models import Call

SHOWN = 4
"""Partners of one call: more is a directory, not a suggestion."""
TIERS = ("priority", "intensify", "encourage", "named")
"""Those of the internationalisation plan, the closest relations first."""
WHOLE = re.compile(r"(?P<name>(?:(?!, [a-z]).)+?)(?: \((?P<short>[^)]+)\))?")
"""`Citizens, Equality, Rights and Values (CERV)`; not what is a part of a programme alone: `Horizon Europe, pillar II`."""


def fitting_partners(
    words: Words, organisation: Organisation, item: Item, named: tuple[str, ...], now: datetime
) -> tuple[str, ...]:
    """At most four, a line for each reason; `named` are the names of those that the call names, who come first.

    The others are tied by the configuration to the whole programme on the day of the deadline. Where the call says
    nothing of countries none is left out, and outside Europe, where that decides, the line says so.
    """
    lines = []
    if shown := named[:SHOWN]:
        lines.append(words.gettext("the call names %(names)s", names=words.listed(shown)))
    countries = stated_countries(item.sources)
    found = _linked(organisation, item, countries, now)[: SHOWN - len(shown)]
    if not found:
        return tuple(lines)
    names = words.listed([partner.name[words.language] for partner, _ in found])
    programme = words.listed(list(dict.fromkeys(_short(link.programme) for _, link in found)))
    if countries is None and any(partner.geography != "europe" for partner, _ in found):
        text = words.gettext(
            "%(names)s, through %(programme)s (the call does not say which countries can take part)",
            programme=programme,
            names=names,
        )
    else:
        text = words.gettext("%(names)s, through %(programme)s", programme=programme, names=names)
    return (*lines, text)


def stated_countries(calls: Sequence[Call]) -> frozenset[str] | None:
    """Those that a call states in its sources, by themselves or with their regions; else all of the parts of the world
    that it states. None where it says nothing of either.
    """
    stated = frozenset((*(code for call in calls for code in call.countries), *stated_regions(calls)))
    if stated:
        return stated
    places = geographies(calls, {})
    return None if places is None else frozenset().union(*(COUNTRIES[place] for place in places))


def stated_regions(calls: Sequence[Call]) -> dict[str, list[str]]:
    """By country (ISO 3166-1), the regions (NUTS) that a call states in its sources."""
    found: dict[str, list[str]] = {}
    for code in (code for call in calls for code in call.regions):
        found.setdefault(NUTS_COUNTRIES.get(code[:2], code[:2]), []).append(code)
    return found


def _linked(
    organisation: Organisation, item: Item, countries: frozenset[str] | None, now: datetime
) -> list[tuple[Partner, Link]]:
    """Partners that can take part, the closest first, each with what says so."""
    day = (item.deadline.day if item.deadline else None) or local_day(now)
    known = {one["id"] for one in item.match.named}
    regions = stated_regions(item.sources)
    zones = [zone for call in item.sources for zone in call.geographical_zones]
    found = []
    for partner in organisation.partners:
        link = next((one for one in partner.programmes if _holds(one, item.sources, day)), None)
        if link is None or partner.id in known:
            continue
        if countries is not None and partner.country not in countries:
            continue
        # Of a country with some regions stated it is not sure that the partner's is one of them.
        stated = regions.get(partner.country)
        if not stated or partner.country in stated or _is_named(partner.region, zones):
            found.append((partner, link))
    return sorted(found, key=lambda pair: TIERS.index(pair[0].tier))


def _holds(link: Link, calls: Sequence[Call], day: date) -> bool:
    """Whether the link is to a whole programme of the call, and valid on `day`."""
    match = WHOLE.fullmatch(link.programme)
    if match is None or not (link.valid_from or day) <= day <= (link.valid_to or day):
        return False
    return any(_is_named(name, [call.programme for call in calls]) for name in match.groups())


def _is_named(name: str | None, texts: Sequence[str]) -> bool:
    """Whether `name` stands in one of `texts` by itself; one in capitals so: LIFE is no word of a sentence."""
    if not name:
        return False
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", 0 if name.isupper() else re.IGNORECASE)
    return any(pattern.search(text) for text in texts)


def _short(programme: str) -> str:
    """The abbreviation where there is one: `CERV`."""
    match = WHOLE.fullmatch(programme)
    return (match["short"] if match else "") or programme
