"""What a call asks of a consortium and what it pays: facts for the reader, never a ground to exclude."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from config.schema import ProgrammeRule
from matcher.consortium import must_include, partners_and_countries
from matcher.eligibility import Evidence, quote
from matcher.excerpts import WINDOW, Excerpt
from matcher.facts import Fact, parts_of
from matcher.rates import funding_rate, own_share
from store.models import Call

WORDS_READ = 2
"""How many of the words on who has to be among the partners are kept: as many as a person reads on a sheet."""


@dataclass(frozen=True)
class Conditions:
    """Numbers of partners and countries, rates in per cent; `one_grant` where a single grant is expected.

    `operator` are words by which that grant pays the one body that runs a facility for others.
    """

    min_partners: Fact | None = None
    min_countries: Fact | None = None
    must_include: tuple[Evidence, ...] = ()
    funding_rate: Fact | None = None
    own_share: Fact | None = None
    one_grant: Fact | None = None
    operator: Evidence | None = None

    def as_json(self) -> dict[str, Any]:
        """What is known, by name: {"min_partners": {"value": 3, "basis": "call", "field": …, "words": …}, …}."""
        known: dict[str, Any] = {}
        for name, found in vars(self).items():
            match found:
                case Fact(value, evidence, basis, highest):
                    known[name] = {"value": value, "basis": basis} | asdict(evidence)
                    known[name] |= {} if highest is None else {"highest": highest}
                case Evidence():
                    known[name] = asdict(found)
                case (_, *_):
                    known[name] = [asdict(evidence) for evidence in found]
        return known


_ONE_GRANT = re.compile(
    r"(?i)\b(?:only one|one single|a single) (?:proposal|project|grant|action|consortium) "
    r"(?:is expected to be|is to be|will be|may be|can be) (?:funded|selected|awarded|financed|supported)\b"
)
_OPERATOR = re.compile(
    r"(?i)\b(?:support (?:facility|office|service|structure)|help ?desk|secretariat|(?:city|cities) facility)\b"
)


def read_conditions(call: Call, programmes: Sequence[ProgrammeRule] = ()) -> Conditions:
    """What `call` states; what it leaves open is filled from the first of the programmes' rules that meets it."""
    parts = list(parts_of(call))
    partners, countries = partners_and_countries(parts)
    required = list(must_include(parts))
    rate = _stated_rate(call) or funding_rate(parts)
    programme = next((rule for rule in programmes if _meets(rule, call)), None)
    if programme is not None:
        if partners is None or partners.value < (programme.min_partners or 0):
            # A call that asks for two cities asks for them on top of the programme's three partners.
            required = [*([partners.evidence] if partners else []), *required]
            partners = _of_programme(programme, programme.min_partners)
            countries = _of_programme(programme, programme.min_countries)
        rate = rate or _of_programme(programme, programme.funding_rate)
    one_grant = _one_grant(call, parts)
    return Conditions(
        min_partners=partners,
        min_countries=countries,
        must_include=tuple(dict.fromkeys(required))[:WORDS_READ],
        funding_rate=rate,
        own_share=own_share(parts),
        one_grant=one_grant,
        operator=_operator(call) if one_grant else None,
    )


def _stated_rate(call: Call) -> Fact | None:
    if not call.funding_rate:
        return None
    return Fact(call.funding_rate, Evidence("funding_rate", f"{call.funding_rate} %"))


def _one_grant(call: Call, parts: Sequence[Excerpt]) -> Fact | None:
    if call.expected_grants == 1:
        return Fact(1, Evidence("expected_grants", "1"))
    for part in parts:
        if match := _ONE_GRANT.search(part.text):
            return Fact(1, quote(part, match.start(), match.end()))
    return None


def _operator(call: Call) -> Evidence | None:
    """In the title, or in the opening of a text."""
    fields: tuple[tuple[str, Mapping[str, str]], ...] = (("title", call.titles), ("text", call.texts))
    for field, by_language in fields:
        for language, text in by_language.items():
            if match := _OPERATOR.search(text, 0, WINDOW):
                return Evidence(field, match.group(), match.start(), match.end(), language)
    return None


def _meets(rule: ProgrammeRule, call: Call) -> bool:
    match rule.field:
        case "identifier":
            texts = call.identifiers[:1]
        case "type_of_action":
            texts = call.types_of_action
        case "title":
            texts = [call.title]
        case _:
            texts = [call.programme]
    return any(re.search(rule.pattern, text, re.IGNORECASE) for text in texts)


def _of_programme(rule: ProgrammeRule, value: int | None) -> Fact | None:
    return None if value is None else Fact(value, Evidence("programme", "", rule=rule.id), "programme")
