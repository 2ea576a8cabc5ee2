"""A store in which every page of the review has all its parts: long words, hostile titles, many of everything."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from config.organisation import load_organisation
from store.acts import Act, AssignmentRecord, perform, take_back
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict
from store.models import Call, CrawlRun, Delivery, DeliveryItem, SourceCheck
from store.notes import NoteRecord
from store.records import CallRecord, Document
from store.saved_filters import save_filter
from store.stages import CallStage, StageRecord
from tests.conftest import AMB
from tests.unit.notifier.builders import NOW, deadline, match, record, same, store
from tests.unit.notifier.full_sheets import AIMS, TITLE, fact

ORGANISATION = load_organisation(AMB)
FIRST, SECOND = ORGANISATION.officers[:2]
RULES = [rule.id for rule in ORGANISATION.rules if rule.verdict == "not_open"][:3]
PORTALS = [source.key for source in ORGANISATION.sources][:2]
LONG = "Supercalifragilistic" * 6
HOSTILE = f"<script>console.error('run')</script><img src=x onerror=console.error('run')> {LONG}"
CONDITIONS = (
    "Proposals are led by companies. Only SMEs may apply to this made-up call. Grants are paid in two parts."
)
QUOTED = "Only SMEs may apply to this made-up call"
OPEN, HIDDEN = 27, 54
"""Calls that no rule hides, and that one hides: each more than a page."""
FACTS: dict[str, Any] = {
    "areas": [
        {"id": key, "score": 1.0, "terms": ["made-up heat networks", "renewal"]}
        for key in ("mobility", "water")
    ],
    "projects": [{"id": ORGANISATION.projects[0].id, "score": 4.0, "terms": []}],
    "roles": [{"id": ORGANISATION.profile.roles[0].id, "terms": ["local authorities"]}],
    "named": [{"id": "sfax", "words": "Sfax", "place": "text"}],
    "conditions": {
        "min_partners": fact(3),
        "min_countries": fact(3),
        "funding_rate": fact(70),
        "must_include": [{"words": "two cities"}],
    },
}


@dataclass(frozen=True)
class Doing:
    """What officers do, in a store."""

    session: Session

    def __call__(self, key: str, act: Act, officer: str = FIRST.id) -> None:
        perform(self.session, ORGANISATION.key, officer, self._call(key), act, NOW - timedelta(days=2))

    def undo(self, key: str, officer: str = FIRST.id) -> None:
        assert take_back(self.session, ORGANISATION.key, officer, self._call(key), NOW - timedelta(days=1))

    def told(self, day: date, keys: Iterable[str]) -> None:
        """A digest of `day` that held the calls."""
        at = NOW.replace(month=day.month, day=day.day)
        delivery = Delivery(
            organisation=ORGANISATION.key,
            officer=FIRST.id,
            period=str(day),
            state="sent",
            message_id="",
            message="",
            prepared_at=at,
            sent_at=at,
        )
        self.session.add(delivery)
        self.session.flush()
        assert delivery.id is not None
        for key in keys:
            call_id = self._call(key).id
            assert call_id is not None
            self.session.add(
                DeliveryItem(delivery_id=delivery.id, call_id=call_id, call_version=1, section="new")
            )

    def _call(self, key: str) -> Call:
        return self.session.exec(select(Call).where(Call.source_key == key)).one()


def fill(database: Database) -> None:
    """Made-up calls of AMB's portals, ranked, decided on and told of; readings of its sources and looks at them."""
    _calls(database)
    with database.writing() as session:
        _decisions(Doing(session))
        save_filter(session, ORGANISATION.key, FIRST.id, f"Water {LONG[:70]}", "area=water", NOW)
        _readings(session)


def _calls(database: Database) -> None:
    before = NOW - timedelta(days=9)
    store(database, full(), copy(), *open_calls(), *hidden_calls(), now=before)
    match(database, ("TEST-FULL", 1_000.0), organisation=ORGANISATION.key, **FACTS | _hidden(RULES[0]))
    open_keys = [(one.source_key, 900.0 - place) for place, one in enumerate(open_calls())]
    match(database, *open_keys, organisation=ORGANISATION.key, **FACTS)
    for place, one in enumerate(hidden_calls()):
        facts = FACTS | _hidden(RULES[place % len(RULES)])
        match(database, (one.source_key, 500.0 - place), organisation=ORGANISATION.key, **facts)
    same(database, "TEST-FULL", "TEST-COPY")
    moved = full(
        titles={"en": f"{TITLE} {LONG}", "es": "Una convocatoria inventada"},
        texts={"en": AIMS.replace("renewal", "building"), "ca": "Una convocatòria inventada. " * 8},
        deadlines=(deadline("2026-03-26", stage=1), deadline("2026-10-06", stage=2)),
    )
    with database.writing() as session:
        save(session, [moved], None, NOW - timedelta(days=1))


