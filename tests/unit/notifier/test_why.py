"""Why a call is or is not in a digest: always the selection's own answer."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from config.organisation import LANGUAGES, Language
from notifier.gates import Gate
from notifier.selection import select_digest, select_instant
from notifier.why import REASONS, explain
from store.database import Database
from store.decisions import Verdict
from store.models import Call
from tests.unit.notifier.builders import NOW, match, matched, officer, organisation, record, same, store
from tests.unit.notifier.telling import say, stage, tell, week_was_told, why

WEEK = timedelta(days=7)
COMING: dict[str, Any] = {"status": "forthcoming", "opening": date(2026, 12, 1)}
EVIDENCE = [{"field": "conditions", "words": "only SMEs"}]


def closed(database: Database) -> None:
    matched(database, record("TEST-1", "2026-03-01", status="open"))


def told(database: Database) -> None:
    matched(database, record("TEST-1"))
    tell(database)


def muted(database: Database) -> None:
    matched(database, record("TEST-1"))
    say(database, "TEST-1", Verdict.MUTED)


def dismissed(database: Database) -> None:
    matched(database, record("TEST-1"))
    say(database, "TEST-1", Verdict.NOT_RELEVANT, now=NOW - WEEK)


def crowded(database: Database) -> None:
    matched(database, record("TEST-0"), record("TEST-1"))


def shortlisted(database: Database) -> None:
    matched(database, record("TEST-1"), percentile=1.0)
    stage(database, "TEST-1", "shortlisted")


def between_digests(database: Database) -> None:
    matched(database, record("TEST-1", "2027-06-30"), percentile=96.0)
    week_was_told(database)


def one(**fields: Any) -> Callable[[Database], None]:
    facts = {"status", "opening", "kind", "titles", "countries"}
    of_call = {name: value for name, value in fields.items() if name in facts}
    of_match = {name: value for name, value in fields.items() if name not in facts}
    return lambda database: matched(database, record("TEST-1", "2027-06-30", **of_call), **of_match)


@pytest.mark.parametrize(
    ("arrange", "asked", "said"),
    [
        (one(), {}, "It is in the digest, under “New”, at place 1."),
        (
            one(verdict="not_open", rule="smes", evidence=EVIDENCE),
            {},
            "An eligibility rule hides it: Only for SMEs en The conditions say “only SMEs”.",
        ),
        (closed, {}, "It is closed."),
        (one(), {"areas": ["water"]}, "Areas asked for: Water en; those of the call: Mobility en."),
        (
            one(countries=("BR",)),
            {"geography": ["europe", "africa"]},
            "Geography asked for: Europe and Africa; those of the call: Latin America.",
        ),
        (
            one(titles={"de": "Titel"}),
            {"languages": ["ca", "es"]},
            "Languages asked for: Catalan and Spanish; those of the call: German and English.",
        ),
        (
            one(),
            {"kinds": ["prize"]},
            "Kinds of call asked for: Prize; those of the call: Call for proposals.",
        ),
        (
            one(percentile=84.97),
            {},
            "It ranks above 84.9% of all calls; 85% is the least that is asked for.",
        ),
        (muted, {}, "The officer muted it today."),
        (dismissed, {}, "The officer said on 23 February that it is not relevant."),
        (told, {}, "It was told today, under “New”, and nothing that matters has changed since."),
        (one(**COMING), {}, "It opens on 1 December: that is told from 183 days ahead."),
        (
            shortlisted,
            {},
            "It is shortlisted: it comes back when it changes, and 30, 14, 7 and 2 days before",
        ),
        (
            crowded,
            {"limit": 1},
            "It waits at place 2 of 2 under “New”: the mail holds 1 at most, and its sections take turns.",
        ),
        (
            between_digests,
            {"cadence": "instant"},
            "It ranks above 96% of all calls; 97% is the least that is asked for.",
        ),
    ],
)
def test_each_gate_says_what_stops_the_call(
    database: Database, arrange: Callable[[Database], None], asked: dict[str, Any], said: str
) -> None:
    arrange(database)
    answer = why(database, "TEST-1", **asked)
    assert said in answer
    assert answer.startswith("It is in the digest" if "It is in" in said else "It is not in the digest.")


def test_a_call_that_was_not_matched_yet(database: Database) -> None:
    store(database, record("TEST-1"))
    assert why(database, "TEST-1") == (
        "It is not in the digest. It has not been matched yet: that happens with the next ranking."
    )


def test_a_copy_is_answered_as_its_face(database: Database) -> None:
    matched(database, record("TEST-1"))
    store(database, record("TEST-COPY", source="other"))
    same(database, "TEST-1", "TEST-COPY")
    assert why(database, "TEST-COPY") == (
        "It is in the digest, under “New”, at place 1. It is told as “Title of TEST-1” of another source."
    )


def test_one_that_is_told_with_another(database: Database) -> None:
    store(database, record("TEST-1"), record("TEST-2"))
    match(database, ("TEST-1", 2.0), ("TEST-2", 1.0), group_id=1)
    assert "It stands there with “Title of TEST-1”" in why(database, "TEST-2")


def test_every_gate_has_its_words() -> None:
    assert set(REASONS) == set(Gate)


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_the_officers_language(database: Database, language: Language) -> None:
    matched(database, record("TEST-1"))
    tell(database)
    with database.reading() as session:
        call = session.exec(select(Call)).one()
        said = explain(session, organisation(), officer(language=language), call, NOW)
    assert (
        said
        == {
            "ca": [
                "No és al butlletí.",
                "Enviada avui, a «Noves»; des d’aleshores no ha canviat res d’important.",
            ],
            "es": [
                "No está en el boletín.",
                "Enviada hoy, en «Nuevas»; desde entonces no ha cambiado nada importante.",
            ],
            "en": [
                "It is not in the digest.",
                "It was told today, under “New”, and nothing that matters has changed since.",
            ],
            "fr": [
                "Il n’est pas dans le bulletin.",
                "Il a été signalé aujourd’hui, sous « Nouveaux », et rien d’important n’a changé depuis.",
            ],
        }[language]
    )


FACTS = st.fixed_dictionaries(
    {
        "days": st.integers(-5, 60),
        "status": st.sampled_from(["open", "forthcoming", "unknown", "closed"]),
        "opens": st.integers(-10, 250),
        "kind": st.sampled_from(["call", "prize"]),
        "language": st.sampled_from(["en", "ca", "de"]),
        "country": st.sampled_from(["", "ES", "BR"]),
        "percentile": st.sampled_from([1.0, 84.9, 85.0, 97.0]),
        "area": st.sampled_from(["", "mobility", "water"]),
        "verdict": st.sampled_from(["open", "unlikely", "not_open"]),
        "project": st.booleans(),
        "said": st.sampled_from([None, None, Verdict.MUTED, Verdict.NOT_RELEVANT, Verdict.RELEVANT]),
        "stage": st.sampled_from(["", "", "seen", "shortlisted", "preparing", "submitted"]),
        "told": st.booleans(),
        "group": st.sampled_from([None, None, 1]),
    }
)
ASKED = st.fixed_dictionaries(
    {
        "areas": st.sampled_from([[], ["water"], ["mobility", "water"]]),
        "lines": st.sampled_from([[], ["line"]]),
        "geography": st.sampled_from([[], ["europe"]]),
        "languages": st.sampled_from([[], ["ca", "en"]]),
        "kinds": st.sampled_from([[], ["call"]]),
        "minimum": st.sampled_from([0, 85]),
        "limit": st.integers(1, 4),
        "horizon": st.sampled_from([30, 183]),
        "cadence": st.sampled_from(["weekly", "daily", "instant"]),
    }
)


def build(database: Database, number: int, facts: dict[str, Any]) -> None:
    key = f"TEST-{number}"
    day = NOW.date() + timedelta(days=facts["days"])
    store(
        database,
        record(
            key,
            day.isoformat(),
            status=facts["status"],
            opening=NOW.date() + timedelta(days=facts["opens"]),
            kind=facts["kind"],
            titles={facts["language"]: key},
            texts={},
            countries=(facts["country"],) if facts["country"] else (),
        ),
    )
    match(
        database,
        (key, 100.0 - number),
        percentile=facts["percentile"],
        verdict=facts["verdict"],
        areas=[{"id": facts["area"], "score": 2.0, "terms": []}] if facts["area"] else [],
        projects=[{"id": "test_project", "score": 4.0, "terms": []}] if facts["project"] else [],
        group_id=facts["group"],
    )
    if facts["said"]:
        say(database, key, facts["said"])
    if facts["stage"]:
        stage(database, key, facts["stage"], who="mobility" if number % 2 else "colleague")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(FACTS, min_size=1, max_size=8), asked=ASKED)
def test_it_says_that_a_call_is_in_exactly_when_it_is(
    tmp_path_factory: pytest.TempPathFactory, found: list[dict[str, Any]], asked: dict[str, Any]
) -> None:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('why') / 'funding.db'}")
    try:
        for number, facts in enumerate(found):
            if facts["told"]:
                build(database, number, facts)
        tell(database, now=NOW - WEEK, minimum=0, limit=100)
        for number, facts in enumerate(found):
            if not facts["told"]:
                build(database, number, facts)
        who = officer(**asked)
        if who.cadence == "instant":
            week_was_told(database)
        choose = select_instant if who.cadence == "instant" else select_digest
        with database.reading() as session:
            held = {item.call_id for item in choose(session, organisation(), who, NOW).calls}
            for call in session.exec(select(Call)).all():
                said = explain(session, organisation(), who, call, NOW, "en")
                assert said[0].startswith("It is in the digest") is (call.id in held), said
                assert len(said) > 1 or call.id in held
    finally:
        database.close()
