"""What the host hands to a plugin."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from .events import Event
from .message import Message
from .model import Embedder, Model
from .plan import Json
from .tool import ToolResult

if TYPE_CHECKING:
    from .contributions import Contributions


class SecretRef(msgspec.Struct, frozen=True):
    """Where a secret is: `env:NAME`, `file:PATH` or `keyring:NAME`. Its value appears only at the place of use."""

    ref: str


class PluginContext(Protocol):
    """Given to `activate`; valid until the plugin has stopped."""

    @property
    def id(self) -> str:
        """The plugin's id, as its manifest says it, or the name that the user gave this instance of it."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """The plugin's own configuration, checked against the schema its manifest names, defaults filled in."""
        ...

    @property
    def data_dir(self) -> Path:
        """A directory of the plugin's own, kept and backed up."""
        ...

    @property
    def cache_dir(self) -> Path:
        """A directory of the plugin's own that may be emptied at any time."""
        ...

    @property
    def log(self) -> Any:
        """A structlog logger bound to the plugin's id."""
        ...

    def weights(self, name: str) -> Path:
        """The file or folder of declared model files, of any enabled plugin. Raises WeightsMissing with the command to run."""
        ...

    def secret(self, name: str) -> str:
        """The value of a secret that the manifest names, or of a reference (`env:NAME`) in the plugin's own settings.

        Raises PluginError if it is not set. Ask at the place of use and do not keep it: it may change.
        """
        ...

    def embedder(self) -> Embedder | None:
        """The configured embedder, or None if no enabled plugin provides one. Ask for each piece of work: settings change.

        Its plugin starts with the first text, and `dimensions` is known from then on. Do not embed within `activate`: that
        would make one plugin's start wait for another's.
        """
        ...

    def emit(self, event: Event) -> None:
        """Publish one of the plugin's declared topics on the bus."""
        ...

    def subscribe(self, pattern: str) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Events whose topic matches, `*` standing for any part, from now on."""
        ...

    def contribute(self, contributions: "Contributions") -> AbstractAsyncContextManager[None]:
        """Add contributions for as long as the scope is open; for lists that change, such as an MCP server's tools."""
        ...

    def degraded(self, reason: str) -> None:
        """Say that the plugin works only in part, and why, e.g. that a server is out of reach; an empty reason takes it
        back. Shown to the user. Called on the event loop; a plugin that cannot work at all raises instead."""
        ...


class Services(Protocol):
    """Relayed by the host: how a planner, reflector or executor reaches models and tools without importing their plugins."""

    def model(self, role: str = "model") -> Model:
        """The model that settings give this role. Every call through it is journaled and counted in the budget.

        Raises ModelError if no enabled plugin provides it.
        """
        ...

    def embedder(self) -> Embedder | None:
        """The configured embedder, or None if no enabled plugin provides one."""
        ...

    async def measure(self, messages: Sequence[Message]) -> int:
        """Tokens of these messages for the run's main model."""
        ...

    def emit(self, event: Event) -> None:
        """Publish an event on the bus, e.g. progress; it does not enter the run's journal."""
        ...

    async def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        """Look something up with a pure tool, e.g. list the workspace; journaled without a step.

        Raises ToolError as the tool does; PluginError if the tool is unknown, not pure, or sends data elsewhere (egress).
        """
        ...
