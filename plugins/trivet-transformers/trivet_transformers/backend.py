"""Makes models out of `[models.*]`. Importing this costs nothing: torch and transformers come with the first model."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread

from trivet_sdk import Model, ModelError
from trivet_transformers.definition import Definition, read_definition
from trivet_transformers.facts import Facts, conversion_of, facts_of
from trivet_transformers.libraries import import_libraries
from trivet_transformers.local_model import LocalModel

if TYPE_CHECKING:
    from trivet_transformers.checkpoint import Checkpoint
    from trivet_transformers.engine import Engine


class TransformersBackend:
    """`find` resolves declared weights; `cache` is where converted files go."""

    def __init__(self, find: Callable[[str], Path], cache: Path) -> None:
        self._find, self._cache = find, cache
        self._limiter = anyio.CapacityLimiter(1)  # torch uses all cores for one pass; two passes at once only wait
        self._loaded: dict[tuple[Any, ...], Checkpoint] = {}

    async def open(self, name: str, definition: Mapping[str, Any]) -> Model:
        """Models that differ only in their adapter share the weights. Declared weights that were loaded here before are
        loaded again at the first request, since most runs never ask."""
        read = read_definition(name, definition)
        if facts := self._known(name, read):
            return LocalModel(name, lambda: self._engine(name, read), self._limiter, facts)
        engine = await to_thread.run_sync(self._engine, name, read, limiter=self._limiter)
        return LocalModel(name, lambda: engine, self._limiter, Facts(engine.window, engine.parameters))

    def _known(self, name: str, definition: Definition) -> Facts | None:
        """What the files say of a model that is sure to load; None for all others, whose faults `open` has to tell."""
        if not definition.weights or definition.device not in ("auto", "cpu"):
            return None
        path = self._find(definition.weights)
        folder = path if path.is_dir() else conversion_of(path, self._cache)
        facts = facts_of(folder)
        if facts is None or definition.window is None:
            return facts
        return Facts(min(definition.window, facts.window or definition.window), facts.parameters)

    def _engine(self, name: str, definition: Definition) -> "Engine":
        path = self._path(name, definition)  # before torch is imported, so that missing files are told at once
        import_libraries(name)
        import torch

        from trivet_transformers.checkpoint import load
        from trivet_transformers.device import choose_device, choose_dtype
        from trivet_transformers.engine import Engine
        from trivet_transformers.gguf_file import converted

        if definition.threads is not None:
            torch.set_num_threads(definition.threads)
        dtype = choose_dtype(definition.dtype, choose_device(name, definition.device))
        source = definition.hub if path is None else path if path.is_dir() else converted(name, path, self._cache)
        key = (source, definition.revision, dtype)
        if key not in self._loaded:
            self._loaded[key] = load(name, source, dtype, definition.revision)
        return Engine(name, self._loaded[key], definition, self._find)

    def _path(self, name: str, definition: Definition) -> Path | None:
        """The folder or file that is there; None for a hub id. Raises WeightsMissing, ModelError."""
        if definition.hub:
            return None
        path = self._find(definition.weights) if definition.weights else Path(definition.path).expanduser()
        if not path.exists():
            raise ModelError(name, f"cannot be loaded: there is no {path}.")
        return path
