"""The kernel: the one who knows which plugin provides what, and starts it when it is first needed."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from trivet.errors import AmbiguousTool, PluginLeftOut, SettingsError, UnknownPlugin, UnknownTool
from trivet.kernel.admission import refusal_of_changed
from trivet.kernel.bodies import body_of
from trivet.kernel.bus import Bus
from trivet.kernel.context import secrets_of
from trivet.kernel.embedder import LateEmbedder
from trivet.kernel.lifecycle import described
from trivet.kernel.lives import Bodies, Lives
from trivet.kernel.models import Models
from trivet.kernel.noticing import Noticing
from trivet.kernel.own import own_share
from trivet.kernel.pace import USUAL, Pace
from trivet.kernel.refreshing import refresh
from trivet.kernel.registry import BoundTool, Entry, Registry
from trivet.kernel.standins import (
    CurrentEmbedder,
    CurrentExecutor,
    CurrentPacker,
    CurrentPlanner,
    CurrentPolicy,
    CurrentReflector,
    Find,
    at_work,
)
from trivet.kernel.survey import PluginRecord, Survey, survey, why_without
from trivet.kernel.timings import Timings
from trivet.kernel.watchdog import Entered, Watchdog
from trivet.packages.package_data import directory
from trivet.settings import Settings, reloaded
from trivet_sdk.contributions import ContextPacker, Contributions, Executor, Planner, Policy, Reflector
from trivet_sdk.events import Event
from trivet_sdk.model import Embedder, Model
from trivet_sdk.tool import Tool, ToolCall, ToolSpec

GUARD_SECONDS = 10.0
"""A contributed guard that has not answered by then has not agreed."""


class Kernel:
    """Opened by `open_kernel`. What raises PluginError says in one sentence which plugin, why, and what to do."""

    def __init__(
        self,
        settings: Settings,
        found: Survey,
        embedded: tuple[object, ...],
        tasks: TaskGroup,
        bus: Bus,
        *,
        bodies: Bodies,
        pace: Pace,
        own: Contributions,
    ) -> None:
        self.settings = settings
        self.bus = bus
        self._embedded = embedded
        self._registry = Registry()
        self._own = own_share(self._registry, own)
        self._lives = Lives(
            settings,
            found,
            self.bus,
            self._registry,
            tasks,
            bodies=bodies,
            pace=pace,
            embedder=self.late_embedder,
        )
        self._late: LateEmbedder | None = None
        self._noticing = Noticing(settings.home, self._reloaded)
        self._models = Models(
            self._registry,
            lambda: self.settings.models,
            partial(self._provided, "models", "model backend"),
            partial(self.names, "models"),
        )
        self._refreshing = anyio.Lock()
        self._trouble = ""

    @property
    def _found(self) -> Survey:
        return self._lives.survey

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
        return tuple(self._lives.current(record) for record in self._found.records.values())

    def names(self, kind: str) -> tuple[str, ...]:
        """What enabled plugins declare of a kind, e.g. `planners`."""
        return self._found.names(kind)

    @property
    def problems(self) -> tuple[str, ...]:
        """Sentences about settings that nobody can use."""
        trouble = (self._trouble,) if self._trouble else ()
        return (*self.settings.problems, *self._found.problems, *trouble)

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
            raise UnknownTool(name, by_name, why_without(name, self.plugins()))
        return by_name[fitting[0]]

    async def tool(self, name: str) -> Tool:
        """The tool, its plugin started, or waited for while it is being restarted. Raises PluginError.

        To be called soon: once its plugin has a newer life, a call raises CallInterrupted without having begun.
        """
        entry = self._registry.get("tools", name)
        if entry is None:
            spec = self.find_tool(name)
            await self._lives.running(spec.plugin)
            entry = self._registry.get("tools", spec.name)
            if entry is None:
                supervisor = self._lives.supervisors[spec.plugin]
                because = supervisor.reason or f"it no longer brings '{spec.name}'"
                if supervisor.life is not None and spec.name in supervisor.life.share.refused_as_changed:
                    because = refusal_of_changed(spec.plugin, spec.name)
                raise PluginLeftOut(spec.plugin, supervisor.state, because)
        tool: BoundTool = entry.value
        return tool

    def secrets(self, tool: str) -> dict[str, str]:
        """Values of the secrets that the tool's plugin declares, as far as they are set."""
        return secrets_of(self._found.manifest(self.find_tool(tool).plugin), self.settings)

    # Everything else that is called by name

    async def planner(self, name: str) -> Planner:
        return CurrentPlanner(*await self._stand_in("planners", "planner", name))

    async def reflector(self, name: str) -> Reflector:
        return CurrentReflector(*await self._stand_in("reflectors", "reflector", name))

    async def context(self, name: str) -> ContextPacker:
        return CurrentPacker(*await self._stand_in("contexts", "context", name))

    async def executor(self, name: str) -> Executor:
        find, entry = await self._stand_in("executors", "executor", name)
        if entry.share is self._own:
            executor: Executor = entry.value
            return executor  # it outlives every run, so nobody needs to stand in for it
        return CurrentExecutor(find, entry)

    async def policy(self, name: str) -> Policy:
        return CurrentPolicy(*await self._stand_in("policies", "policy", name))

    async def embedder(self) -> Embedder | None:
        """The one that settings name, or None if no enabled plugin declares it. Raises PluginError; that its files are
        missing is said by `embed`."""
        name = self.settings.roles.get("embedder", "")
        if self._found.declaring("embedders", name) is None:
            return None
        return CurrentEmbedder(*await self._stand_in("embedders", "embedder", name))

    def late_embedder(self) -> Embedder | None:
        """The same, its plugin not started before the first text."""
        name = self.settings.roles.get("embedder", "")
        if name not in self.names("embedders"):
            return None
        if self._late is None or self._late.name != name:
            self._late = LateEmbedder(name, self.embedder)
        return self._late

    async def model(self, name: str) -> Model:
        """One entry of `[models]`, opened once in each life of its backend. Raises ModelError, WeightsMissing or
        PluginError."""
        return await self._models.model(name)

    # Hooks and guards

    async def veto(self, call: ToolCall) -> str | None:
        """The first reason why the call must not happen: of hooks, then of contributed guards."""
        if reason := self._lives.hooks.veto(call):
            return reason
        for entry in self._registry.of_kind("guards"):
            # Foreign code: a guard that fails has not agreed.
            entered = Entered(entry.plugin, "guarding a call")
            try:
                with anyio.fail_after(GUARD_SECONDS):
                    async with at_work(entry, entered) as guard:
                        reason = await guard.veto(call)
            except BaseException as error:
                if isinstance(error, asyncio.CancelledError) and anyio.current_effective_deadline() == float("-inf"):
                    raise  # the call itself is no longer wanted
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
        if id not in self._found.records:
            raise UnknownPlugin(id, self._found.records)
        await self._lives.start(id)
        return self._lives.current(self._found.records[id])

    async def refresh(self, settings: Settings | None = None, *, restart: Iterable[str] = ()) -> None:
        """Take notice of what changed: settings (those given, else read again from where they came), installed plugins,
        and restarts that were asked for, here or by `trivet plugins restart`. Returns once it is in effect.

        Raises SettingsError for settings that cannot be read; all then goes on as before.
        """
        async with self._refreshing:
            settings = settings or reloaded(self.settings)
            wanted = self._noticing.restarts() | frozenset(restart)
            for id in wanted:
                self._lives.failures.forget(id)
            importlib.invalidate_caches()
            found = await anyio.to_thread.run_sync(survey, settings, self._embedded)
            self.settings = settings
            await refresh(self._lives, settings, found, wanted)

    async def keep_up(self, seconds: float) -> None:
        """Refresh whenever a look at the home shows that something changed, until cancelled."""
        while True:
            await anyio.sleep(seconds)
            if self._noticing.has_changed():
                try:
                    await self.refresh()
                    self._trouble = ""
                except SettingsError as error:
                    self._trouble = f"the settings that hold are the last ones that could be read: {error}"
                except OSError as error:
                    self._trouble = f"what has changed could not be looked at: {error}"

    def _reloaded(self) -> Iterator[Path]:
        """Folders of the plugins that are to be reloaded when their sources change."""
        for id in self._found.order:
            if self.settings.plugins.get(id, {}).get("reload") is True and self._found.records[id].package:
                folder = directory(self._found.records[id].package)
                if folder is not None:
                    yield folder

    def plugin_of(self, module: str) -> str:
        """Id of the plugin in this process that a module belongs to, or nothing."""
        package = module.partition(".")[0]
        if package not in self._lives.imported:
            return ""
        packages = {id: record.package for id, record in self._found.records.items()}
        return next((id for id in self._lives.started() if packages.get(id) == package), "")

    async def _stand_in(self, kind: str, singular: str, name: str) -> tuple[Find, Entry]:
        find = partial(self._provided, kind, singular, name)
        return find, await find()

    async def _provided(self, kind: str, singular: str, name: str) -> Entry:
        entry = self._registry.get(kind, name)
        if entry is not None and entry.share is self._own:
            return entry
        id = self._found.declaring(kind, name)
        if id is None:
            raise self._found.not_provided(kind, singular, name)
        await self._lives.running(id)
        entry = self._registry.get(kind, name)
        if entry is None:
            raise PluginLeftOut(
                id, self._lives.supervisors[id].state, f"it declares the {singular} '{name}' but did not bring it"
            )
        return entry


