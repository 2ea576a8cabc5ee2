"""An encoder that takes no time, for tests of what is done with vectors."""

import hashlib
import time
from collections.abc import Sequence

import numpy as np

from matcher.scorers.encoder_tiers import Vectors


class MadeUp:
    """Vectors drawn from a text's hash. `encoded` are the texts it was asked for, in their order."""

    name = "made up"
    model = "made up/1/0"
    size = 8

    def __init__(self, seconds: float = 0) -> None:
        self.encoded: list[str] = []
        self._seconds = seconds

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages([f"query: {text}" for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        time.sleep(self._seconds)
        return (
            np.stack([self.vector(text) for text in texts]) if texts else np.zeros((0, self.size), np.float32)
        )

    def vector(self, text: str) -> Vectors:
        seed = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        drawn = np.random.default_rng(list(seed)).normal(size=self.size)
        return np.asarray(drawn / np.linalg.norm(drawn), dtype=np.float32)
