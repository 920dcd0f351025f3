"""Texts as vectors, from declared weights or a folder. Importing this costs nothing; the first text loads the model."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from trivet_transformers.libraries import import_libraries

if TYPE_CHECKING:
    from trivet_transformers.sentence_encoder import SentenceEncoder


class LocalEmbedder:
    """`find` gives the folder, and raises WeightsMissing while there is none."""

    def __init__(self, name: str, find: Callable[[], Path], device: str = "auto") -> None:
        self._name, self._find, self._device = name, find, device
        self._limiter = anyio.CapacityLimiter(1)
        self._encoder: SentenceEncoder | None = None

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        """Read from the folder's config.json, without loading the model."""
        return int(json.loads((self._find() / "config.json").read_bytes())["hidden_size"])

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """A numpy array, `[len(texts), dimensions]`, float32, each row of length 1."""
        return await to_thread.run_sync(self._embed, texts, limiter=self._limiter)

    def _embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        if self._encoder is None:
            folder = self._find()
            import_libraries(self._name)
            from trivet_transformers.device import choose_device
            from trivet_transformers.sentence_encoder import SentenceEncoder

            self._encoder = SentenceEncoder(self._name, folder, choose_device(self._name, self._device))
        return self._encoder.encode(texts)  # type: ignore[return-value]  # rows of an array are sequences of floats
