"""Partners and networks that fit a call: those that it names, and those that its programme links to the organisation."""

import re
from datetime import date

from config.organisation import Organisation
from config.schema import Link, Partner
from notifier.geography import COUNTRIES, geographies
from notifier.words import Words
from store.models import Call, Match

SHOWN = 4
"""Partners of one call: more is a directory, not a suggestion."""
TIERS = ("priority", "intensify", "encourage", "named")
"""Those of the internationalisation plan, the closest relations first."""
NAME = re.compile(r"(?P<before>.+?)(?::\s*(?P<after>.+)|\s*\((?P<short>[^)]+)\))?")
"""`CERV: Citizens, Equality, Rights and Values`, `Citizens, Equality, Rights and Values (CERV)`."""


def fitting_partners(
    words: Words, organisation: Organisation, call: Call, match: Match, named: tuple[str, ...], day: date
) -> tuple[str, ...]:
    """At most four, a line for each reason; `named` are the names of those that the call names, who come first.

    `day` is when they would have to take part: links to a programme can be dated.
    """
    lines = []
    if shown := named[:SHOWN]:
        lines.append(words.gettext("the call names %(names)s", names=words.listed(shown)))
    known = {one["id"] for one in match.named}
    linked = [
        (partner, link) for partner, link in _linked(organisation, call, day) if partner.id not in known
    ]
    if found := linked[: SHOWN - len(shown)]:
        names = words.listed([partner.name[words.language] for partner, _ in found])
        programme = _short(found[0][1].programme)
        lines.append(words.gettext("%(names)s, through %(programme)s", programme=programme, names=names))
    return tuple(lines)


def _linked(organisation: Organisation, call: Call, day: date) -> list[tuple[Partner, Link]]:
    """Partners that can take part in the call's programme on `day`, the closest first, each with what says so."""
    wanted = _names(call.programme)
    found = [
        (partner, link)
        for partner in organisation.partners
        for link in partner.programmes
        if wanted & _names(link.programme)
    ]
    stated = geographies([call], {})
    # A programme without any partner in Europe works country by country: there the call has to say which.
    abroad = not any(partner.country in COUNTRIES["europe"] for partner, _ in found)
    valid = [
        (partner, link)
        for partner, link in found
        if (link.valid_from or day) <= day <= (link.valid_to or day)
        and (not call.countries or partner.country in call.countries)
        and (partner.geography in stated if stated is not None else not abroad)
    ]
    return sorted(valid, key=lambda pair: TIERS.index(pair[0].tier))


def _names(programme: str) -> frozenset[str]:
    """A programme's name and its abbreviation. What holds for a part of a programme alone, as in `Horizon Europe,
    pillar II`, is another name: calls do not say which part they belong to.
    """
    match = NAME.fullmatch(programme.strip())
    return frozenset(name.casefold().strip() for name in match.groups() if name) if match else frozenset()


def _short(programme: str) -> str:
    """The abbreviation where there is one: `CERV`."""
    match = NAME.fullmatch(programme)
    return (match["short"] if match else "") or programme
