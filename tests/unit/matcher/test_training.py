"""The job end to end: decisions in the store become a model, and the next match goes by it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlmodel import select

from config.organisation import Organisation
from matcher import learning
from matcher.learning import Outcome
from matcher.matching import match_calls
from matcher.training import learn
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict, decide, withdraw
from store.learnt import learnt_models, roll_back
from store.matches import matches_of
from store.models import Call, Decision, Match
from store.records import CallRecord
from store.same_calls import Same, replace_same_calls

MakeRecord = Callable[..., CallRecord]
# A taste that the profile does not know: each side has as much of its themes as the other.
WANTED = ("Bus lanes", "Bio-waste", "Urban parks", "Substations", "Fusion magnets")
DISMISSED = ("Cycling paths", "Water reuse", "Grid hardware", "Quantum sensors", "Deep sea vessels")
EACH = 8


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "DRAWS", 100)
    monkeypatch.setattr(learning, "REPEATS", 1)


@pytest.fixture
def filled(database: Database, record: MakeRecord, now: datetime) -> Database:
    """Calls with the same words on who takes part, so that the unlearnt ranking tells them apart by theme alone."""
    chance = np.random.default_rng(1)
    calls = []
    for number, theme in enumerate((*WANTED, *DISMISSED) * EACH):
        programme = "Wanted programme" if theme in WANTED else "Dismissed programme"
        filler = " ".join(f"word{chance.integers(0, 40)}" for _ in range(20))
        calls.append(
            record(
                f"TEST-{number}",
                f"Made-up call {number}: {theme}",
                f"Cities and regions. {filler}",
                programme=programme,
            )
        )
    calls.append(record("ERC-TEST", "Made-up grants", "", identifiers=("ERC-2026-TEST",)))
    with database.writing() as session:
        save(session, calls, None, now)
    return database


def say(
    database: Database,
    organisation: Organisation,
    now: datetime,
    key: str,
    verdict: Verdict = Verdict.RELEVANT,
) -> None:
    reason = Reason.ROLE if verdict is Verdict.NOT_RELEVANT else Reason.NONE
    with database.writing() as session:
        call = session.exec(select(Call).where(Call.source_key == key)).one()
        said = DecisionRecord(verdict=verdict, reason=reason)
        decide(session, organisation.key, "mobility", call, said, now)


def say_of_most(database: Database, organisation: Organisation, now: datetime) -> None:
    """Two of three calls are decided on, by their theme."""
    for number in range(len(WANTED + DISMISSED) * EACH):
        if number % 3 != 2:
            wanted = number % 10 < len(WANTED)
            verdict = Verdict.RELEVANT if wanted else Verdict.NOT_RELEVANT
            say(database, organisation, now, f"TEST-{number}", verdict)


def matches(database: Database, organisation: Organisation) -> dict[str, Match]:
    with database.reading() as session:
        keys = {call.id: call.source_key for call in session.exec(select(Call))}
        return {keys[match.call_id]: match for match in matches_of(session, organisation.key)}


def test_nothing_decided(filled: Database, organisation: Organisation, now: datetime) -> None:
    report = learn(filled, organisation, now)
    assert (report.outcome, report.number, report.measures) == (Outcome.TOO_FEW, None, {})


def test_one_decision(filled: Database, organisation: Organisation, now: datetime) -> None:
    say(filled, organisation, now, "TEST-1")
    report = learn(filled, organisation, now)
    assert (report.outcome, report.counts.decisions, report.number) == (Outcome.TOO_FEW, 1, None)
    with filled.reading() as session:
        assert learnt_models(session, organisation.key) == []


def test_decisions_are_learnt_from_and_the_next_match_goes_by_them(
    filled: Database, organisation: Organisation, now: datetime
) -> None:
    match_calls(filled, organisation, now)
    before = matches(filled, organisation)
    say_of_most(filled, organisation, now)
    report = learn(filled, organisation, now)
    assert (report.outcome, report.number) == (Outcome.STARTED, 1)
    done = match_calls(filled, organisation, now)
    after = matches(filled, organisation)
    assert (done.learnt, done.outdated) == (1, None)
    assert {match.model for match in after.values()} == {f"{before['TEST-1'].model}+learnt-1"}
    assert all(match.probability is None and not match.learnt for match in before.values())
    moved = {key: after[key].score - before[key].score for key in before}
    undecided = [key for key in moved if key != "ERC-TEST" and int(key.removeprefix("TEST-")) % 3 == 2]
    liked = [key for key in undecided if int(key.removeprefix("TEST-")) % 10 < 5]
    assert min(moved[key] for key in liked) > max(moved[key] for key in undecided if key not in liked)
    likely = {key: match.probability or 0 for key, match in after.items()}
    assert np.mean([likely[key] for key in liked]) > 0.5
    assert after["ERC-TEST"].verdict == "not_open"
    assert moved["ERC-TEST"] == pytest.approx(min(moved.values()))
    reasons = [entry for match in after.values() for entry in match.learnt]
    assert {entry["verdict"] for entry in reasons} == {"relevant", "not_relevant"}
    assert {entry["reason"] for entry in reasons} == {"", "role"}


def test_learning_again_learns_only_from_something_new(
    filled: Database, organisation: Organisation, now: datetime
) -> None:
    say_of_most(filled, organisation, now)
    learn(filled, organisation, now)
    assert learn(filled, organisation, now).outcome is Outcome.UNCHANGED
    with filled.writing() as session:
        roll_back(session, organisation.key)
    report = learn(filled, organisation, now + timedelta(days=7))
    assert (report.outcome, report.number) == (Outcome.UNCHANGED, 1)
    assert match_calls(filled, organisation, now).learnt is None
    say(filled, organisation, now, "TEST-2")
    assert learn(filled, organisation, now + timedelta(days=7)).number == 2
    assert match_calls(filled, organisation, now).learnt == 2


def test_a_rule_that_is_wrong_is_overridden_by_the_next_match(
    filled: Database, organisation: Organisation, now: datetime
) -> None:
    match_calls(filled, organisation, now)
    assert matches(filled, organisation)["ERC-TEST"].verdict == "not_open"
    say(filled, organisation, now, "ERC-TEST", Verdict.OPEN)
    match_calls(filled, organisation, now)
    assert matches(filled, organisation)["ERC-TEST"].verdict == "open"
    with filled.writing() as session:
        call = session.exec(select(Call).where(Call.source_key == "ERC-TEST")).one()
        withdraw(session, organisation.key, "mobility", call, now)
    match_calls(filled, organisation, now)
    assert matches(filled, organisation)["ERC-TEST"].verdict == "not_open"


def test_decisions_taken_back_end_what_was_learnt(
    filled: Database, organisation: Organisation, now: datetime
) -> None:
    say_of_most(filled, organisation, now)
    learn(filled, organisation, now)
    with filled.writing() as session:
        for decision in session.exec(select(Decision)).all():
            decision.withdrawn_at = now
            session.add(decision)
    report = learn(filled, organisation, now)
    assert (report.outcome, report.number) == (Outcome.TOO_FEW, 2)
    assert match_calls(filled, organisation, now).learnt is None


def test_calls_that_changed_or_became_copies_still_teach(
    filled: Database, organisation: Organisation, record: MakeRecord, now: datetime
) -> None:
    say_of_most(filled, organisation, now)
    with filled.writing() as session:
        save(session, [record("TEST-1", "Made-up, renamed", "", programme="Wanted programme")], None, now)
        replace_same_calls(session, [Same(4, 3, "code", "TEST")])
    report = learn(filled, organisation, now)
    assert report.outcome is Outcome.STARTED
    assert (report.counts.decisions, report.counts.gone) == (54, 0)


def test_killed_while_it_learns_it_leaves_everything_as_it_was(
    filled: Database, organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    say_of_most(filled, organisation, now)

    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("matcher.training.keep", kill)
    with pytest.raises(KeyboardInterrupt):
        learn(filled, organisation, now)
    monkeypatch.undo()
    with filled.reading() as session:
        assert learnt_models(session, organisation.key) == []
