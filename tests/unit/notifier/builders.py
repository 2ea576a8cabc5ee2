"""Made-up calls, matches and an organisation, written to a real database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlmodel import select

from config.organisation import Organisation
from config.schema import Officer, Partner, PolicyArea, Profile, Project, Rule, Source
from store.calls import save
from store.database import Database
from store.models import Call, Match, SameCall
from store.records import CallRecord, DeadlineRecord

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
"""A Monday, 07:00 in Madrid."""
SENDER = "Test tracker <tracker@example.org>"


def in_all(words: str) -> dict[str, str]:
    return {language: f"{words} {language}" for language in ("ca", "es", "en", "fr")}


def officer(key: str = "mobility", language: str = "ca", **fields: Any) -> Officer:
    return Officer.model_validate(
        {
            "id": key,
            "name": in_all("Officer"),
            "email": f"{key}@example.org",
            "language": language,
            **fields,
        }
    )


def organisation(*officers: Officer) -> Organisation:
    terms: dict[str, list[str]] = {"ca": [], "es": [], "en": [], "fr": []}
    profile = {
        "id": "test",
        "name": in_all("Test metropolis"),
        "short_name": "TM",
        "website": "https://example.org/",
        "nature": in_all("public body"),
        "territory": {"country": "ES", "nuts": ["ES51"], "municipalities": 3, "population": 1000},
        "schedule": {"day": "mon", "time": "07:00", "timezone": "Europe/Madrid"},
        "language": "ca",
        "lines": [{"id": "line", "name": in_all("Line")}],
        "lacks": {language: [] for language in terms},
        "roles": [{"id": "partner", "name": in_all("Partner"), "words": terms}],
    }
    areas = [
        {
            "id": key,
            "name": in_all(key.title()),
            "basis": "test",
            "keywords": terms,
            "lines": lines,
            "sdgs": goals,
        }
        for key, lines, goals in (("mobility", [], [11]), ("water", ["line"], [6, 11]))
    ]
    partner = {
        "id": "test_city",
        "name": "Test City (TC)",
        "written": ["Test City"],
        "country": "FR",
        "geography": "europe",
        "tier": "named",
    }
    project = {
        "id": "test_project",
        "name": "TESTPROJECT",
        "kind": "award",
        "areas": ["water"],
        "summary": "",
    }
    rule = {
        "id": "smes",
        "verdict": "not_open",
        "field": "conditions",
        "pattern": "SMEs",
        "reason": in_all("Only for SMEs"),
        "evidence": "test",
    }
    source = {
        "key": "test_portal",
        "name": "Test portal",
        "address": "https://example.org",
        "page": "https://example.org/",
        "access": "",
        "terms": "",
        "robots": "",
        "cadence": "daily",
        "enabled": True,
    }
    return Organisation(
        profile=Profile.model_validate(profile),
        areas=tuple(PolicyArea.model_validate(area) for area in areas),
        projects=(Project.model_validate(project),),
        partners=(Partner.model_validate(partner),),
        networks=(),
        sources=(Source.model_validate(source),),
        officers=officers or (officer(),),
        rules=(Rule.model_validate(rule),),
    )


def deadline(day: str, stage: int | None = None, at: time | None = time(17)) -> DeadlineRecord:
    return DeadlineRecord(day=date.fromisoformat(day), at=at, stage=stage)


def record(key: str, *days: str, **fields: Any) -> CallRecord:
    """An open call with a deadline on each of `days` (one in June when none is given)."""
    known: dict[str, Any] = {
        "source": "test_portal",
        "source_key": key,
        "kind": "call",
        "identifiers": (key,),
        "titles": {"en": f"Title of {key}"},
        "texts": {"en": "Expected Outcome: Cities have cleaner air."},
        "programme": "Test programme",
        "types_of_action": ("Test action",),
        "status": "open",
        "opening": date(2026, 1, 15),
        "deadlines": tuple(deadline(day) for day in days or ("2026-06-30",)),
        "budget_cents": 12_000_000_00,
        "page": f"https://example.org/{key}",
    }
    return CallRecord.model_validate(known | fields)


def store(database: Database, *records: CallRecord, now: datetime = NOW) -> None:
    with database.writing() as session:
        save(session, records, None, now)


def match(database: Database, *places: tuple[str, float], **fields: Any) -> None:
    """Matches of calls by (source key, score): relevant, in the area of mobility, open, unless `fields` say
    otherwise."""
    known: dict[str, Any] = {
        "organisation": "test",
        "profile_hash": "",
        "model": "test",
        "percentile": 97.2,
        "areas": [{"id": "mobility", "score": 1.0, "terms": ["urban logistics"]}],
        "projects": [],
        "roles": [],
        "verdict": "open",
        "rule": "",
        "evidence": [],
        "matched_at": NOW,
    }
    with database.writing() as session:
        calls = {call.source_key: call for call in session.exec(select(Call))}
        for key, score in places:
            call = calls[key]
            facts = {"call_id": call.id, "call_version": call.version, "score": score}
            session.add(Match(**(facts | known | fields)))


def matched(database: Database, *records: CallRecord, **fields: Any) -> None:
    """Store `records`, each with a match; the first is the best."""
    store(database, *records)
    match(database, *((one.source_key, 100_000.0 - place) for place, one in enumerate(records)), **fields)


def same(database: Database, face: str, *copies: str) -> None:
    """Calls by source key that are one: the face, and as other sources state it."""
    with database.writing() as session:
        ids = {call.source_key: call.id or 0 for call in session.exec(select(Call))}
        for copy in copies:
            session.add(SameCall(call_id=ids[copy], face_id=ids[face], reason="code", evidence="TEST"))


def keys(items: Sequence[Any]) -> list[str]:
    return [item.call.source_key for item in items]
