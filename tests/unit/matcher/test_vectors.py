"""Vectors are computed once, kept, and go on after a kill."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col, func, select

from matcher.scorers.encoder_tiers import Vectors
from matcher.vectors import BATCH, READ, encode_all, text_hash
from store.database import Database
from store.models import Vector
from tests.unit.matcher.encoders import MadeUp

ROOT = Path(__file__).parents[3]

ENCODING = """
import sys
from matcher.vectors import encode_all
from store.database import Database
from tests.unit.matcher.encoders import MadeUp

texts = [f"text {number}" for number in range(int(sys.argv[2]))]
encode_all(Database(sys.argv[1]), MadeUp(seconds=0.2), texts, lambda done, all: print(done, flush=True))
"""


def stored(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Vector)).one()


def test_every_text_gets_its_row(database: Database) -> None:
    encoder = MadeUp()
    texts = ["water", "cities", "water", "", "  \n"]
    vectors = encode_all(database, encoder, texts)
    nothing = np.zeros(8, np.float32)
    expected = [*(encoder.vector(text) for text in texts[:3]), nothing, nothing]
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, np.stack(expected))


def test_a_text_is_encoded_once(database: Database) -> None:
    first, second = MadeUp(), MadeUp()
    texts = ["water", "cities", "water"]
    vectors = encode_all(database, first, texts)
    again = encode_all(database, second, ["cities", "parks", "water"])
    assert (first.encoded, second.encoded) == (["water", "cities"], ["parks"])
    assert np.array_equal(again[[2, 0]], vectors[:2])


def test_no_text_at_all(database: Database) -> None:
    assert encode_all(database, MadeUp(), []).shape == (0, 8)


def test_a_query_is_not_a_passage(database: Database) -> None:
    encoder = MadeUp()
    passage, query = (encode_all(database, encoder, ["water"], kind=kind) for kind in ("passage", "query"))
    assert not np.array_equal(passage, query)
    assert text_hash("water", "passage") != text_hash("water", "query")


def test_another_model_has_vectors_of_its_own(database: Database) -> None:
    first, second = MadeUp(), MadeUp()
    second.model = "made up/2/0"
    encode_all(database, first, ["water"])
    encode_all(database, second, ["water"])
    assert second.encoded == ["water"]
    assert stored(database) == 2


def test_progress_counts_what_is_missing(database: Database) -> None:
    told: list[tuple[int, int]] = []
    encode_all(database, MadeUp(), ["known"])
    texts = ["known", *(f"text {number}" for number in range(BATCH + 1))]
    encode_all(database, MadeUp(), texts, lambda done, missing: told.append((done, missing)))
    assert told == [(BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]


def test_more_texts_than_a_statement_takes(database: Database) -> None:
    encoder = MadeUp()
    texts = [f"text {number}" for number in range(READ + 2)]
    vectors = encode_all(database, encoder, texts)
    again = MadeUp()
    assert np.array_equal(encode_all(database, again, texts), vectors)
    assert again.encoded == []


@pytest.mark.parametrize(
    "broken",
    [
        {"data": b""},
        {"data": b"no numbers"},
        {"data": b"\0" * 32},
        {"data": np.full(8, np.nan, "<f4").tobytes()},
        {"data": np.full(8, np.inf, "<f4").tobytes()},
        {"data": np.full(8, 9, "<f4").tobytes()},
        {"size": 7},
        {"size": 0, "data": b""},
        {"size": -1},
        {"size": 2, "data": np.array([1, 0], "<f4").tobytes()},
    ],
)
def test_a_broken_vector_is_encoded_anew(database: Database, broken: dict[str, object]) -> None:
    encode_all(database, MadeUp(), ["water", "cities"])
    with database.writing() as session:
        session.execute(update(Vector).where(col(Vector.text_hash) == text_hash("water")).values(**broken))
    encoder, later = MadeUp(), MadeUp()
    assert np.array_equal(encode_all(database, encoder, ["water"])[0], encoder.vector("water"))
    encode_all(database, later, ["water"])
    assert (encoder.encoded, later.encoded) == (["water"], [])


def test_a_broken_vector_is_told(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    encode_all(database, MadeUp(), ["water"])
    with database.writing() as session:
        session.execute(update(Vector).values(data=b"\1"))
    with caplog.at_level(logging.WARNING):
        encode_all(database, MadeUp(), ["water"])
    assert "1 stored vectors of made up/1/0 are broken" in caplog.text


def test_what_is_no_number_spoils_nothing(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(MadeUp):
        def vector(self, text: str) -> Vectors:
            return np.full(8, np.nan, np.float32) if text == "odd" else super().vector(text)

    vectors = encode_all(database, Failing(), ["odd", "water"])
    assert (vectors[0] == 0).all()
    assert np.isclose(np.linalg.norm(vectors[1]), 1)
    assert stored(database) == 1
    assert "1 texts have no vector" in caplog.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # what others left there is part of it
@given(st.lists(st.text(st.characters(), max_size=20), max_size=5))
def test_any_text_has_a_row(database: Database, texts: list[str]) -> None:
    encoder = MadeUp()
    vectors = encode_all(database, encoder, texts)
    for text, row in zip(texts, vectors, strict=True):
        assert np.array_equal(row, encoder.vector(text) if text.strip() else np.zeros(8))


def test_encoding_goes_on_where_it_was_killed(tmp_path: Path) -> None:
    url, count = f"sqlite:///{tmp_path / 'funding.db'}", 5 * BATCH
    with subprocess.Popen(
        [sys.executable, "-c", ENCODING, url, str(count)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{BATCH}\n"
        process.kill()
    database = Database(url)
    kept = stored(database)
    assert kept % BATCH == 0
    assert 0 < kept < count
    encoder = MadeUp()
    texts = [f"text {number}" for number in range(count)]
    vectors = encode_all(database, encoder, texts)
    assert encoder.encoded == texts[kept:]
    assert np.array_equal(vectors, np.stack([encoder.vector(text) for text in texts]))
    database.close()
