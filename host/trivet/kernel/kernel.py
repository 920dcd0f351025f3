"""The kernel: the one who knows which plugin provides what, and starts it when it is first needed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio

from trivet.errors import AmbiguousTool, PluginLeftOut, UnknownPlugin, UnknownTool
from trivet.kernel.bus import Bus
from trivet.kernel.context import secrets_of
from trivet.kernel.lifecycle import described
from trivet.kernel.lives import Lives
from trivet.kernel.registry import BoundTool, Registry
from trivet.kernel.survey import PluginRecord, Survey, survey
from trivet.kernel.timings import Timings
from trivet.settings import Settings
from trivet_sdk.contributions import ContextPacker, Executor, Planner, Policy, Reflector
from trivet_sdk.errors import ModelError, TrivetError
from trivet_sdk.events import Event
from trivet_sdk.model import Embedder, Model
from trivet_sdk.tool import Tool, ToolCall, ToolSpec

GUARD_SECONDS = 10.0
"""A contributed guard that has not answered by then has not agreed."""


class Kernel:
    """Opened by `open_kernel`. What raises PluginError says in one sentence which plugin, why, and what to do."""

    def __init__(self, settings: Settings, found: Survey) -> None:
        self.settings = settings
        self.bus = Bus()
        self._survey = found
        self._registry = Registry()
        self._lives = Lives(settings, found, self.bus, self._registry)
        self._models: dict[str, Model] = {}
        self._opening = anyio.Lock()

    @property
    def timings(self) -> Timings:
        """Of hooks and tool calls, in this host's life."""
        return self._lives.hooks.timings

    def measured(self) -> Timings:
        """All timings so far, with how long each plugin took to start."""
        starts = Timings()
        for record in self.plugins():
            if record.seconds:
                starts[record.id, "start"].add(record.seconds)
        starts.merge(self.timings)
        return starts

    # What there is

    def plugins(self) -> tuple[PluginRecord, ...]:
        """All installed plugins by id, those that cannot or may not run included."""
        return tuple(self._lives.current(record) for record in self._survey.records.values())

    def names(self, kind: str) -> tuple[str, ...]:
        """What enabled plugins declare of a kind, e.g. `planners`."""
        return self._survey.names(kind)

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about settings that nobody can use."""
        return (*self.settings.problems, *self._survey.problems)

    # Tools

    def tools(self) -> tuple[ToolSpec, ...]:
        """The specs of all tools that can be called, by full name: of plugins not started yet, those captured."""
        specs = {entry.value.spec.name: entry.value.spec for entry in self._registry.of_kind("tools")}
        specs.update({spec.name: spec for spec in self._lives.waiting_specs()})
        return tuple(specs[name] for name in sorted(specs))

    def find_tool(self, name: str) -> ToolSpec:
        """By full name, or by a short one where it is unique. Raises UnknownTool or AmbiguousTool."""
        by_name = {spec.name: spec for spec in self.tools()}
        if name in by_name:
            return by_name[name]
        fitting = [full for full in by_name if full.partition(".")[2] == name]
        if len(fitting) > 1:
            raise AmbiguousTool(name, fitting)
        if not fitting:
            raise UnknownTool(name, by_name)
        return by_name[fitting[0]]

    async def tool(self, name: str) -> Tool:
        """The tool, its plugin started. Raises PluginError."""
        entry = self._registry.get("tools", name)
        if entry is None:
            spec = self.find_tool(name)
            await self._lives.running(spec.plugin)
            entry = self._registry.get("tools", spec.name)
            if entry is None:
                life = self._lives.of(spec.plugin)
                raise PluginLeftOut(spec.plugin, life.state, life.reason or f"it no longer brings '{spec.name}'")
        tool: BoundTool = entry.value
        return tool

    def secrets(self, tool: str) -> dict[str, str]:
        """Values of the secrets that the tool's plugin declares, as far as they are set."""
        return secrets_of(self._survey.manifest(self.find_tool(tool).plugin), self.settings)

    # Everything else that is called by name

    async def planner(self, name: str) -> Planner:
        planner: Planner = await self._provided("planners", "planner", name)
        return planner

    async def reflector(self, name: str) -> Reflector:
        reflector: Reflector = await self._provided("reflectors", "reflector", name)
        return reflector

    async def context(self, name: str) -> ContextPacker:
        packer: ContextPacker = await self._provided("contexts", "context", name)
        return packer

    async def executor(self, name: str) -> Executor:
        executor: Executor = await self._provided("executors", "executor", name)
        return executor

    async def policy(self, name: str) -> Policy:
        policy: Policy = await self._provided("policies", "policy", name)
        return policy

    async def embedder(self) -> Embedder | None:
        """The one that settings name, or None if no enabled plugin declares it. Raises PluginError; that its files are
        missing is said by `embed`."""
        name = self.settings.roles.get("embedder", "")
        if self._survey.declaring("embedders", name) is None:
            return None
        embedder: Embedder = await self._provided("embedders", "embedder", name)
        return embedder

    async def model(self, name: str) -> Model:
        """One entry of `[models]`, opened once and kept. Raises ModelError, WeightsMissing or PluginError."""
        if name not in self._models:
            async with self._opening:
                if name not in self._models:
                    self._models[name] = await self._opened_model(name)
        return self._models[name]

    # Hooks and guards

    async def veto(self, call: ToolCall) -> str | None:
        """The first reason why the call must not happen: of hooks, then of contributed guards."""
        if reason := self._lives.hooks.veto(call):
            return reason
        for entry in self._registry.of_kind("guards"):
            # Foreign code: a guard that fails has not agreed.
            try:
                with anyio.fail_after(GUARD_SECONDS):
                    reason = await entry.value.veto(call)
            except Exception as error:
                return f"plugin '{entry.plugin}' could not judge it: {described(error)}"
            if reason:
                return str(reason)
        return None

    def redact(self, event: Event) -> Event | None:
        """The event as it may leave the host; None where a redaction failed, for then it must not leave."""
        return self._lives.hooks.redact(event)

    # Plugins by name

    async def start(self, id: str) -> PluginRecord:
        """Start a plugin, if it is not running yet, and what it needs; its record says how that went."""
        if id not in self._survey.records:
            raise UnknownPlugin(id, self._survey.records)
        if id in self._survey.order:
            await self._lives.start(id)
        return self._lives.current(self._survey.records[id])

    async def _provided(self, kind: str, singular: str, name: str) -> Any:
        id = self._survey.declaring(kind, name)
        if id is None:
            raise self._survey.not_provided(kind, singular, name)
        await self._lives.running(id)
        entry = self._registry.get(kind, name)
        if entry is None:
            raise PluginLeftOut(
                id, self._lives.of(id).state, f"it declares the {singular} '{name}' but did not bring it"
            )
        return entry.value

    async def _opened_model(self, name: str) -> Model:
        contributed = self._registry.get("model_definitions", name)
        definition = self.settings.models.get(name) or (contributed.value if contributed else None)
        if definition is None:
            raise ModelError(
                name, f"is not defined. Define it as [models.{name}] in settings.toml, or run `trivet init`."
            )
        backend = definition.get("backend")
        if not isinstance(backend, str):
            known = ", ".join(self.names("models")) or "none"
            raise ModelError(name, f"names no backend. Set models.{name}.backend; there is: {known}.")
        opener = await self._provided("models", "model backend", backend)
        rest = {key: value for key, value in definition.items() if key != "backend"}
        # Foreign code: a backend that breaks over a definition must not take the run with it unexplained.
        try:
            model: Model = await opener.open(name, rest)
        except TrivetError:
            raise
        except Exception as error:
            raise ModelError(name, f"could not be opened by backend '{backend}': {described(error)}") from error
        return model


@asynccontextmanager
async def open_kernel(
    settings: Settings, plugins: Sequence[object] = (), *, capture: bool = True
) -> AsyncIterator[Kernel]:
    """A kernel for as long as the scope is open. `plugins` are modules or objects that a program brings itself.

    Unless `capture` is off, a plugin whose tools were never captured is started once on the way, and its specs kept.
    """
    found = await anyio.to_thread.run_sync(survey, settings, tuple(plugins))
    kernel = Kernel(settings, found)
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        try:
            await kernel._lives.begin(tasks, capture=capture)
            yield kernel
        except Exception as error:
            failure = error  # re-raised below as it is, not in the group that a task group would make of it
        finally:
            with anyio.CancelScope(shield=True):
                await kernel._lives.stop()
            tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
