"""Mails full of made-up calls, each with as much on its sheet as a real one has."""

from typing import Any

from config.organisation import Organisation
from config.schema import Officer
from notifier.letter import write_letter
from notifier.mail import Letter
from store.database import Database
from store.records import CallRecord
from tests.unit.notifier.builders import NOW, matched, organisation, record
from tests.unit.notifier.telling import selected

REVIEW = "https://funding.example.org"
PORTAL = "https://example.org/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details"
TITLE = "Made-up demonstration of low-temperature heating and cooling in multi-apartment buildings of metropolises"
AIMS = (
    "Made-up cities plan, finance and run the renewal of their heating networks together with those who live there. "
    "Other made-up cities learn from it, and the share of fossil fuels in the heat that they use falls by half."
)


def fact(value: int, **more: Any) -> dict[str, Any]:
    return {"value": value, "basis": "programme", "field": "conditions", "words": "TEST"} | more


FACTS: dict[str, Any] = {
    "areas": [
        {"id": key, "score": 1.0, "terms": [f"made-up heat networks {key}", "energy communities", "renewal"]}
        for key in ("mobility", "water")
    ],
    "projects": [{"id": "test_project", "score": 4.0, "terms": []}],
    "roles": [{"id": "partner", "terms": ["local authorities", "metropolitan areas", "public bodies"]}],
    "evidence": [
        {"field": "conditions", "words": "at least two cities, represented by a local authority", "rule": ""}
    ],
    "named": [{"id": "test_city", "words": "Test City", "place": "text"}],
    "conditions": {
        "min_partners": fact(3),
        "min_countries": fact(3),
        "funding_rate": fact(70),
        "must_include": [{"words": "two cities"}],
    },
}


def full(number: int, **facts: Any) -> CallRecord:
    key = f"TEST-HORIZON-MISS-2026-04-CIT-{number:02}"
    known: dict[str, Any] = {
        "titles": {"en": f"{TITLE} ({number})"},
        "texts": {"en": AIMS},
        "programme": "Test programme",
        "types_of_action": ("HORIZON Test Actions",),
        "expected_grants": 3,
        "grant_max_cents": 4_000_000_00,
        "page": f"{PORTAL}/{key}",
    }
    return record(key, f"2026-03-{number + 5:02}", **(known | facts))


def full_letter(
    database: Database, who: Officer, count: int = 1, whose: Organisation | None = None, review_url: str = ""
) -> Letter:
    """A mail of `count` calls, at most 20."""
    matched(database, *(full(number) for number in range(count)), **FACTS)
    ours = whose or organisation()
    return write_letter(selected(database, who, whose=ours), ours, who, NOW, review_url=review_url)
