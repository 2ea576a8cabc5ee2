"""Calls with nearly the same text: one place for all of them, and none of them lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import html  # type: ignore[import-untyped]
from sqlmodel import select

from notifier.digest import send_digests
from notifier.letter import write_letter
from notifier.preparing import prepare
from notifier.selection import Selection, select_all, select_digest
from notifier.summary import write_summary
from store.database import Database
from store.models import Call, DeliveryItem, Match
from tests.unit.notifier.builders import (
    NOW,
    SENDER,
    keys,
    match,
    matched,
    officer,
    organisation,
    record,
    store,
)

WEEK = timedelta(days=7)


def alike(database: Database, best: str, *others: str) -> None:
    with database.writing() as session:
        ids = {call.source_key: call.id for call in session.exec(select(Call))}
        for found in session.exec(select(Match)):
            if found.call_id in {ids[key] for key in (best, *others)}:
                found.group_id = ids[best]


def selected(database: Database, now: Any = NOW, **fields: Any) -> Selection:
    with database.reading() as session:
        return select_digest(session, organisation(), officer(**fields), now)


def places(selection: Selection) -> dict[str, list[tuple[str, list[str]]]]:
    return {
        section.value: [(item.call.source_key, keys(item.alike)) for item in items]
        for section, items in selection.sections.items()
    }


def send(database: Database, now: Any = NOW) -> None:
    with database.writing() as session:
        delivery = prepare(session, organisation(), officer(), now, sender=SENDER)
        assert delivery is not None
        delivery.state = "sent"


def test_a_group_takes_one_place_of_the_digest(database: Database) -> None:
    matched(database, *(record(f"TEST-{n}") for n in range(6)))
    alike(database, "TEST-0", "TEST-1", "TEST-3")
    selection = selected(database, limit=2)
    assert places(selection) == {"new": [("TEST-0", ["TEST-1", "TEST-3"]), ("TEST-2", [])]}
    assert selection.more == 2
    assert [item.rank for item in selection.calls] == [1, 2, 4, 3]


def test_what_closes_sooner_has_a_place_of_its_own(database: Database) -> None:
    matched(database, record("TEST-0"), record("TEST-1", "2026-03-10"), record("TEST-2"))
    alike(database, "TEST-0", "TEST-1", "TEST-2")
    assert places(selected(database)) == {"closing": [("TEST-1", [])], "new": [("TEST-0", ["TEST-2"])]}


def test_the_best_that_is_told_stands_for_those_whose_best_is_not(database: Database) -> None:
    matched(database, record("TEST-PAST", "2026-02-01"), record("TEST-1"), record("TEST-2"))
    alike(database, "TEST-PAST", "TEST-1", "TEST-2")
    assert places(selected(database)) == {"new": [("TEST-1", ["TEST-2"])]}


def test_one_that_a_rule_excludes_stays_with_the_excluded(database: Database) -> None:
    matched(database, record("TEST-0"), record("TEST-1"))
    matched(database, record("TEST-SMES"), verdict="not_open", rule="smes")
    alike(database, "TEST-0", "TEST-1", "TEST-SMES")
    selection = selected(database)
    assert (places(selection), selection.hidden) == ({"new": [("TEST-0", ["TEST-1"])]}, 1)
    with database.reading() as session:
        overview = select_all(session, organisation(), NOW)
    assert (keys(overview.items), keys(overview.items[0].alike)) == (["TEST-0"], ["TEST-1"])
    assert keys(overview.hidden) == ["TEST-SMES"]


def test_all_of_a_group_were_told(database: Database) -> None:
    matched(database, record("TEST-0"), record("TEST-1"))
    alike(database, "TEST-0", "TEST-1")
    send(database)
    with database.reading() as session:
        assert len(session.exec(select(DeliveryItem)).all()) == 2
    store(database, record("TEST-2"))
    match(database, ("TEST-2", 99_999.5))
    alike(database, "TEST-0", "TEST-1", "TEST-2")
    assert places(selected(database, NOW + WEEK)) == {"new": [("TEST-2", [])]}


def test_the_same_change_is_told_once_and_another_one_apart(database: Database) -> None:
    matched(database, *(record(f"TEST-{n}", "2026-06-04") for n in range(3)))
    alike(database, "TEST-0", "TEST-1", "TEST-2")
    send(database)
    store(database, record("TEST-0", "2026-06-18"), record("TEST-1", "2026-06-18"))
    store(database, record("TEST-2", "2026-09-01"))
    assert places(selected(database, NOW + WEEK)) == {"changed": [("TEST-0", ["TEST-1"]), ("TEST-2", [])]}


def test_the_subject_names_the_first_deadline_of_all(database: Database) -> None:
    matched(database, record("TEST-0", "2026-06-30"), record("TEST-1", "2026-05-04"))
    alike(database, "TEST-0", "TEST-1")
    letter = write_letter(selected(database), organisation(), officer(language="en"), NOW)
    assert letter.subject == "TM: 1 call, it closes on 4 May"


def test_each_of_a_group_can_be_reached_from_the_mail(database: Database) -> None:
    matched(database, record("TEST-0"), record("TEST-1", "2026-05-04"))
    matched(database, record("TEST-2"), verdict="unlikely", score=1.0)
    alike(database, "TEST-0", "TEST-1", "TEST-2")
    letter = write_letter(selected(database), organisation(), officer(language="en"), NOW)
    for part in (letter.html, letter.text):
        assert "2 more calls with nearly the same text" in part
        for key in ("TEST-1", "TEST-2"):
            assert f"https://example.org/{key}" in part
            assert f"Title of {key}" in part
        assert "4 May 2026, 17:00 (Brussels)" in part
    assert letter.text.count("Unlikely for us") == 1
    assert letter.text.count("Open to us") == 1


def test_the_summary_folds_and_counts_all(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-0"), record("TEST-1"), record("TEST-2"))
    matched(database, record("TEST-3", programme="Other"), verdict="unlikely", score=1.0)
    alike(database, "TEST-0", "TEST-1", "TEST-3")
    path = tmp_path / "summary.html"
    with database.reading() as session:
        assert write_summary(session, organisation(), NOW, path, "en") == 4
    page = html.fromstring(path.read_text(encoding="utf-8"))
    assert [card.get("data-rank") for card in page.cssselect("#calls > li")] == ["1", "3"]
    folded = page.cssselect("#calls > li:first-child .alike li")
    assert [(one.get("data-rank"), one.get("data-verdict")) for one in folded] == [
        ("2", "open"),
        ("4", "unlikely"),
    ]
    assert [one.cssselect("a")[0].get("href") for one in folded] == [
        "https://example.org/TEST-1",
        "https://example.org/TEST-3",
    ]
    assert "Unlikely for us" in folded[1].text_content()
    assert "Open to us" not in folded[0].text_content()
    assert page.cssselect("#count")[0].text == "4 calls"
    assert [option.text for option in page.cssselect("#programme option")] == [
        "All",
        "Other",
        "Test programme",
    ]


def test_calls_of_no_group_are_as_before(database: Database, tmp_path: Path) -> None:
    matched(database, record("TEST-0"), record("TEST-1"))
    assert places(selected(database)) == {"new": [("TEST-0", []), ("TEST-1", [])]}
    send_digests(database, organisation(), settings(tmp_path), NOW)
    assert "gairebé" not in (tmp_path / "outbox" / "2026-W10-mobility.eml").read_text()


def settings(home: Path) -> Any:
    from config.settings import Settings  # noqa: PLC0415

    return Settings(home=home, mail_from=SENDER)
