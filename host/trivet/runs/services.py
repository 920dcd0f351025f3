"""How planners and reflectors reach models and tools: relayed by the run, journaled, counted."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from trivet.runs.catalogue import Catalogue
from trivet.runs.collaborators import Plugins
from trivet.runs.foreign import cause_of, told
from trivet.runs.log import RunLog
from trivet.runs.models import JournaledModel, Prompts
from trivet_sdk.errors import ModelError, PluginError, TrivetError
from trivet_sdk.events import Event
from trivet_sdk.message import Message
from trivet_sdk.model import Embedder, Model
from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolResult, ToolSpec

Lookup = Callable[[ToolSpec, dict[str, Json]], Awaitable[ToolResult]]


class OpenModels:
    """The models that a run's roles name, opened before the first of them is asked for, since asking is not allowed to
    wait. One that cannot be opened is an error only for who asks for it."""

    def __init__(
        self,
        opened: Mapping[str, Model | TrivetError],
        names: Mapping[str, str],
        embedder: Embedder | TrivetError | None,
    ) -> None:
        self._opened = opened
        self._names = names
        self._embedder = embedder

    def of_role(self, role: str) -> Model:
        name = self._names.get(role) or self._names.get("model", "")
        model = self._opened.get(name)
        if isinstance(model, TrivetError):
            raise model
        if model is None:
            raise ModelError(name, f"is not one of the run's models ({', '.join(self._opened)})")
        return model

    def embedder(self) -> Embedder | None:
        if isinstance(self._embedder, TrivetError):
            raise self._embedder
        return self._embedder


async def open_models(plugins: Plugins, names: Mapping[str, str]) -> OpenModels:
    """`names`: role -> model's name; the role `model` serves all others."""
    opened: dict[str, Model | TrivetError] = {}
    for name in dict.fromkeys(names.values()):
        try:
            opened[name] = _usable(await plugins.model(name))
        except BaseException as error:  # foreign code
            cause = cause_of(error)
            opened[name] = (
                cause if isinstance(cause, TrivetError) else ModelError(name, f"cannot be opened: {told(cause)}")
            )
    embedder: Embedder | TrivetError | None
    try:
        embedder = await plugins.embedder()
    except TrivetError as error:
        embedder = error
    return OpenModels(opened, names, embedder)


def _usable(model: Any) -> Model:
    """Raises TypeError where a backend opened something that is no model."""
    if not isinstance(model, Model):
        lacking = [
            name
            for name in ("name", "window", "is_small", "features", "generate", "measure")
            if not hasattr(model, name)
        ]
        raise TypeError(f"its backend opened {type(model).__name__}, which has no {', '.join(lacking)}")
    if not isinstance(model.name, str):
        raise TypeError(f"its backend opened a model whose name is {model.name!r}")
    return model


class RunServices:
    """Fulfils `trivet_sdk.Services` for one run, and for one step if it has one."""

    def __init__(
        self,
        log: RunLog,
        models: OpenModels,
        prompts: Prompts,
        tools: Catalogue,
        lookup: Lookup,
        exhausted: Callable[[], str],
        tokens_left: Callable[[], int | None],
        used: Callable[[Model], None],
        emit: Callable[[Event], None],
        step: str | None = None,
    ) -> None:
        self._log = log
        self._models = models
        self._prompts = prompts
        self._tools = tools
        self._lookup = lookup
        self._exhausted = exhausted
        self._tokens_left = tokens_left
        self._used = used
        self._emit = emit
        self._step = step

    def model(self, role: str = "model") -> Model:
        return JournaledModel(
            self._models.of_role(role),
            role,
            self._step,
            self._log,
            self._prompts,
            self._exhausted,
            self._tokens_left,
            self._used,
        )

    def embedder(self) -> Embedder | None:
        return self._models.embedder()

    async def measure(self, messages: Sequence[Message]) -> int:
        return await self.model().measure(messages)

    def emit(self, event: Event) -> None:
        self._emit(event)

    async def call(self, tool: str, arguments: Mapping[str, Json]) -> ToolResult:
        spec = self._tools.find(tool)
        if spec is None:
            raise PluginError(tool.partition(".")[0], f"has no tool '{tool}' that could be looked up with")
        if spec.effect != "pure" or spec.egress or spec.plugin == spec.name:
            raise PluginError(
                spec.plugin, f"cannot look things up with '{spec.name}': only pure tools that keep data here can"
            )
        return await self._lookup(spec, dict(arguments))