def full(**facts: Any) -> CallRecord:
    known: dict[str, Any] = {
        "source": PORTALS[0],
        "titles": {"en": f"{TITLE} {LONG}"},
        "texts": {"en": f"{AIMS}\nكلمات من اليمين إلى اليسار stand in a paragraph of their own."},
        "conditions": {"en": CONDITIONS},
        "deadlines": (deadline("2026-03-20", stage=1), deadline("2026-10-06", stage=2)),
        "programme": "Interreg NEXT MED",
        "expected_grants": 3,
        "grant_max_cents": 4_000_000_00,
        "funding_rate": 85,
        "geographical_zones": ("Made-up basin of " + LONG,),
        "countries": ("ES", "FR", "TN"),
        "applicants": ("Local authorities", "Only SMEs"),
        "documents": (
            Document(
                title=f"Conditions {LONG}", address="https://example.org/TEST.pdf", kind="pdf", size=9_000
            ),
        ),
        "keywords": ("heat networks", LONG),
        "notices": ("deadline_in_prose",),
    }
    return record("TEST-FULL", **known | facts)


def copy() -> CallRecord:
    return record(
        "TEST-COPY", "2026-03-21", source=PORTALS[1], titles={"ca": "La mateixa convocatòria inventada"}
    )


def open_calls() -> list[CallRecord]:
    """In three languages, one of them hostile; their deadlines stand in one month and one beyond it."""
    titles = (
        {"en": HOSTILE},
        {"ca": "Aire més net a les metròpolis inventades"},
        {"es": "Calor y frío de baja temperatura"},
        {"fr": f"Transports inventés {LONG}"},
    )
    return [
        record(
            f"TEST-OPEN-{place:02}",
            f"2026-03-{place % 9 + 2:02}" if place else "2026-04-30",
            source=PORTALS[0],
            titles=titles[place % len(titles)],
            programme="Interreg NEXT MED" if place % 2 else f"Programme of {LONG}",
        )
        for place in range(OPEN)
    ]


def hidden_calls() -> list[CallRecord]:
    return [
        record(
            f"TEST-HIDDEN-{place:02}",
            source=PORTALS[0],
            titles={"en": HOSTILE if place % 25 == 0 else f"Made-up accelerator number {place}"},
            conditions={"en": CONDITIONS},
        )
        for place in range(HIDDEN)
    ]


def _hidden(rule: str) -> dict[str, Any]:
    start = CONDITIONS.index(QUOTED)
    place = {"field": "conditions", "words": QUOTED, "start": start, "end": start + len(QUOTED)}
    return {"verdict": "not_open", "rule": rule, "evidence": [place | {"language": "en", "rule": rule}]}


def _decisions(do: Doing) -> None:
    no = DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=Reason.ROLE, note=HOSTILE)
    yes = DecisionRecord(verdict=Verdict.RELEVANT, note=LONG)
    do.told(date(2026, 2, 2), (f"TEST-OPEN-{place:02}" for place in range(12)))
    do("TEST-FULL", no, SECOND.id)
    do("TEST-FULL", yes)
    do.undo("TEST-FULL")
    do("TEST-FULL", AssignmentRecord(officer=SECOND.id))
    do("TEST-FULL", NoteRecord(text=f"A note of several lines\n{HOSTILE}"), SECOND.id)
    do("TEST-FULL", StageRecord(stage=CallStage.PREPARING, day=date(2026, 2, 25)))
    for place, cents in ((1, 1_234_567_00), (2, 765_000_00)):
        submitted = StageRecord(stage=CallStage.SUBMITTED, day=date(2026, 2, 20), cents=cents)
        do(f"TEST-OPEN-{place:02}", yes)
        do(f"TEST-OPEN-{place:02}", submitted)
    do("TEST-OPEN-01", StageRecord(stage=CallStage.AWARDED, day=date(2026, 2, 27), cents=1_000_000_00))
    do("TEST-OPEN-03", no)
    reopened = DecisionRecord(verdict=Verdict.OPEN, note=HOSTILE)
    do("TEST-HIDDEN-00", reopened)
    do("TEST-HIDDEN-01", reopened, SECOND.id)


def _readings(session: Session) -> None:
    outcomes: tuple[dict[str, Any], ...] = (
        {"outcome": "ok", "new": 12, "changed": 3},
        {"outcome": "partial", "error": "rate_limited", "declared": 12_345, "quarantined": 4},
        {"outcome": "failed", "error": "blocked"},
        {"outcome": "empty", "error": "unreadable"},
        {"outcome": "running", "ended_at": None},
    )
    for place, facts in enumerate(outcomes * 2):
        at = NOW - timedelta(hours=20 - place)
        known: dict[str, Any] = {
            "source": PORTALS[place % 2],
            "started_at": at,
            "ended_at": at,
            "seen": 1_200,
        }
        session.add(CrawlRun(**known | facts))
    found: list[dict[str, Any]] = [
        {"part": "fields", "kind": "gone", "field": f"<b>{LONG}</b>", "before": LONG, "after": None},
        {"part": "robots", "kind": "changed"},
    ]
    for source, outcome, findings in ((PORTALS[0], "drift", found), (PORTALS[1], "ok", [])):
        session.add(
            SourceCheck(
                source=source,
                checked_at=NOW - timedelta(days=1),
                live=True,
                outcome=outcome,
                findings=findings,
            )
        )