@asynccontextmanager
async def open_kernel(
    settings: Settings,
    plugins: Sequence[object] = (),
    *,
    capture: bool = True,
    bus: Bus | None = None,
    bodies: Bodies = body_of,
    pace: Pace = USUAL,
    own: Contributions | None = None,
) -> AsyncIterator[Kernel]:
    """A kernel for as long as the scope is open. `plugins` are modules or objects that a program brings itself; `own` is
    what the host brings, found by its name as what a plugin brings is, and never stopped.

    Unless `capture` is off, a plugin whose tools were never captured is started once on the way, and its specs kept.
    """
    found = await anyio.to_thread.run_sync(survey, settings, tuple(plugins))
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        kernel = Kernel(
            settings, found, tuple(plugins), tasks, bus or Bus(), bodies=bodies, pace=pace, own=own or Contributions()
        )
        with Watchdog(settings.host.hang_seconds, kernel.plugin_of, kernel.bus.emit).opened():
            try:
                await kernel._lives.begin(capture=capture)
                tasks.start_soon(kernel.keep_up, pace.look)
                yield kernel
            except Exception as error:
                failure = error  # re-raised below as it is, not in the group that a task group would make of it
            finally:
                with anyio.CancelScope(shield=True):
                    await kernel._lives.stop()
                tasks.cancel_scope.cancel()
    if failure is not None:
        raise failure
