"""What a planner reaches where there is no run: the models of the settings and the embedder, and no tools."""

from collections.abc import Mapping, Sequence

from trivet.app import Host, KernelPlugins
from trivet.runs.services import OpenModels, open_models
from trivet_sdk.errors import PluginError
from trivet_sdk.events import Event
from trivet_sdk.message import Message
from trivet_sdk.model import Embedder, Model
from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolResult


class LooseServices:
    """Fulfils `trivet_sdk.Services`."""

    def __init__(self, models: OpenModels) -> None:
        self._models = models

    def model(self, role: str = "model") -> Model:
        return self._models.of_role(role)

    def embedder(self) -> Embedder | None:
        return self._models.embedder()

    async def measure(self, messages: Sequence[Message]) -> int:
        return await self.model().measure(messages)

    def emit(self, event: Event) -> None:
        return

    async def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        raise PluginError(tool.partition(".")[0], f"has no tool '{tool}' that could be looked up with")


async def loose_services(host: Host) -> LooseServices:
    """A model that cannot be opened is an error only for who asks for it."""
    return LooseServices(await open_models(KernelPlugins(host.kernel), host.settings.serving()))
