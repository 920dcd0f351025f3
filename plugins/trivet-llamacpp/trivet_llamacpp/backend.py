"""Makes models out of `[models.*]`. Importing this costs nothing: llama.cpp comes with the first request."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import anyio
from anyio import to_thread

from trivet_llamacpp.definition import Definition, read_definition
from trivet_llamacpp.engine import Engine
from trivet_llamacpp.gguf_header import Header, remembered_header
from trivet_llamacpp.local_model import LlamaModel
from trivet_sdk import Model, ModelError

LOOKED = 5.0
"""Seconds between looks for a model that is idle."""


class LlamaBackend:
    """`find` resolves declared weights; `cache` is a folder of this plugin. Leaving the context releases every model."""

    def __init__(self, find: Callable[[str], Path], cache: Path) -> None:
        self._find, self._cache = find, cache
        self._limiter = anyio.CapacityLimiter(1)
        self._loading = threading.Lock()
        self._engines: dict[tuple[Path, int, int], Engine] = {}
        self._idle: dict[tuple[Path, int, int], float] = {}
        """Seconds after which each is released; 0 for never."""
        self._ended = threading.Event()

    async def __aenter__(self) -> "LlamaBackend":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._close)

    async def open(self, name: str, definition: Mapping[str, Any]) -> Model:
        """The file's header is read now, the rest at the first request, since most runs never ask."""
        read = read_definition(name, definition)
        file = self._file(name, read)
        header = await to_thread.run_sync(_header, name, file, self._cache)
        window = min(read.window, header.window or read.window)
        return LlamaModel(name, lambda: self._engine(name, file, window, read), self._limiter, header, window)

    def _file(self, name: str, definition: Definition) -> Path:
        """Raises WeightsMissing, ModelError."""
        file = self._find(definition.weights) if definition.weights else Path(definition.path).expanduser()
        if not file.exists():
            raise ModelError(name, f"cannot be loaded: there is no {file}.")
        return file

    def _engine(self, name: str, file: Path, window: int, definition: Definition) -> Engine:
        """In any thread; models of the same file and size share one."""
        key = (file, window, definition.cores)
        with self._loading:
            if key not in self._engines:
                self._engines[key] = Engine(name, file, window, definition.cores, self._cache)
                if not self._idle:
                    threading.Thread(target=self._release_idle, name="llamacpp-idle", daemon=True).start()
            self._idle[key] = definition.idle * 60
            return self._engines[key]

    def _release_idle(self) -> None:
        while not self._ended.wait(LOOKED):
            with self._loading:
                for key, engine in [*self._engines.items()]:
                    if self._idle[key] and engine.is_idle(self._idle[key]):
                        engine.close()
                        del self._engines[key]

    def _close(self) -> None:
        self._ended.set()
        with self._loading:
            for engine in self._engines.values():
                engine.close()
            self._engines.clear()


def _header(name: str, file: Path, cache: Path) -> Header:
    try:
        return remembered_header(file, cache)
    except (ValueError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ModelError(name, f"cannot be loaded from {file}: {reason}.") from None
