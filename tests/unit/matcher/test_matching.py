"""The job end to end: calls in the store become matches with their reasons."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from config.organisation import Organisation
from matcher.documents import Document
from matcher.eligibility import Verdict
from matcher.explanation import explain_all
from matcher.matching import MatchReport, match_calls, model_name
from matcher.profile import Profile
from matcher.ranking import MODEL
from store.calls import save
from store.database import Database
from store.matches import matches_of
from store.models import Match
from store.records import CallRecord
from store.same_calls import Same, replace_same_calls
from tests.unit.matcher.encoders import MadeUp
from tests.unit.matcher.rankings import ranked

MakeRecord = Callable[..., CallRecord]


@pytest.fixture
def filled(database: Database, record: MakeRecord, now: datetime) -> Database:
    calls = [
        record("TEST-quantum", "Quantum sensors", "Photonic chips read out atoms in a vacuum."),
        record(
            "TEST-waste",
            "Waste management in cities",
            "Municipalities and metropolitan authorities test circular economy and bio-waste collection. "
            "Cities run urban living labs with public procurers.",
        ),
        record(
            "ERC-TEST",
            "Starting grants",
            "Applicants are researchers with an idea.",
            identifiers=("ERC-2026-TEST",),
        ),
        record("TEST-empty", "Untitled"),
        record(
            "TEST-aigua",
            "Reutilització de l'aigua",
            texts={"ca": "Els ens locals i les àrees metropolitanes regeneren l'aigua per al reg urbà."},
            titles={"ca": "Reutilització de l'aigua"},
        ),
    ]
    with database.writing() as session:
        save(session, calls, None, now)
    return database


def by_key(session: Session, organisation: Organisation) -> dict[int, Match]:
    return {match.call_id: match for match in matches_of(session, organisation.key)}


def test_every_call_gets_a_match_with_its_reasons(
    filled: Database, organisation: Organisation, profile: Profile, now: datetime
) -> None:
    told: list[tuple[int, int]] = []
    report = match_calls(filled, organisation, now, lambda done, of: told.append((done, of)))
    assert report == MatchReport(calls=5, not_open=1)
    assert told == [(5, 5)]
    with filled.reading() as session:
        ordered = matches_of(session, organisation.key)
        matches = by_key(session, organisation)
    assert set(matches) == {1, 2, 3, 4, 5}
    assert [match.percentile for match in ordered] == [100, 75, 50, 25, 0]
    waste, erc, empty, water = matches[2], matches[3], matches[4], matches[5]
    assert ordered[0].call_id == 2
    assert (waste.model, waste.profile_hash, waste.call_version, waste.matched_at) == (
        MODEL,
        profile.hash,
        1,
        now,
    )
    assert waste.areas[0]["id"] == "waste_circular"
    assert "circular economy" in waste.areas[0]["terms"]
    assert (
        {"buyer", "pilot", "lead", "partner", "forward"} >= {role["id"] for role in waste.roles} > {"buyer"}
    )
    assert waste.verdict == Verdict.OPEN
    assert (erc.verdict, erc.rule) == (Verdict.NOT_OPEN, "erc")
    assert erc.evidence == [
        {
            "field": "identifier",
            "words": "ERC-2026-TEST",
            "start": 0,
            "end": 13,
            "language": "",
            "rule": "erc",
        }
    ]
    assert erc.conditions == {}
    assert (empty.areas, empty.projects, empty.roles, empty.verdict) == ([], [], [], Verdict.UNKNOWN)
    assert (water.verdict, water.rule) == (Verdict.OPEN, "local_bodies_ca")
    assert "àrees metropolitanes" in [term for role in water.roles for term in role["terms"]]


def test_matches_name_the_version_that_was_read(
    filled: Database, organisation: Organisation, record: MakeRecord, now: datetime
) -> None:
    with filled.writing() as session:
        save(session, [record("TEST-quantum", "Quantum sensors", "Now in cities.")], None, now)
    match_calls(filled, organisation, now)
    with filled.reading() as session:
        assert {call_id: match.call_version for call_id, match in by_key(session, organisation).items()} == {
            1: 2,
            2: 1,
            3: 1,
            4: 1,
            5: 1,
        }


def test_matching_again_replaces(filled: Database, organisation: Organisation, now: datetime) -> None:
    match_calls(filled, organisation, now)
    later = now + timedelta(days=1)
    match_calls(filled, organisation, later)
    with filled.reading() as session:
        rows = session.exec(select(Match)).all()
    assert len(rows) == 5
    assert {row.matched_at for row in rows} == {later}


def test_killed_half_way_leaves_the_former_matches(
    filled: Database, organisation: Organisation, record: MakeRecord, now: datetime
) -> None:
    match_calls(filled, organisation, now)
    with filled.writing() as session:
        save(session, [record("TEST-quantum", "Quantum sensors", "Now in cities.")], None, now)

    def kill(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        match_calls(filled, organisation, now + timedelta(days=1), kill)
    with filled.reading() as session:
        matches = matches_of(session, organisation.key)
    assert len(matches) == 5
    assert {match.matched_at for match in matches} == {now}


def test_other_organisations_keep_their_matches(
    filled: Database, organisation: Organisation, now: datetime
) -> None:
    other = replace(organisation, profile=organisation.profile.model_copy(update={"id": "other"}))
    match_calls(filled, other, now)
    match_calls(filled, organisation, now)
    with filled.reading() as session:
        assert len(matches_of(session, "other")) == len(matches_of(session, organisation.key)) == 5


def test_empty_store(tmp_path: Path, organisation: Organisation, now: datetime) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert match_calls(database, organisation, now) == MatchReport(0, 0)
    database.close()


def test_explanation_names_areas_roles_and_projects_best_first(
    document: Callable[..., Document], profile: Profile
) -> None:
    documents = [
        document(
            "Circular economy and waste", "Waste prevention, reuse and recycling in metropolitan areas. " * 5
        ),
        *[
            document(f"Noise {n}", f"Sensor {n} for vacuum chamber {n * 7} and detector {n * 13}.")
            for n in range(20)
        ],
    ]
    explained = list(explain_all(ranked(documents, profile), profile))
    first = explained[0]
    assert first.areas[0]["id"] == "waste_circular"
    assert [area["score"] for area in first.areas] == sorted((a["score"] for a in first.areas), reverse=True)
    assert [entry["score"] for entry in first.projects] == sorted(
        (p["score"] for p in first.projects), reverse=True
    )
    assert first.roles == [{"id": "lead", "terms": ["metropolitan areas"]}]
    assert first.eligibility.verdict is Verdict.OPEN
    assert (first.eligibility.rule, first.eligibility.role) == ("", "lead")
    assert [evidence.words for evidence in first.eligibility.evidence] == ["metropolitan areas"]
    assert all(not entry.roles and entry.eligibility.verdict is Verdict.UNKNOWN for entry in explained[1:])


def test_words_of_a_role_do_not_open_what_a_rule_closes(
    document: Callable[..., Document], profile: Profile
) -> None:
    closed = document("Cities", "Cities and municipalities.", identifier="EDF-2026-TEST")
    (explanation,) = explain_all(ranked([closed], profile), profile)
    assert explanation.roles
    assert explanation.eligibility.rule == "defence"


def test_a_call_that_another_source_states_too_is_ranked_once(
    filled: Database, organisation: Organisation, record: MakeRecord, now: datetime
) -> None:
    copy = record("TEST-copy", "Waste management in cities", source="register")
    with filled.writing() as session:
        save(session, [copy], None, now)
    assert match_calls(filled, organisation, now).calls == 6
    with filled.writing() as session:
        replace_same_calls(session, [Same(6, 2, "title", "")])
    assert match_calls(filled, organisation, now).calls == 5
    with filled.reading() as session:
        ordered = matches_of(session, organisation.key)
    assert {match.call_id for match in ordered} == {1, 2, 3, 4, 5}
    assert [match.percentile for match in ordered] == [100, 75, 50, 25, 0]


def test_with_an_encoder_only_what_is_new_is_encoded(
    filled: Database, organisation: Organisation, record: MakeRecord, now: datetime
) -> None:
    encoder = MadeUp()
    told: list[tuple[int, int]] = []
    match_calls(filled, organisation, now, encoder=encoder, encoding=lambda done, of: told.append((done, of)))
    assert told == [(5, 5)]
    with filled.reading() as session:
        assert {match.model for match in matches_of(session, organisation.key)} == {model_name(encoder)}
    with filled.writing() as session:
        save(session, [record("TEST-quantum", "Quantum sensors", "Now in cities.")], None, now)
    encoder.encoded.clear()
    match_calls(filled, organisation, now, encoder=encoder)
    assert encoder.encoded == ["Quantum sensors. Now in cities."]
