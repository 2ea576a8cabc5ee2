"""Where in the world a call's partners or beneficiaries are, as far as it says so."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from babel import Locale
from babel.core import get_global

from config.organisation import Organisation
from config.schema import LANGUAGES, Geography
from store.models import Call

_CODES: Mapping[Geography, str] = {
    "europe": (
        "AD AL AM AT AX AZ BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GE GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC"
        " MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM TR UA VA XK"
    ),
    "mediterranean": "AL BA BG CY DZ EG ES FR GI GR HR IL IT JO LB LY MA MC ME MK MT PS PT SI SY TN TR",
    "latin_america": (
        "AG AI AR AW BB BL BO BQ BR BS BZ CL CO CR CU CW DM DO EC FK GD GF GP GT GY HN HT JM KN KY LC MF MQ MS MX NI PA"
        " PE PR PY SR SV SX TC TT UY VC VE VG VI"
    ),
    "asia": (
        "AE AF AM AZ BD BH BN BT CN GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS"
        " QA SA SG SY TH TJ TL TM TR TW UZ VN YE"
    ),
    "north_america": "BM CA GL PM US",
    "africa": (
        "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE"
        " NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW"
    ),
}
COUNTRIES: Mapping[Geography, frozenset[str]] = {
    name: frozenset(codes.split()) for name, codes in _CODES.items()
}
"""ISO 3166-1 codes by the regions of UN M49, Latin America with the Caribbean. The Caucasus, Cyprus and Turkey are of
Europe too, as members of its Council; of the Mediterranean are its coast and the countries that Interreg Euro-MED and
NEXT MED count in (`config/amb/partners.toml`)."""
_WRITTEN: Sequence[tuple[Geography, str]] = (
    ("europe", r"europ"),
    ("mediterranean", r"mediterran|\bmed\b|middle east and north africa|maghreb|magrib"),
    ("latin_america", r"latin america|america (latina|llatina)|amerique latine|carib|caraib"),
    ("latin_america", r"(south|central) america|america (del sur|del sud|central)|iberoameric|mercosur"),
    ("asia", r"\basi[ae]|middle east|oriente medio|orient mitja|moyen.orient"),
    ("north_america", r"north(ern)? america|america del nor[dt]|amerique du nord"),
    ("africa", r"afri[ck]|afriqu"),
)
"""Parts of the world as portals write them in the four languages, without accents and in lower case."""
REGIONS = [(name, re.compile(pattern)) for name, pattern in _WRITTEN]
_CODE = re.compile(r"[A-Z]{2}(?:[0-9A-Z](?:\d[0-9A-Z]?)?)?")
_PROGRAMME = re.compile(r"(?P<name>.+?)(?:, [a-z][^(]*?)?(?: \((?P<short>[^)]+)\))?")
NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ"})
NUTS_COUNTRIES = {"EL": "GR", "UK": "GB"}
"""Countries whose NUTS codes begin otherwise than their ISO codes (Regulation (EC) 1059/2003)."""


def geographies(
    calls: Iterable[Call], by_programme: Mapping[str, frozenset[Geography]]
) -> frozenset[Geography] | None:
    """What the call says, in all of its sources: by countries, regions and zones, or else by its programme.

    Empty where all that it names is elsewhere; None where it says nothing that is understood.
    """
    calls = list(calls)
    codes = {code for call in calls for code in _countries(call)}
    zones = {_plain(zone) for call in calls for zone in call.geographical_zones}
    found = {name for name, countries in COUNTRIES.items() if countries & codes}
    found |= {name for zone in zones for name, pattern in REGIONS if pattern.search(zone)}
    if found or codes:
        return frozenset(found)
    names = (name for call in calls for name in _names(call.programme))
    of_programmes = [by_programme[name] for name in names if name in by_programme]
    return frozenset().union(*of_programmes) if of_programmes else None


def programmes_of_partners(organisation: Organisation) -> dict[str, frozenset[Geography]]:
    """By programme: where the partners are that can take part in it with the organisation."""
    found: dict[str, set[Geography]] = {}
    for partner in organisation.partners:
        for link in partner.programmes:
            for name in _names(link.programme):
                found.setdefault(name, set()).add(partner.geography)
    return {name: frozenset(places) for name, places in found.items()}


def _names(programme: str) -> Iterator[str]:
    """A programme's name without what is said of it, `Horizon Europe, pillar II`, and its abbreviation."""
    if match := _PROGRAMME.fullmatch(programme):
        yield from (_plain(name) for name in match.group("name", "short") if name)


def _countries(call: Call) -> Iterator[str]:
    yield from call.countries
    for code in call.regions:
        yield _of_nuts(code)
    for zone in call.geographical_zones:
        if country := _country_names().get(_plain(zone)):
            yield country
        elif _CODE.fullmatch(zone) and _of_nuts(zone) in _country_names().values():
            yield _of_nuts(zone)


def _of_nuts(code: str) -> str:
    return NUTS_COUNTRIES.get(code[:2], code[:2])


@cache
def _country_names() -> dict[str, str]:
    """The countries by their names in the four languages and by their codes of three letters."""
    aliases: Mapping[str, list[str]] = get_global("territory_aliases")
    found = {_plain(long): short[0] for long, short in aliases.items() if long.isalpha() and len(short) == 1}
    for language in LANGUAGES:
        territories = Locale(language).territories
        found |= {_plain(name): code for code, name in territories.items() if len(code) == len("ES")}
    return {name: code for name, code in found.items() if code not in NO_COUNTRIES}


def _plain(text: str) -> str:
    """In lower case, without accents, hyphens and double spaces."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return " ".join(bare.replace("-", " ").lower().split())
