"""What calls are broken down by, as far as they and their matches state it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import lazyload, load_only
from sqlmodel import Session, col, select

from config.clock import local_day
from config.organisation import Organisation
from notifier.geography import geographies, programmes_of_partners
from notifier.reasons import DECISION
from store.models import Call, Match

AT_ONCE = 10_000
"""Calls that one query asks for: SQLite takes 32,766 values, PostgreSQL 65,535."""
ELSEWHERE = "elsewhere"
"""Outside all parts of the world that `config.schema.Geography` knows."""


class Dimension(StrEnum):
    """What calls are broken down by. Each has one source and one programme, and may be in several groups of the others."""

    LINE = "line"
    AREA = "area"
    PROGRAMME = "programme"
    GEOGRAPHY = "geography"
    PARTNER = "partner"
    SOURCE = "source"
    YEAR = "year"


@dataclass(frozen=True)
class Facts:
    """What is known of a call, in all of its sources, that counts for where it counts. `rule`: what hides or hid it."""

    keys: Mapping[Dimension, tuple[str, ...]]
    published: date | None
    first_seen: date
    rule: str


def read_facts(
    session: Session, organisation: Organisation, face_of: Mapping[int, int], call_ids: Iterable[int]
) -> dict[int, Facts]:
    wanted = set(call_ids)
    sources = wanted | {copy for copy, face in face_of.items() if face in wanted}
    by_face: defaultdict[int, list[Call]] = defaultdict(list)
    for call in _calls(session, sources):
        assert call.id is not None
        by_face[face_of.get(call.id, call.id)].append(call)
    matches = _matches(session, organisation.key, wanted)
    by_programme = programmes_of_partners(organisation)
    lines_of = {area.id: area.lines for area in organisation.areas}
    found = {}
    for face_id, calls in by_face.items():
        calls.sort(key=lambda call: call.id != face_id)
        match = matches.get(face_id)
        areas = tuple(dict.fromkeys(str(one["id"]) for one in match.areas)) if match else ()
        places = geographies(calls, by_programme)
        found[face_id] = Facts(
            keys={
                Dimension.LINE: tuple(
                    dict.fromkeys(line for area in areas for line in lines_of.get(area, ()))
                ),
                Dimension.AREA: areas,
                Dimension.PROGRAMME: (calls[0].programme,),
                Dimension.GEOGRAPHY: () if places is None else tuple(sorted(places)) or (ELSEWHERE,),
                Dimension.PARTNER: tuple(dict.fromkeys(str(one["id"]) for one in match.named))
                if match
                else (),
                Dimension.SOURCE: (calls[0].source,),
            },
            published=min((call.published for call in calls if call.published), default=None),
            first_seen=min(local_day(call.first_seen_at) for call in calls),
            rule=_rule(match) if match else "",
        )
    return found


def _calls(session: Session, call_ids: Iterable[int]) -> Iterator[Call]:
    """Calls without their texts and deadlines."""
    needed = (
        Call.source,
        Call.programme,
        Call.published,
        Call.first_seen_at,
        Call.countries,
        Call.regions,
        Call.geographical_zones,
    )
    for part in _parts(call_ids):
        statement = select(Call).where(col(Call.id).in_(part))
        yield from session.exec(
            statement.options(load_only(*needed, raiseload=True), lazyload(Call.deadlines))  # type: ignore[arg-type]
        )


def _matches(session: Session, organisation: str, call_ids: Iterable[int]) -> dict[int, Match]:
    needed = (Match.call_id, Match.areas, Match.named, Match.rule, Match.evidence)
    found: dict[int, Match] = {}
    for part in _parts(call_ids):
        statement = select(Match).where(Match.organisation == organisation, col(Match.call_id).in_(part))
        rows = session.exec(statement.options(load_only(*needed, raiseload=True)))  # type: ignore[arg-type]
        found.update((row.call_id, row) for row in rows)
    return found


def _parts(call_ids: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(call_ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def _rule(match: Match) -> str:
    """The rule that decides on the call, or that a person's decision set aside."""
    if match.rule != DECISION:
        return match.rule
    return str(match.evidence[0].get("rule", "")) if match.evidence else ""
