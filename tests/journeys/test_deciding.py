"""`funding decide` and `funding learn`: said, taken back, learnt, rolled back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from matcher import learning
from store.calls import save
from store.database import Database
from store.decisions import DecisionRecord, Reason, Verdict
from store.decisions import decide as keep_decision
from store.models import AuditEvent, Call
from store.records import CallRecord, Kind, Status
from tests.journeys.test_call_sheet import Done, Funding

NOW = datetime(2026, 8, 22, 8, 0, tzinfo=UTC)
CALLS = 60


@pytest.fixture
def funding(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Funding:
    monkeypatch.setenv("FUNDING_ENCODER", "none")
    monkeypatch.setattr(learning, "DRAWS", 100)
    monkeypatch.setattr(learning, "REPEATS", 1)
    assert home.is_dir()
    return Funding(monkeypatch, capsys)


def record(number: int, **facts: Any) -> CallRecord:
    """Every second call is of a programme that officers want."""
    return CallRecord(
        **{
            "source": "test",
            "source_key": f"TEST-{number}",
            "kind": Kind.CALL,
            "identifiers": (f"TEST-ID-{number}",),
            "titles": {"en": f"Made-up call {number}"},
            "programme": "Wanted" if number % 2 else "Dismissed",
            "status": Status.OPEN,
            "no_deadline": "not stated",
            "page": "https://example.org/",
        }
        | facts
    )


@pytest.fixture
def stored(home: Path) -> Database:
    database = Database(f"sqlite:///{home / 'funding.db'}")
    with database.writing() as session:
        save(session, [record(number) for number in range(CALLS)], None, NOW)
    return database


def decide_on_all(database: Database) -> None:
    with database.writing() as session:
        for number, call in enumerate(session.exec(select(Call).order_by("id")).all()):
            said = (
                DecisionRecord(verdict=Verdict.RELEVANT)
                if number % 2
                else DecisionRecord(verdict=Verdict.NOT_RELEVANT, reason=Reason.THEME)
            )
            keep_decision(session, "amb", "international", call, said, NOW)


def answer(done: Done) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.mark.usefixtures("stored")
def test_a_decision_is_kept_told_and_taken_back(funding: Funding) -> None:
    said = ("decide", "TEST-ID-1", "not-relevant", "--officer", "international", "--reason", "too-small")
    kept = answer(funding(*said, "--note", "=1+1", "--json"))
    assert (kept["call"], kept["verdict"], kept["reason"]) == ("test:TEST-1", "not_relevant", "too_small")
    assert (kept["officer"], kept["note"], kept["call_version"]) == ("international", "=1+1", 1)
    done = funding("decide", "TEST-1", "relevant", "--officer", "ecology")
    assert done.code == 0
    for words in (
        "Made-up call 1",
        "international",
        "not relevant",
        "too small",
        "ecology",
        "funding match",
    ):
        assert words in done.out
    undone = answer(funding("decide", "TEST-1", "--undo", "--officer", "international", "--json"))
    assert undone["withdrawn_at"] is not None
    assert [one["officer"] for one in undone["standing"]] == ["ecology"]
    last = funding("decide", "TEST-1", "--undo", "--officer", "ecology")
    assert "Nobody has decided on it." in last.out
    again = funding("decide", "TEST-1", "--undo", "--officer", "ecology")
    assert (again.code, again.out) == (1, "")
    assert "ecology has decided nothing on test:TEST-1" in again.err


def test_it_says_when_the_call_has_changed_since(funding: Funding, stored: Database) -> None:
    funding("decide", "TEST-1", "relevant", "--officer", "international")
    with stored.writing() as session:
        save(session, [record(1, budget_cents=100)], None, NOW)
    done = funding("decide", "TEST-1", "open", "--officer", "ecology", columns=120)
    assert "international: relevant (the call has changed since)\necology: open\n" in done.out


@pytest.mark.usefixtures("stored")
def test_how_far_we_have_got_is_kept_and_taken_back(funding: Funding) -> None:
    kept = answer(funding("decide", "TEST-1", "shortlisted", "--officer", "international", "--json"))
    assert (kept["call"], kept["stage"], kept["call_version"]) == ("test:TEST-1", "shortlisted", 1)
    done = funding("decide", "TEST-1", "preparing", "--officer", "ecology")
    assert "Made-up call 1\necology: preparing\n" in done.out
    undone = answer(funding("decide", "TEST-1", "--undo", "--officer", "ecology", "--json"))
    assert undone["withdrawn_at"] is not None
    assert (undone["stands_at"]["officer"], undone["stands_at"]["stage"]) == ("international", "shortlisted")
    last = funding("decide", "TEST-1", "--undo", "--officer", "international")
    assert "Nobody has decided on it." in last.out
    assert funding("decide", "TEST-1", "--undo", "--officer", "international").code == 1


def test_a_stage_has_euros_and_a_day_and_an_event_for_the_review(funding: Funding, stored: Database) -> None:
    said = ("decide", "TEST-1", "awarded", "--officer", "international")
    kept = answer(funding(*said, "--amount", "120000.50", "--day", "2026-08-01", "--json"))
    assert (kept["cents"], kept["currency"], kept["day"]) == (12000050, "EUR", "2026-08-01")
    for option, value in (
        ("--amount", "-5"),
        ("--amount", "1e400"),
        ("--amount", "1.234"),
        ("--day", "1.8.2026"),
    ):
        assert funding(*said, option, value).code == 2
    assert funding("decide", "TEST-1", "seen", "--officer", "international", "--amount", "1").code == 2
    with stored.reading() as session:
        assert [one.action for one in session.exec(select(AuditEvent))] == ["awarded"]


@pytest.mark.usefixtures("stored")
def test_undo_takes_back_what_was_said_last_of_whichever_kind(funding: Funding) -> None:
    for day, word in (("2026-08-20", "relevant"), ("2026-08-21", "shortlisted"), ("2026-08-22", "mute")):
        assert funding("decide", "TEST-1", word, "--officer", "ecology", "--today", day).code == 0
    undo = ("decide", "TEST-1", "--undo", "--officer", "ecology", "--json")
    first, second, third = (answer(funding(*undo)) for _ in range(3))
    assert (first["verdict"], second["stage"], third["verdict"]) == ("muted", "shortlisted", "relevant")
    assert (third["standing"], third["stands_at"]) == ([], None)


def test_what_is_muted_teaches_nothing(funding: Funding, stored: Database) -> None:
    done = funding("decide", "TEST-1", "mute", "--officer", "ecology")
    assert "ecology: muted" in done.out
    assert "funding match" not in done.out
    with stored.writing() as session:
        for call in session.exec(select(Call)).all():
            keep_decision(session, "amb", "ecology", call, DecisionRecord(verdict=Verdict.MUTED), NOW)
    assert "0 calls decided on" in funding("learn").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("TEST-1", "perhaps", "--officer", "international"),
            "`perhaps` is none of relevant, not-relevant, open",
        ),
        (("TEST-1", "--officer", "international"), "`` is none of relevant"),
        (("TEST-1", "relevant"), "`` is none of"),
        (("TEST-1", "shortlisted"), "`` is none of"),
        (("TEST-1", "seen", "--officer", "international", "--note", "x"), "takes no reason and no note"),
        (("TEST-1", "mute", "--officer", "international", "--reason", "role"), "why a call is not relevant"),
        (("TEST-1", "relevant", "--officer", "nobody"), "`nobody` is none of"),
        (
            ("TEST-1", "not-relevant", "--officer", "international", "--reason", "ugly"),
            "`ugly` is none of theme",
        ),
        (
            ("TEST-1", "relevant", "--officer", "international", "--reason", "role"),
            "why a call is not relevant",
        ),
        (("TEST-1", "relevant", "--officer", "international", "--undo"), "takes no new one"),
        (("TEST-1", "relevant", "--officer", "international", "--note", "x" * 3_000), "2000 characters"),
    ],
)
@pytest.mark.usefixtures("stored")
def test_what_is_typed_wrong_is_said_and_changes_nothing(
    funding: Funding, arguments: tuple[str, ...], said: str
) -> None:
    done = funding("decide", *arguments, columns=200)
    assert done.code == 2
    assert said in " ".join(done.err.replace("│", " ").split())
    assert funding("decide", "TEST-1", "--undo", "--officer", "international").code == 1


@pytest.mark.usefixtures("stored")
def test_a_call_that_is_not_there(funding: Funding) -> None:
    done = funding("decide", "TEST-999", "relevant", "--officer", "international")
    assert done.code == 1
    assert "is no call in the store" in done.err


@pytest.mark.usefixtures("stored")
def test_too_few_decisions(funding: Funding) -> None:
    assert "0 calls decided on" in funding("learn").out
    funding("decide", "TEST-1", "relevant", "--officer", "international")
    done = funding("learn", columns=120)
    assert (done.code, "Too few" in done.out) == (0, True)
    assert answer(funding("learn", "--json"))["outcome"] == "too_few"
    assert answer(funding("learn", "--history", "--json")) == []


def test_learnt_applied_and_rolled_back(funding: Funding, stored: Database) -> None:
    decide_on_all(stored)
    report = answer(funding("learn", "--json"))
    assert (report["outcome"], report["number"], report["decisions"]) == ("started", 1, CALLS)
    assert set(report["measures"]["gain"]) == {"pairs", "ap", "log_loss"}
    again = funding("learn", columns=140)
    assert "Nothing was decided since model 1" in again.out
    assert "pairs in order" in again.out
    assert "model 1, learnt from decisions, took part" in funding("match").out
    assert answer(funding("match", "--json"))["learnt"] == 1
    (model,) = answer(funding("learn", "--history", "--json"))
    assert (model["number"], model["state"], model["decisions"]) == (1, "active", CALLS)
    assert "active" in funding("learn", "--history", columns=120).out
    back = funding("learn", "--rollback", columns=140)
    assert "Back from model 1 to the ranking alone" in back.out
    assert answer(funding("match", "--json"))["learnt"] is None
    nothing = funding("learn", "--rollback")
    assert (nothing.code, "nothing to go back from" in nothing.err) == (1, True)
    assert funding("learn", "--rollback", "--history").code == 2


def test_a_model_of_another_ranking_is_said_to_take_no_part(
    funding: Funding, stored: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_on_all(stored)
    assert answer(funding("learn", "--json"))["outcome"] == "started"
    monkeypatch.setattr("matcher.matching.MODEL", "another ranking")
    assert "model 1, learnt from decisions, took no part" in funding("match").out
    assert answer(funding("learn", "--json"))["number"] == 2
    assert answer(funding("match", "--json"))["learnt"] == 2
