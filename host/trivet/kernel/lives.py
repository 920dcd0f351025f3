"""The lives of all plugins that may run: who is started when, after whom, and with what in hand."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio.abc import TaskGroup

from trivet.errors import PluginLeftOut, WeightsError
from trivet.kernel.blueprint import Blueprint, blueprint_of
from trivet.kernel.bodies import Body
from trivet.kernel.bus import Bus
from trivet.kernel.configuration import configuration
from trivet.kernel.context import HostContext
from trivet.kernel.dependants import Dependants, being
from trivet.kernel.hooks import Hooks
from trivet.kernel.life import Life
from trivet.kernel.lifecycle import USABLE, State
from trivet.kernel.pace import Pace
from trivet.kernel.registry import Registry, Share
from trivet.kernel.resolution import need
from trivet.kernel.supervision import Supervisor
from trivet.kernel.survey import PluginRecord, Survey
from trivet.logs import LateLogger
from trivet.settings import Settings
from trivet_sdk.errors import PluginError, WeightsMissing
from trivet_sdk.events import PluginChanged
from trivet_sdk.model import Embedder
from trivet_sdk.tool import ToolSpec

Bodies = Callable[[Blueprint, HostContext, Hooks], Body]
"""Makes what a life is to live in, or raises PluginError."""


class Lives:
    """`begin` and `stop` are the two ends of the kernel's scope; in between, `running` starts what is needed."""

    def __init__(
        self,
        settings: Settings,
        found: Survey,
        bus: Bus,
        registry: Registry,
        tasks: TaskGroup,
        *,
        bodies: Bodies,
        pace: Pace,
        embedder: Callable[[], Embedder | None],
    ) -> None:
        self.hooks = Hooks(self._hook_failed)
        self.supervisors: dict[str, Supervisor] = {}
        self.blueprints: dict[str, Blueprint] = {}
        """Of the startable plugins, as they were when their present life began, or will be when the next does."""
        self.imported: dict[str, str] = {}
        """By package: the digest of the files that this process has imported as a plugin, or several instances of one."""
        self.stale = found.stale
        self._settings = settings
        self._survey = found
        self._bus = bus
        self._registry = registry
        self._tasks = tasks
        self._bodies = bodies
        self._pace = pace
        self._embedder = embedder
        self.failures = found.failures
        self._log = LateLogger()
        self._captures = False
        self._seen: dict[str, tuple[ToolSpec, ...]] = {}
        self._started: list[str] = []
        self._listening: set[tuple[str, str]] = set()
        self._is_closing = False
        self.adopt(settings, found)
        self._dependants = Dependants(self.supervisors, self.start, tasks)
        for id, record in found.records.items():
            self.supervise(record)
            if id in found.order:
                self.blueprints[id] = self.drawn(id)

    @property
    def survey(self) -> Survey:
        return self._survey

    def adopt(self, settings: Settings, found: Survey) -> None:
        """Go by these from now on."""
        self._settings, self._survey = settings, found
        self._order = {id: place for place, id in enumerate(found.order)}

    def drawn(self, id: str) -> Blueprint:
        """The startable plugin's blueprint, as settings and files are now."""
        record = self._survey.records[id]
        entry = self._settings.plugins.get(id, {})
        return blueprint_of(
            self._survey.candidates[id], self._survey.manifest(id), record.digest, entry, self._settings.home
        )

    def supervise(self, record: PluginRecord) -> Supervisor:
        id = record.id
        supervisor = self.supervisors[id] = Supervisor(
            id,
            record.state,
            record.reason,
            record.digest,
            beget=partial(self._beget, id),
            again=partial(self.start, id, again=True),
            failures=self.failures,
            pace=self._pace,
            moved=self._moved,
            tasks=self._tasks,
        )
        return supervisor

    def waiting_specs(self) -> Iterator[ToolSpec]:
        """Specs, as captured or last seen, of the plugins that are not running but will be when they are needed."""
        for id in self._order:
            supervisor = self.supervisors[id]
            if supervisor.state in ("resolved", "starting") or supervisor.is_expected:
                yield from self._seen.get(id) or self._survey.captured(id) or ()

    def current(self, record: PluginRecord) -> PluginRecord:
        supervisor = self.supervisors[record.id]
        return msgspec.structs.replace(
            record,
            state=supervisor.state,
            reason=supervisor.reason,
            seconds=supervisor.seconds,
            traceback=supervisor.traceback,
        )

    async def begin(self, *, capture: bool) -> None:
        """Start the plugins whose manifests ask for it, and, to `capture`, those whose tools nobody has seen yet."""
        self._captures = capture
        await self.wake()

    async def wake(self) -> None:
        """Start those that are to run from now on; again when plugins came to it."""
        found, capture = self._survey, self._captures
        modes = {id: found.manifest(id).plugin.activate for id in found.order}
        for id in found.order:
            for pattern in [mode.removeprefix("event:") for mode in modes[id] if mode.startswith("event:")]:
                if (id, pattern) not in self._listening:
                    self._listening.add((id, pattern))
                    await self._tasks.start(self._start_on, id, pattern)
        uncaptured = [id for id in found.order if capture and id not in self._seen and found.captured(id) is None]
        async with anyio.create_task_group() as starts:
            for id in found.order:
                if "start" in modes[id] or id in uncaptured:
                    starts.start_soon(self.start, id)

    async def start(self, id: str, *, again: bool = False) -> None:
        """What it needs first. Never raises because of the plugin: its state and reason tell how it went."""
        supervisor = self.supervisors.get(id)
        if supervisor is None or id not in self._order or self._is_closing:
            return
        startable: tuple[State, ...] = ("resolved", "failed", "stopped") if again else ("resolved",)
        if supervisor.is_in(*startable):
            requires = self._survey.manifest(id).requires
            for text in requires.plugins:
                needed = need(text).name
                await self.start(needed)
                other = self.supervisors[needed]
                await other.settled()
                if not other.is_usable and supervisor.is_in(*startable):
                    supervisor.lack(needed, f"it needs plugin '{needed}', which {other.state}: {other.reason}")
                    return
            for text in requires.optional:
                liked = need(text).name
                if (
                    self._order.get(liked, len(self._order)) < self._order[id]
                ):  # a circle's later ones do not come first
                    await self.start(liked)
                self._dependants.weigh_absence(supervisor, liked, self._survey.records.get(liked))
            if id not in self._started:
                self._started.append(id)
        elif not supervisor.is_in("starting"):
            return
        await supervisor.start(again=again)

    async def running(self, id: str) -> None:
        """Start it if need be; if it is being restarted, wait for that. Raises PluginLeftOut."""
        supervisor = self.supervisors[id]
        if not supervisor.is_usable:
            await self.start(id)
            await supervisor.settled()
        if not supervisor.is_usable:
            raise PluginLeftOut(id, supervisor.state, supervisor.reason)

    def started(self) -> tuple[str, ...]:
        """Who was ever started, dependants last."""
        return tuple(self._started)

    async def stop(self) -> None:
        """Dependants first."""
        self._is_closing = True
        for id in reversed(self._started):
            if id in self.supervisors:
                self._remember(id)
                await self.supervisors[id].stop()
        self.stale.forget()

    async def _start_on(self, id: str, pattern: str, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        with self._bus.subscribe(pattern, bound=1) as events:
            task_status.started()
            async for _ in events:
                await self.start(id)

    def _beget(self, id: str) -> Life:
        blueprint = self.blueprints[id]
        supervisor = self.supervisors[id]
        recorded = {spec.name: spec for spec in self._survey.captured(id) or ()}
        share = Share(self._registry, blueprint.manifest, recorded)
        if blueprint.is_inside and blueprint.candidate.embedded is None:
            self.imported.setdefault(blueprint.candidate.package, blueprint.digest)

        def embody() -> Body:
            context = HostContext(
                blueprint.manifest,
                self._configured(blueprint),
                self._settings,
                self._bus,
                share,
                self._weights_at,
                partial(life.complain, "health"),
                self._embedder,
                self._weights_places,
            )
            return self._bodies(blueprint, context, self.hooks)

        life = Life(
            blueprint.manifest,
            embody,
            share,
            is_inside=blueprint.is_inside,
            over=supervisor.over,
            ailing=supervisor.ailing,
        )
        return life

    def _configured(self, blueprint: Blueprint) -> dict[str, Any]:
        """The plugin's configuration with defaults. Raises PluginError."""
        config, mistakes = configuration(blueprint.candidate, self._settings)
        if mistakes:
            raise PluginError(blueprint.id, f"cannot use its configuration: {'; '.join(mistakes)}")
        return config

    def _moved(self, id: str, before: State, after: State, reason: str, seconds: float) -> None:
        supervisor = self.supervisors[id]
        if after in USABLE and supervisor.life is not None:
            self._see(id, supervisor.life)
        if after == "quarantined":
            self._log.warning(f"plugin '{id}' {being(after)}: {reason}")
        self._bus.emit(PluginChanged(plugin=id, before=before, after=after, reason=reason, seconds=seconds))
        if not self._is_closing:
            self._dependants.moved(id, after, reason, self._survey)

    def _see(self, id: str, life: Life) -> None:
        specs = life.share.specs()
        if id in self._order and self._survey.captured(id) is None and self._seen.get(id) != specs:
            self._survey.keep(id, specs)
        self._seen[id] = specs

    def _remember(self, id: str) -> None:
        """Keep what a plugin with a changing list of tools brings now, so that the next host plans with it. What is
        refused stays as it was recorded, for it must not look new next time."""
        supervisor = self.supervisors[id]
        if (
            id not in self._order
            or not self._survey.is_dynamic(id)
            or not supervisor.is_usable
            or supervisor.life is None
        ):
            return
        recorded = self._survey.captured(id) or ()
        share = supervisor.life.share
        now = {spec.name: spec for spec in share.specs()}
        held = (spec for spec in recorded if spec.name not in now and spec.name in share.refused_as_changed)
        if (specs := (*now.values(), *held)) != recorded:
            self._survey.keep(id, specs)

    def _hook_failed(self, id: str, sentence: str) -> None:
        supervisor = self.supervisors.get(id)
        if supervisor is not None and supervisor.life is not None:
            supervisor.life.complain("hook", sentence)

    def _weights_at(self, name: str) -> Path:
        for weights in self._survey.weights():
            if weights.name == name:
                path = weights.path(self._settings.home)
                if path.exists():
                    return path
        raise WeightsMissing(name)

    def _weights_places(self) -> tuple[Path, ...]:
        found = []
        for weights in self._survey.weights():
            with suppress(WeightsError):  # in an archive, from which nobody can read them
                found.append(weights.path(self._settings.home))
        return tuple(found)
