"""Calls with nearly the same text: what is one group and what is not, and in what time."""

import random
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import pytest

from config.organisation import Organisation
from crawler.parsers.eu_portal import to_record
from crawler.replicas.sample import load_records
from matcher.documents import clean
from matcher.duplicates import group, sentences_of
from matcher.matching import match_calls
from store.calls import save
from store.database import Database
from store.matches import matches_of
from store.records import CallRecord

WORDS = [f"word{number}" for number in range(4_000)]
FORMULA = (
    "Applicants read the general conditions of the programme and its annexes before they write a proposal. "
)


def text(seed: int, sentences: int = 12) -> str:
    """Made-up sentences, the same for the same seed."""
    chance = random.Random(seed)
    return " ".join(" ".join(chance.sample(WORDS, 14)).capitalize() + "." for _ in range(sentences))


def with_other_words(original: str, count: int, seed: int = 0) -> str:
    """The text with `count` of its words replaced."""
    chance = random.Random(seed)
    words = original.split()
    for place in chance.sample(range(len(words)), count):
        words[place] = f"other{place}"
    return " ".join(words)


def grouped(texts: list[str], order: Iterable[int]) -> list[int | None]:
    return group([*map(sentences_of, texts)], texts.__getitem__, order)


def in_order(texts: list[str]) -> list[int | None]:
    return grouped(texts, range(len(texts)))


def test_the_best_ranked_stands_for_its_group() -> None:
    texts = [text(1), text(2), with_other_words(text(1), 3), text(1)]
    assert grouped(texts, [3, 1, 2, 0]) == [3, None, 3, 3]
    assert grouped(texts, [2, 1, 0, 3]) == [2, None, 2, 2]


def test_a_name_apart_is_the_same_and_a_third_of_the_words_is_not() -> None:
    same, other = with_other_words(text(1), 4), with_other_words(text(1), 56)
    assert in_order([text(1), same, other]) == [0, 0, None]


def test_no_chain_leads_from_one_text_to_another() -> None:
    first = text(1)
    middle = with_other_words(first, 4, seed=1)
    last = with_other_words(middle, 4, seed=2)
    assert in_order([first, middle, last]) == [0, 0, None]
    assert grouped([first, middle, last], [1, 0, 2]) == [1, 1, 1]


def test_formulas_do_not_make_texts_the_same() -> None:
    texts = [FORMULA * 3 + text(number, 4) for number in range(200)]
    assert in_order(texts) == [None] * 200


def test_a_family_larger_than_any_formula_is_one_group() -> None:
    texts = [FORMULA + with_other_words(text(1), 2, seed) for seed in range(150)]
    assert in_order(texts) == [0] * 150


@pytest.mark.parametrize(
    "short",
    [
        "",
        "Open call",
        "See the call document. " * 2,
        "All details stand in the text of the call on the page.",
    ],
)
def test_what_says_too_little_is_not_grouped(short: str) -> None:
    assert in_order([short, short]) == [None, None]


def test_texts_of_any_kind_and_number() -> None:
    assert in_order([]) == []
    assert in_order(["одно и то же " * 20, "同じ" * 100, "x" * 5_000_000]) == [None] * 3
    cyrillic = "Города и общины строят сети для воды. Реки текут через область и дальше к морю. " * 3
    assert in_order([cyrillic, cyrillic]) == [None, None]
    long = text(3, 500)
    assert in_order([long + text(4), long + text(5)]) == [0, 0]


def test_matches_keep_the_group_and_the_partners_named(
    database: Database, organisation: Organisation, record: Callable[..., CallRecord], now: datetime
) -> None:
    water = "Metropolitan authorities reuse reclaimed water in cities, with Lyon Métropole. "
    calls = [
        record("TEST-1", "Quantum sensors", text(1)),
        record("TEST-2", "Water, south", water + text(2)),
        record("TEST-3", "Water reuse in cities, north", water + with_other_words(text(2), 2)),
    ]
    with database.writing() as session:
        save(session, calls, None, now)
    match_calls(database, organisation, now)
    with database.reading() as session:
        ranked = matches_of(session, organisation.key)
    best = next(match.call_id for match in ranked if match.call_id != 1)
    assert {match.call_id: match.group_id for match in ranked} == {1: None, 2: best, 3: best}
    named = {match.call_id: match.named for match in ranked}
    assert named[2] == named[3] == [{"id": "grand_lyon", "words": "Lyon Métropole", "place": "text"}]
    assert named[1] == []


def test_time_grows_with_the_number_of_texts() -> None:
    texts = [FORMULA + with_other_words(text(number // 2), 2, number) for number in range(4_000)]
    began = time.process_time()
    found = in_order(texts)
    took = time.process_time() - began
    assert sum(leader is not None for leader in found) > 3_900
    assert took < 10, took


def test_sibling_topics_of_the_recordings(shared: Path) -> None:
    records = [to_record(row) for row in load_records(shared / "recordings" / "eu_portal" / "results.jsonl")]
    bodies = ["\n".join(clean(body) for body in record.texts.values()) for record in records]
    leaders = in_order(bodies)
    groups: dict[int, set[str]] = {}
    for record, leader in zip(records, leaders, strict=True):
        if leader is not None:
            groups.setdefault(leader, set()).add(record.identifiers[0])
    found = {frozenset(identifiers) for identifiers in groups.values()}
    assert len(found) >= 15
    # Known as one text in several topics, and known as different ones though much of their text is shared.
    assert any({"CREA-CULT-2026-COOP-1", "CREA-CULT-2026-COOP-2"} <= identifiers for identifiers in found)
    assert any({"CERV-2026-DAPHNE-CHILDREN", "CERV-2026-DAPHNE-PREVENTION"} <= one for one in found)
    apart = {"LIFE-2026-SAP-ENV-ENVIRONMENT", "LIFE-2026-SAP-ENV-GOV", "I3-2026-INV1", "I3-2026-INV2a"}
    assert not any(identifiers & apart for identifiers in found)
