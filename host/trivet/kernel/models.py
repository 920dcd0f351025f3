"""Models by their names in the settings, opened once in each life of their backends."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import anyio
import msgspec

from trivet.errors import CallInterrupted
from trivet.kernel.lifecycle import described
from trivet.kernel.registry import Entry, Registry
from trivet.kernel.standins import AGAIN, at_work
from trivet.kernel.watchdog import Entered
from trivet_sdk.errors import ModelError, ModelUnavailable, TrivetError
from trivet_sdk.message import Message
from trivet_sdk.model import Delta, GenerateRequest, Model


class Models:
    """`defined` are the definitions of the settings; `backend` finds a backend's entry, its plugin started, and `known`
    are the names of those that there are."""

    def __init__(
        self,
        registry: Registry,
        defined: Callable[[], Mapping[str, Mapping[str, Any]]],
        backend: Callable[[str], Awaitable[Entry]],
        known: Callable[[], tuple[str, ...]],
    ) -> None:
        self._registry = registry
        self._defined = defined
        self._backend = backend
        self._known = known
        self._opened: dict[str, OpenModel] = {}
        self._opening = anyio.Lock()

    async def model(self, name: str) -> Model:
        """Raises ModelError, WeightsMissing or PluginError."""
        present = partial(self._present, name)
        return CurrentModel(await present(), present)

    async def _present(self, name: str) -> "OpenModel":
        if (opened := self._valid(name)) is not None:
            return opened
        async with self._opening:
            opened = self._valid(name)
            if opened is None:
                opened = self._opened[name] = await self._open(name)
        return opened

    def _valid(self, name: str) -> "OpenModel | None":
        """As it was opened, if its backend still has that life, and settings still say so."""
        opened = self._opened.get(name)
        if opened is None or not opened.backend.share.is_shown or opened.definition != self._definition(name):
            return None
        return opened

    def _definition(self, name: str) -> Mapping[str, Any] | None:
        contributed = self._registry.get("model_definitions", name)
        return self._defined().get(name) or (contributed.value if contributed else None)

    async def _open(self, name: str) -> "OpenModel":
        definition = self._definition(name)
        if definition is None:
            raise ModelError(
                name, f"is not defined. Define it as [models.{name}] in settings.toml, or run `trivet init`."
            )
        backend = definition.get("backend")
        if not isinstance(backend, str):
            known = ", ".join(self._known()) or "none"
            raise ModelError(name, f"names no backend. Set models.{name}.backend; there is: {known}.")
        entry = await self._backend(backend)
        rest = {key: value for key, value in definition.items() if key not in ("backend", "optional")}
        entered = Entered(entry.plugin, f"opening model '{name}'")
        # Foreign code: a backend that breaks over a definition must not take the run with it unexplained.
        try:
            async with at_work(entry, entered) as opener:
                model: Model = await opener.open(name, rest)
        except TrivetError:
            raise
        except Exception as error:
            raise ModelError(name, f"could not be opened by backend '{backend}': {described(error)}") from error
        return OpenModel(model, entry, definition)


class OpenModel(msgspec.Struct, frozen=True):
    """A model, the entry of the backend that opened it, and the definition that it was opened by."""

    model: Model
    backend: Entry
    definition: Mapping[str, Any]


class CurrentModel(Model):
    """`present` opens the model anew where its backend has a new life or its definition changed."""

    def __init__(self, opened: OpenModel, present: Callable[[], Awaitable[OpenModel]]) -> None:
        self._opened = opened
        self._present = present
        self._entered = Entered(opened.backend.plugin, f"model '{opened.model.name}'")

    @property
    def name(self) -> str:
        return self._opened.model.name

    @property
    def window(self) -> int | None:
        return self._opened.model.window

    @property
    def is_small(self) -> bool:
        return self._opened.model.is_small

    @property
    def features(self) -> frozenset[str]:
        return self._opened.model.features

    async def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        entered, left = self._entered, AGAIN
        while True:
            opened = self._opened = await self._present()
            is_told = False
            try:
                async with at_work(opened.backend, entered, is_repeat=left < AGAIN):
                    deltas = opened.model.generate(request)
                    try:
                        async for delta in deltas:
                            is_told = True
                            yield delta
                    finally:
                        if (close := getattr(deltas, "aclose", None)) is not None:
                            await close()
                return
            except CallInterrupted as cut:
                if cut.has_begun and (is_told or not left):
                    raise ModelUnavailable(self.name, f"cannot answer: {cut}") from cut
                left -= cut.has_begun

    async def measure(self, messages: Sequence[Message]) -> int:
        entered, left = self._entered, AGAIN
        while True:
            opened = self._opened = await self._present()
            try:
                async with at_work(opened.backend, entered, is_repeat=left < AGAIN):
                    return await opened.model.measure(messages)
            except CallInterrupted as cut:
                if cut.has_begun and not left:
                    raise ModelUnavailable(self.name, f"cannot answer: {cut}") from cut
                left -= cut.has_begun
