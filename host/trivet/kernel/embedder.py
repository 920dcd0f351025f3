"""The embedder, opened when the first text is embedded: asking a run for it must not load a model that nobody uses."""

from collections.abc import Awaitable, Callable, Sequence

from trivet_sdk.errors import ModelError
from trivet_sdk.model import Embedder


class LateEmbedder:
    """Fulfils `trivet_sdk.Embedder`; `dimensions` is known from the first `embed` on."""

    def __init__(self, name: str, open: Callable[[], Awaitable[Embedder | None]]) -> None:
        self.name = name
        self._open = open
        self._opened: Embedder | None = None

    @property
    def dimensions(self) -> int:
        if self._opened is None:
            raise ModelError(self.name, "has not embedded anything yet, so its dimensions are not known")
        return self._opened.dimensions

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """Raises WeightsMissing if its files must be fetched first, ModelError if it cannot be opened."""
        if self._opened is None:
            self._opened = await self._open()
        if self._opened is None:
            raise ModelError(self.name, "is provided by no enabled plugin")
        return await self._opened.embed(texts)
