"""How many partners from how many countries a call asks for, and who has to be among them."""

import re
from collections.abc import Iterator, Sequence

from matcher.eligibility import Evidence, cite, quote
from matcher.excerpts import Excerpt
from matcher.facts import LEAST, NUMBER, Fact, number_of, sentence, sentence_end

SEVERAL = 2
"""From how many on partners are a consortium and countries a condition."""
CLAUSE = 160
"""Characters after "at least three partners" in which the countries are looked for."""

MOST_QUOTED = 150
"""Characters of the words on who has to be among the partners."""

_PARTNERS_ALONE = r"""(?: applicants? | partners? | beneficiaries | participants?
    | socios | solicitantes | beneficiarios | participantes | socis | sol·licitants | beneficiaris
    | partenaires | demandeurs | candidats | bénéficiaires )"""
_BODIES = r"""(?: entities | organi[sz]ations | cities | towns | municipalities
    | entidades | organizaciones | ciudades | municipios | entitats | organitzacions | ciutats | municipis
    | entités | organismes | villes | communes )"""
_COUNTRIES = r"""(?: Member\ States? | countr(?:y|ies) | Estados?(?:\ miembros?)? | país | países | països
    | Estats?(?:\ membres?)? | États?(?:\ membres?)? | pays )"""
_OF_ANY_KIND = r"""(?: (?: independent | legal | different | distinct | separate | eligible | public | private | European
    | independientes | jurídicas | distint[oa]s | diferentes | elegibles | públic[oa]s
    | jurídiques | diferents | elegibles | públiques | juridiques | indépendant(?:e)?s | différent(?:e)?s )\ ){0,3}"""

_PARTIES = re.compile(
    rf"""(?xi) (?<!\bin\ )(?<!\bacross\ )(?<!\bto\ )(?<!\bwith\ )
    \b {LEAST}\ (?P<n>{NUMBER})\ (?:and\ maximum\ \w+\ )? (?P<other>other\ )?
    {_OF_ANY_KIND} (?: (?P<alone>{_PARTNERS_ALONE}) | {_BODIES} )\b"""
)
_FROM_COUNTRIES = re.compile(
    rf"""(?xi) \b (?: from | in | of | de | d['’] | des ) \s* (?:{LEAST}\ )? (?P<n>{NUMBER})
    \ (?:[\w-]+\ ){{0,3}}? {_COUNTRIES}\b"""
)
_EACH_ELSEWHERE = re.compile(
    rf"""(?xi)
    \b (?: each | cada | chac )\w* \b [^.;]{{0,80}} \b (?:
        (?: different | distinct | distint | diferent | différent )\w* \W+ (?:\w+\W+){{0,3}}? {_COUNTRIES}
      | {_COUNTRIES} \W+ (?:\w+\W+){{0,2}}? (?: distint | diferent | différent )\w* )"""
)
_CONSORTIUM_OF = re.compile(r"(?i)\bconsorti(?:um|a|o|os) (?:of|with|de|amb|con|avec) (?:a |un )?$")
_SAYS_WHO_APPLIES = re.compile(
    r"(?i)\b(?:must|shall|submitted|consorti\w+|applicants?|deber[áà]n?|han? d['e]|doi(?:t|vent))\b"
)
_MUST_INCLUDE = re.compile(
    r"""(?xi)
      \b (?: must | shall )\ (?: include | involve | comprise ) \b
    | \b requires? \ (?:the\ )? (?:active\ )? (?: involvement | participation ) \b
    | \b must\ (?: participate | be\ involved )\ as\ beneficiar
    | \b deber[áà]n?\ (?: incluir | contar\ con ) \b
    | \b (?: ha | han )\ d['’] (?: incloure | incorporar ) \b
    | \b (?: doit | doivent )\ (?: inclure | comprendre | associer ) \b
    """
)
_SOME = re.compile(rf"(?xi) \b {LEAST}\ {NUMBER} \b (?!\s?%)")
_NO_BODY = re.compile(r"(?i)work packages?|pilot|demonstrat|\bsites?\b|workshop|\bevents?\b|use cases?")


def partners_and_countries(parts: Sequence[Excerpt]) -> tuple[Fact | None, Fact | None]:
    """The least number of partners, and of countries they are from: the strictest that the call states."""
    partners: Fact | None = None
    countries: Fact | None = None
    for part in parts:
        for match in _PARTIES.finditer(part.text):
            found = _parties(part, match)
            if found is not None:
                partners, countries = _larger(partners, found[0]), _larger(countries, found[1])
    if partners is not None and countries is not None and partners.value < countries.value:
        partners = Fact(countries.value, countries.evidence)
    return partners, countries


def _larger(one: Fact | None, other: Fact | None) -> Fact | None:
    if one is None or other is None:
        return one or other
    return other if other.value > one.value else one


def _parties(part: Excerpt, match: re.Match[str]) -> tuple[Fact, Fact | None] | None:
    """Partners and countries of "at least three entities …"; None where the words are not about who applies."""
    clause = part.text[match.end() : match.end() + CLAUSE].split(". ")[0].split("\n")[0]
    partners = number_of(match["n"]) + (1 if match["other"] else 0)
    states, each = _FROM_COUNTRIES.search(clause), _EACH_ELSEWHERE.search(clause)
    of_countries = number_of(states["n"]) if states else 0
    if of_countries < SEVERAL:  # "from at least one of the regions", "each from a different country"
        of_countries = partners if each else 0
    consortium = _CONSORTIUM_OF.search(part.text[max(0, match.start() - 60) : match.start()])
    if partners < SEVERAL or not (match["alone"] or of_countries or consortium):
        return None
    if part.field == "text" and not (
        of_countries and _SAYS_WHO_APPLIES.search(sentence(part.text, match.start(), match.end()))
    ):
        return None
    reach = max((tail.end() for tail in (states, each) if tail), default=0)
    words = quote(part, match.start(), match.end() + reach)
    return Fact(partners, words), Fact(of_countries, words) if of_countries else None


def must_include(parts: Sequence[Excerpt]) -> Iterator[Evidence]:
    """Who has to be in the consortium by the conditions: `at least 2 customs authorities …`."""
    for part in parts:
        if part.field != "conditions":
            continue
        for match in _MUST_INCLUDE.finditer(part.text):
            end = sentence_end(part.text, match.end())
            some = _SOME.search(part.text, match.end(), end)
            if some is None or _NO_BODY.search(part.text, some.end(), min(end, some.end() + 60)):
                continue
            counted = _PARTIES.match(part.text, some.start())
            if counted is None or _parties(part, counted) is None:
                note = part.text.find("[[", some.end(), end)  # how the portal's export marks a footnote
                stops = [stop for stop in (note, end, some.start() + MOST_QUOTED) if stop >= 0]
                yield cite(part, some.start(), min(stops))
