"""The kernel: the one who knows which plugin provides what, and starts it when it is first needed."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio.abc import TaskGroup
from packaging.requirements import Requirement

from trivet.errors import AmbiguousTool, PluginLeftOut, UnknownPlugin, UnknownTool
from trivet.kernel.bus import Bus
from trivet.kernel.configuration import configured
from trivet.kernel.context import HostContext, secrets_of
from trivet.kernel.hooks import Hooks
from trivet.kernel.lifecycle import USABLE, Life, State, described
from trivet.kernel.registry import BoundTool, Registry, missing_tools
from trivet.kernel.survey import PluginRecord, Survey, survey
from trivet.packages import package_data
from trivet.settings import Settings
from trivet_sdk.contributions import ContextPacker, Contributions, Executor, Planner, Policy, Reflector
from trivet_sdk.errors import ModelError, PluginError, WeightsMissing
from trivet_sdk.events import Event, PluginChanged
from trivet_sdk.manifest import Manifest
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
        self._hooks = Hooks(self._hook_failed)
        self._registry = Registry()
        self._specs = {id: found.captured(id) for id in found.order}
        self._lives = {id: self._life(id) for id in found.order}
        self._started: list[str] = []
        self._models: dict[str, Model] = {}
        self._opening = anyio.Lock()
        self._tasks: TaskGroup | None = None

    # What there is

    def plugins(self) -> tuple[PluginRecord, ...]:
        """All installed plugins by id, those that cannot or may not run included."""
        return tuple(self._current(record) for record in self._survey.records.values())

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
        for id, life in self._lives.items():
            if life.state in ("resolved", "starting"):
                specs.update({spec.name: spec for spec in self._specs[id] or ()})
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
            await self._running(spec.plugin)
            entry = self._registry.get("tools", spec.name)
            if entry is None:
                life = self._lives[spec.plugin]
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
        """The one that settings name, or None if no enabled plugin provides it. Raises WeightsMissing or PluginError."""
        name = self.settings.roles.get("embedder", "")
        if self._survey.declaring("embedders", name) is None:
            return None
        for weights in self._survey.weights():
            if weights.name == name and not weights.is_present(self.settings.home):
                raise WeightsMissing(name)
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
        if reason := self._hooks.veto(call):
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
        return self._hooks.redact(event)

    # Lives

    async def start(self, id: str) -> PluginRecord:
        """Start a plugin, if it is not running yet, and what it needs; its record says how that went."""
        if id not in self._survey.records:
            raise UnknownPlugin(id, self._survey.records)
        if id in self._lives:
            await self._start(id)
        return self._current(self._survey.records[id])

    async def _begin(self, tasks: TaskGroup, *, capture: bool) -> None:
        self._tasks = tasks
        modes = {id: self._survey.manifest(id).plugin.activate for id in self._survey.order}
        topics = {id: [mode.removeprefix("event:") for mode in modes[id] if mode.startswith("event:")] for id in modes}
        for id, patterns in topics.items():
            for pattern in patterns:
                await tasks.start(self._start_on, id, pattern)
        uncaptured = [id for id, specs in self._specs.items() if specs is None] if capture else []
        async with anyio.create_task_group() as starts:
            for id in self._survey.order:
                if "start" in modes[id] or id in uncaptured:
                    starts.start_soon(self._start, id)
        for id in uncaptured:
            if self._lives[id].state in USABLE:
                entries = self._registry.of_kind("tools")
                specs = tuple(entry.value.spec for entry in entries if entry.plugin == id)
                self._survey.keep(id, specs)
                self._specs[id] = specs

    async def _start_on(self, id: str, pattern: str, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        with self.bus.subscribe(pattern, bound=1) as events:
            task_status.started()
            async for _ in events:
                await self._start(id)
                return

    async def _start(self, id: str) -> None:
        """Never raises because of the plugin: its life's state and reason tell how it went."""
        life = self._lives[id]
        if life.state not in ("resolved", "starting"):
            return
        for text in life.manifest.requires.plugins:
            needed = Requirement(text).name
            await self._start(needed)
            if self._lives[needed].state not in USABLE and life.state == "resolved":
                life.move("starting")
                life.move(
                    "failed",
                    f"it needs plugin '{needed}', which {self._lives[needed].state}: {self._lives[needed].reason}",
                )
                return
        assert self._tasks is not None, "a kernel is used inside `open_kernel`"
        if life.state == "resolved":
            self._started.append(id)
        await life.start(self._tasks)

    async def _running(self, id: str) -> None:
        await self._start(id)
        life = self._lives[id]
        if life.state not in USABLE:
            raise PluginLeftOut(id, life.state, life.reason)

    async def _stop(self) -> None:
        """Dependants first."""
        for id in reversed(self._started):
            await self._lives[id].stop()

    def _life(self, id: str) -> Life:
        manifest = self._survey.manifest(id)
        return Life(
            self._survey.candidates[id],
            manifest,
            activate=partial(self._activate, id, manifest),
            enter=partial(self._enter, id, manifest),
            left=partial(self._hooks.unregister, id),
            moved=self._moved,
        )

    def _activate(self, id: str, manifest: Manifest, plugin: object) -> Any:
        config, mistakes = self._config(id, manifest)
        if mistakes:
            raise PluginError(
                id, f"cannot use its configuration: {'; '.join(mistakes)}. Mend [plugins.{id}.config] in settings.toml."
            )
        context = HostContext(manifest, config, self.settings, self.bus, self._registry, self._weights_at)
        self._hooks.register(id, plugin)
        return self._hooks.activate(id, context)

    def _config(self, id: str, manifest: Manifest) -> tuple[dict[str, Any], list[str]]:
        given = self.settings.config_of(id)
        if not manifest.config.schema:
            return given, []
        try:
            schema = msgspec.json.decode(package_data.read(self._survey.records[id].package, manifest.config.schema))
        except (FileNotFoundError, msgspec.DecodeError, package_data.PackageUnreadable) as error:
            return {}, [f"its schema {manifest.config.schema} cannot be read ({described(error)})"]
        return configured(schema, given)

    def _enter(
        self, id: str, manifest: Manifest, contributions: Contributions
    ) -> AbstractContextManager[tuple[str, ...]]:
        captured = self._specs[id]
        dynamic = tuple(tool.prefix for tool in manifest.contributes.tools if tool.dynamic)
        expected = {
            spec.name: spec
            for spec in captured or ()
            if not (dynamic and spec.name.partition(".")[2].startswith(dynamic))
        }
        return self._registered(manifest, contributions, expected)

    @contextmanager
    def _registered(
        self, manifest: Manifest, contributions: Contributions, expected: dict[str, ToolSpec]
    ) -> Iterator[tuple[str, ...]]:
        with self._registry.opened(manifest, contributions, expected) as refused:
            brought = frozenset(
                f"{manifest.id}.{tool.spec.name.removeprefix(f'{manifest.id}.')}" for tool in contributions.tools
            )
            yield (*refused, *missing_tools(manifest, brought))

    # Small print

    def _current(self, record: PluginRecord) -> PluginRecord:
        life = self._lives.get(record.id)
        if life is None:
            return record
        return msgspec.structs.replace(
            record, state=life.state, reason=life.reason, seconds=life.start_seconds, traceback=life.traceback
        )

    def _moved(self, id: str, before: State, after: State, reason: str, seconds: float) -> None:
        if after in (*USABLE, "failed"):
            self._survey.started(id, reason if after == "failed" else "", self._lives[id].traceback)
        self.bus.emit(PluginChanged(plugin=id, before=before, after=after, reason=reason, seconds=seconds))

    def _hook_failed(self, id: str, sentence: str) -> None:
        life = self._lives.get(id)
        if life is not None and life.state == "running":
            life.move("degraded", sentence)

    async def _provided(self, kind: str, singular: str, name: str) -> Any:
        id = self._survey.declaring(kind, name)
        if id is None:
            raise self._survey.not_provided(kind, singular, name)
        await self._running(id)
        entry = self._registry.get(kind, name)
        if entry is None:
            raise PluginLeftOut(id, self._lives[id].state, f"it declares the {singular} '{name}' but did not bring it")
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
        model: Model = await opener.open(name, rest)
        return model

    def _weights_at(self, name: str) -> Path:
        for weights in self._survey.weights():
            if weights.name == name:
                path = weights.path(self.settings.home)
                if path.exists():
                    return path
        raise WeightsMissing(name)


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
            await kernel._begin(tasks, capture=capture)
            yield kernel
        except Exception as error:
            failure = error  # re-raised below as it is, not in the group that a task group would make of it
        finally:
            with anyio.CancelScope(shield=True):
                await kernel._stop()
            tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
