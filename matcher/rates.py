"""What share of the costs a call pays, and what share is left to those who apply."""

import re
from collections.abc import Iterator, Sequence

from matcher.eligibility import quote
from matcher.excerpts import Excerpt
from matcher.facts import LEAST, PER_CENT, Fact, sentence

_RATE = re.compile(
    rf"""(?xi)
    (?: \b (?:funding|reimbursement|co-?financing|co-?funding|grant)\ rates? \b
      | \b (?:porcentaje|tasa|intensidad)\ (?:máxim[ao]\ )?de\ (?:la\ )?(?:ayuda|financiación|cofinanciación|subvención)
      | \b (?:percentatge|taxa|intensitat)\ (?:màxim[ao]?\ )?(?:de\ |d['’])(?:l['’])?
        (?:ajut|ajuda|finançament|cofinançament|subvenció)
      | \b taux\ (?:maximal\ )?(?:de\ |d['’])(?:aide|financement|cofinancement|subvention)
    ) (?P<of> [^.%]{{0,120}}? ) {PER_CENT}"""
)
_SHARE_OF_COSTS = re.compile(
    rf"""(?xi) \b (?: up\ to | at\ most | hasta\ (?:el|un) | fins\ (?:al|a\ un) | jusqu['’]à ) \ (?P<of>){PER_CENT}
    \ (?: of\ (?:the\ )?(?:total\ )?(?:eligible|admissible)\ (?:project\ )?costs?
        | del?\ (?:los\ |las\ )?(?:costes?|gastos|presupuesto|inversión)
        | del?\ (?:cost|pressupost|import)\b | de\ (?:les\ despeses|la\ inversió)
        | d(?:es|u)\ (?:coûts?|dépenses|budget) )"""
)
_RATE_AGAIN = re.compile(rf"(?i)(?P<of>[^.%]{{0,100}}?\b(?:rate|funding)\b[^.%]{{0,30}}?){PER_CENT}")
_FOR_PUBLIC_BODIES = re.compile(
    r"(?i)non-?profit|public (?:bod|authorit|entit)|sin ánimo de lucro|sense ànim de lucro|à but non lucratif"
    r"|entidades (?:públicas|locales)|ens (?:públics|locals)|entitats (?:públiques|locals)|collectivités"
)
_OF_OTHERS = re.compile(r"(?i)third part(?:y|ies)|sub-?grant|terceros|tercers|tiers")
_OWN_SHARE = re.compile(
    rf"""(?xi)
    \b (?: own\ (?:contribution|resources|funds|financing) | co-?financing | co-?funding | match(?:ed|ing)?\ funding
        | aportación\ propia | cofinanciación | fondos\ propios | aportació\ pròpia | cofinançament | fons\ propis
        | apport\ propre | cofinancement | fonds\ propres ) \b
    [^.%]{{0,60}}? \b {LEAST} (?:\ el|\ un|\ del?|\ of|\ le)? \ {PER_CENT}
  | \b {LEAST} (?:\ el|\ un|\ del?|\ of|\ le)? \ (?P<m>\d{{1,3}})(?:[.,]\d+)?\s?% [^.%]{{0,40}}?
    \b (?: own\ (?:contribution|resources|funds) | co-?financing | co-?funding | aportación\ propia | aportació\ pròpia
        | fondos\ propios | fons\ propis | apport\ propre | fonds\ propres )\b
    """
)


def funding_rate(parts: Sequence[Excerpt]) -> Fact | None:
    """The share of the costs that is paid: for public bodies where they have one of their own, else from … to."""
    found = [fact for part in parts for fact in _rates(part)]
    own = [fact for public, fact in found if public]
    if own:
        return own[0]
    values = sorted({fact.value for _, fact in found})
    if len(values) < 2:  # noqa: PLR2004 - one rate is no range
        return found[0][1] if found else None
    lowest = next(fact for _, fact in found if fact.value == values[0])
    return Fact(values[0], lowest.evidence, highest=values[-1])


def _rates(part: Excerpt) -> Iterator[tuple[bool, Fact]]:
    """The rates that `part` states, each with whether it is said to be that of bodies such as public ones."""
    if "%" not in part.text:
        return
    for match in _RATE.finditer(part.text):
        yield from _with_exceptions(part, match)
    # English texts tell what shares of their costs others get as well.
    if part.field == "conditions" or part.language != "en":
        for match in _SHARE_OF_COSTS.finditer(part.text):
            yield from _with_exceptions(part, match)


def _with_exceptions(part: Excerpt, match: re.Match[str]) -> Iterator[tuple[bool, Fact]]:
    """A rate, and those that its sentence goes on with: `… 60%, except for …, where the rate is up to 100%`."""
    found: re.Match[str] | None = match
    while found is not None:
        value = int(found["n"])
        said = sentence(part.text, found.start(), found.end())
        if 0 < value <= 100 and not _OF_OTHERS.search(said):  # noqa: PLR2004 - per cent
            public = bool(_FOR_PUBLIC_BODIES.search(found["of"]))
            yield public, Fact(value, quote(part, found.start(), found.end()))
        found = _RATE_AGAIN.match(part.text, found.end())


def own_share(parts: Sequence[Excerpt]) -> Fact | None:
    for part in parts:
        match = _OWN_SHARE.search(part.text) if "%" in part.text else None
        if match and not _OF_OTHERS.search(match.group()):
            value = int(match["n"] or match["m"])
            if 0 < value < 100:  # noqa: PLR2004 - per cent
                return Fact(value, quote(part, match.start(), match.end()))
    return None
