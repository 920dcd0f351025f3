"""The lives of all plugins that may run: who is started when, after whom, and with what in hand."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio.abc import TaskGroup
from packaging.requirements import Requirement

from trivet.errors import PluginLeftOut
from trivet.kernel.bodies import Body
from trivet.kernel.bus import Bus
from trivet.kernel.configuration import configured
from trivet.kernel.context import HostContext
from trivet.kernel.hooks import Hooks
from trivet.kernel.lifecycle import USABLE, Life, State, described
from trivet.kernel.migration import migrated
from trivet.kernel.registry import Registry, missing_tools
from trivet.kernel.survey import PluginRecord, Survey
from trivet.kernel.workers import WorkerBody
from trivet.kernel.workers.bounds import Bounds, memory_of
from trivet.packages import package_data
from trivet.settings import Settings
from trivet_sdk.contributions import Contributions
from trivet_sdk.errors import PluginError, WeightsMissing
from trivet_sdk.events import PluginChanged
from trivet_sdk.manifest import Manifest
from trivet_sdk.tool import ToolSpec


class Lives:
    """`begin` and `stop` are the two ends of the kernel's scope; in between, `running` starts what is needed."""

    def __init__(self, settings: Settings, found: Survey, bus: Bus, registry: Registry) -> None:
        self.hooks = Hooks(self._hook_failed)
        self._settings = settings
        self._survey = found
        self._bus = bus
        self._registry = registry
        self._specs = {id: found.captured(id) for id in found.order}
        self._lives = {id: self._life(id) for id in found.order}
        self._started: list[str] = []
        self._tasks: TaskGroup | None = None

    def of(self, id: str) -> Life:
        return self._lives[id]

    def waiting_specs(self) -> Iterator[ToolSpec]:
        """Captured specs of the plugins that were not started yet."""
        for id, life in self._lives.items():
            if life.state in ("resolved", "starting"):
                yield from self._specs[id] or ()

    def current(self, record: PluginRecord) -> PluginRecord:
        life = self._lives.get(record.id)
        if life is None:
            return record
        return msgspec.structs.replace(
            record, state=life.state, reason=life.reason, seconds=life.start_seconds, traceback=life.traceback
        )

    async def begin(self, tasks: TaskGroup, *, capture: bool) -> None:
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
                    starts.start_soon(self.start, id)
        for id in uncaptured:
            if self._lives[id].state in USABLE:
                entries = self._registry.of_kind("tools")
                specs = tuple(entry.value.spec for entry in entries if entry.plugin == id)
                self._survey.keep(id, specs)
                self._specs[id] = specs

    async def _start_on(self, id: str, pattern: str, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        with self._bus.subscribe(pattern, bound=1) as events:
            task_status.started()
            async for _ in events:
                await self.start(id)
                return

    async def start(self, id: str) -> None:
        """Never raises because of the plugin: its life's state and reason tell how it went."""
        life = self._lives[id]
        if life.state not in ("resolved", "starting"):
            return
        for text in life.manifest.requires.plugins:
            needed = Requirement(text).name
            await self.start(needed)
            if self._lives[needed].state not in USABLE and life.state == "resolved":
                life.move("starting")
                life.move(
                    "failed",
                    f"it needs plugin '{needed}', which {self._lives[needed].state}: {self._lives[needed].reason}",
                )
                return
        order = self._survey.order
        for text in life.manifest.requires.optional:
            liked = Requirement(text).name
            if liked in order[: order.index(id)]:  # those of a circle that come later do not come first
                await self.start(liked)
        assert self._tasks is not None, "a kernel is used inside `open_kernel`"
        if life.state == "resolved":
            self._started.append(id)
        await life.start(self._tasks)

    async def running(self, id: str) -> None:
        await self.start(id)
        life = self._lives[id]
        if life.state not in USABLE:
            raise PluginLeftOut(id, life.state, life.reason)

    async def stop(self) -> None:
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
            left=partial(self.hooks.unregister, id),
            body=partial(self._body, id, manifest),
            moved=self._moved,
        )

    def _body(self, id: str, manifest: Manifest) -> Body | None:
        entry = self._settings.plugins.get(id, {})
        isolation = entry.get("isolation") or manifest.plugin.isolation
        if isolation == "inprocess":
            return None
        python = None
        if isolation == "venv":
            python = self._settings.home / "plugins" / id / self._survey.records[id].digest / "bin" / "python"
        bounds = Bounds(memory=memory_of(id, entry.get("memory")))
        return WorkerBody(
            self._survey.candidates[id], manifest, self._context(id, manifest), python=python, bounds=bounds
        )

    def _activate(self, id: str, manifest: Manifest, plugin: object) -> Any:
        context = self._context(id, manifest)
        self.hooks.register(id, plugin)
        return self.hooks.activate(id, context)

    def _context(self, id: str, manifest: Manifest) -> HostContext:
        """Raises PluginError if the configuration does not fit."""
        config, mistakes = self._config(id, manifest)
        if mistakes:
            raise PluginError(
                id, f"cannot use its configuration: {'; '.join(mistakes)}. Mend [plugins.{id}.config] in settings.toml."
            )
        return HostContext(manifest, config, self._settings, self._bus, self._registry, self._weights_at)

    def _config(self, id: str, manifest: Manifest) -> tuple[dict[str, Any], list[str]]:
        since = self._settings.plugins.get(id, {}).get("config_version", 1)
        given, _, mistake = migrated(self._settings.config_of(id), since, manifest.config)
        if mistake:
            return {}, [mistake]
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

    def _moved(self, id: str, before: State, after: State, reason: str, seconds: float) -> None:
        if after in (*USABLE, "failed"):
            self._survey.started(id, reason if after == "failed" else "", self._lives[id].traceback)
        self._bus.emit(PluginChanged(plugin=id, before=before, after=after, reason=reason, seconds=seconds))

    def _hook_failed(self, id: str, sentence: str) -> None:
        life = self._lives.get(id)
        if life is not None and life.state == "running":
            life.move("degraded", sentence)

    def _weights_at(self, name: str) -> Path:
        for weights in self._survey.weights():
            if weights.name == name:
                path = weights.path(self._settings.home)
                if path.exists():
                    return path
        raise WeightsMissing(name)
