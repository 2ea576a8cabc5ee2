"""Calls like a call: by nearly the same text, by meaning where vectors are stored, else by areas and programme."""

import numpy as np
from sqlmodel import select

from matcher.documents import to_document
from matcher.passages import opening
from matcher.vectors import text_hash
from review.loading import read_item
from review.similar import LOOKED_AT, Likeness, similar_calls
from store.database import Database
from store.models import Call, Match
from store.vectors import keep_vectors
from tests.unit.notifier.builders import NOW, match, matched, organisation, record, store


def similar(database: Database, key: str = "TEST-A") -> list[tuple[str, Likeness]]:
    with database.reading() as session:
        call = session.exec(select(Call).where(Call.source_key == key)).one()
        item = read_item(session, organisation(), call, NOW)
        found = similar_calls(session, organisation(), item, NOW)
        return [(one.item.call.source_key, one.why) for one in found]


def test_calls_of_the_same_areas_are_similar_past_ones_too(database: Database) -> None:
    matched(
        database, record("TEST-A"), record("TEST-PAST", "2025-03-01"), record("TEST-OTHER", programme="Other")
    )
    match_other = [{"id": "water", "score": 1.0, "terms": []}]
    store(database, record("TEST-WATER"))
    match(database, ("TEST-WATER", 1.0), areas=match_other)
    assert similar(database) == [("TEST-PAST", Likeness.AREAS), ("TEST-OTHER", Likeness.AREAS)]


def test_calls_with_nearly_the_same_text_come_first(database: Database) -> None:
    matched(database, record("TEST-A"), record("TEST-B"), record("TEST-SAME", programme="Other"))
    with database.writing() as session:
        ids = {call.source_key: call.id for call in session.exec(select(Call))}
        for one in session.exec(select(Match).where(Match.call_id != ids["TEST-B"])):
            one.group_id = ids["TEST-A"]
            session.add(one)
    assert similar(database)[0] == ("TEST-SAME", Likeness.TEXT)


def test_vectors_tell_what_is_close_in_meaning(database: Database) -> None:
    names = [f"TEST-{number}" for number in range(8)]
    matched(
        database,
        record("TEST-A"),
        *(record(name, texts={"en": f"About {name}."}) for name in names),
        areas=[],
    )
    with database.writing() as session:
        vectors = {}
        for call in session.exec(select(Call)):
            angle = 0.1 if call.source_key == "TEST-5" else 1.4
            place = np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)
            vectors[text_hash(opening(to_document(call)))] = (
                place if call.source_key != "TEST-A" else np.array([1, 0], np.float32)
            )
        keep_vectors(session, "test-encoder", vectors)
    assert similar(database) == [("TEST-5", Likeness.MEANING)]


def test_no_more_than_some_hundred_calls_are_looked_at(database: Database) -> None:
    matched(database, record("TEST-A"), *(record(f"TEST-{n}") for n in range(LOOKED_AT + 50)))
    assert len(similar(database)) == 6
