"""Services without a host: for tests of planners, reflectors and executors."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..errors import ModelError, PluginError
from ..events import Event
from ..message import Message
from ..model import Embedder, Model
from ..plan import Json
from ..tool import Tool, ToolResult
from ..workspace import Workspace
from .calling import call


class StandaloneServices:
    """Services made of the given parts. `models` is the one model for every role, or a model for each; `emitted` are the
    events, `calls` the look-ups."""

    def __init__(
        self,
        models: Model | Mapping[str, Model] | None = None,
        *,
        embedder: Embedder | None = None,
        tools: Iterable[Tool] = (),
        workspace: Workspace | Path | None = None,
    ) -> None:
        self._models = models
        self._embedder = embedder
        self._tools = {tool.spec.name: tool for tool in tools}
        self._workspace = workspace
        self.emitted: list[Event] = []
        self.calls: list[tuple[str, dict[str, Json]]] = []

    def model(self, role: str = "model") -> Model:
        model = self._models.get(role) if isinstance(self._models, Mapping) else self._models
        if model is None:
            raise ModelError(role, "is not configured: no enabled plugin provides it")
        return model

    def embedder(self) -> Embedder | None:
        return self._embedder

    async def measure(self, messages: Sequence[Message]) -> int:
        return await self.model().measure(messages)

    def emit(self, event: Event) -> None:
        self.emitted.append(event)

    async def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        found = self._tools.get(tool)
        if found is None:
            raise PluginError(tool.partition(".")[0], f"has no tool '{tool}'")
        if found.spec.effect != "pure":
            raise PluginError(tool.partition(".")[0], f"has a tool '{tool}', but it is {found.spec.effect}, not pure")
        if found.spec.egress:
            raise PluginError(tool.partition(".")[0], f"has a tool '{tool}', but it may send data elsewhere")
        self.calls.append((tool, dict(arguments)))
        return await call(found, arguments, workspace=self._workspace)
