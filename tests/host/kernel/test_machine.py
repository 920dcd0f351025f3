"""Start, crash, upgrade, restart, disable and enable, in any order and at once: the registry is always the union of what
the running plugins contribute. Plugins are real packages, in this process or in workers."""

import os
import random
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import anyio
import anyio.lowlevel
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.host.kernel.workshop import Clock, Context, Workshop
from trivet.errors import CallInterrupted
from trivet.kernel import Kernel, open_kernel
from trivet_sdk.errors import PluginError

IDS = ("alpha", "beta", "gamma")
MORE = {"beta": '[requires]\nplugins = ["alpha"]\n', "gamma": '[requires]\noptional = ["alpha"]\n', "alpha": ""}
WORKERS = ("alpha", "gamma")


def contributed(kernel: Kernel) -> tuple[set[str], set[str]]:
    """The tools that are registered, and those that running plugins should have registered."""
    registered = {entry.value.spec.name for entry in kernel._registry.of_kind("tools")}
    running = [record.id for record in kernel.plugins() if record.state in ("running", "degraded")]
    return registered, {f"{id}.{tool}" for id in running for tool in ("say", "die", "look", "put", "send")}


class Lives(RuleBasedStateMachine):
    isolation: ClassVar[dict[str, str]] = {}

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        self.folder = Path(self.stack.enter_context(TemporaryDirectory(prefix="trivet-")))
        self.workshop = Workshop(self.folder / "site", self.folder / "home")
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.syspath_prepend(str(self.workshop.site.folder))
        self.stack.callback(self.workshop.forget)
        for id in IDS:
            self.workshop.add(id, manifest=_manifest(id), isolation=self.isolation.get(id, "inprocess"))
        self.clock = Clock(hold=True)
        self.version = 1
        self.violations: list[tuple[set[str], set[str]]] = []
        portal = self.stack.enter_context(start_blocking_portal())
        kernel = open_kernel(self.workshop.settings(), pace=self.clock.pace(patience=0.05, drain=5.0))
        self.kernel = self.stack.enter_context(portal.wrap_async_context_manager(kernel))
        watching = portal.start_task_soon(self._watch)
        self.stack.callback(watching.cancel)
        self.portal = portal

    @rule(id=st.sampled_from(IDS))
    def start(self, id: str) -> None:
        self._do(self._started(id))

    @rule(id=st.sampled_from(IDS))
    def call(self, id: str) -> None:
        self._do(self._called(id))

    @rule(id=st.sampled_from(IDS))
    def crash(self, id: str) -> None:
        self._do(self._crashed(id))

    @rule(id=st.sampled_from(IDS))
    def upgrade(self, id: str) -> None:
        self._do(self._upgraded(id))

    @rule(id=st.sampled_from(IDS), is_enabled=st.booleans())
    def enable_or_disable(self, id: str, is_enabled: bool) -> None:
        self._do(self._enabled(id, is_enabled))

    @rule(id=st.sampled_from(IDS))
    def restart(self, id: str) -> None:
        self._do(self._restarted(id))

    @rule()
    def pass_time(self) -> None:
        self._do(self._passed())

    @rule(ids=st.lists(st.sampled_from(IDS), min_size=2, max_size=4), seed=st.integers(0, 1000))
    def all_at_once(self, ids: list[str], seed: int) -> None:
        doings = [self._started, self._called, self._crashed, self._upgraded, self._restarted]
        chance = random.Random(seed)
        self._do(*[chance.choice(doings)(id) for id in ids], self._passed())

    @invariant()
    def registry_is_the_union_of_the_running_plugins(self) -> None:
        if hasattr(self, "kernel"):
            assert self.violations == []

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()
            assert self.kernel._registry.of_kind("tools") == ()
            left = [record.state for record in self.kernel.plugins() if record.id in IDS]
            assert not {"running", "degraded", "starting", "stopping"} & set(left)

    # What the rules do, each as a coroutine so that they can be done at once

    def _started(self, id: str) -> Callable[[], Awaitable[Any]]:
        return partial(self.kernel.start, id)

    def _called(self, id: str) -> Callable[[], Awaitable[Any]]:
        async def call() -> None:
            try:
                tool = await self.kernel.tool(f"{id}.say")
                assert (await tool.call({"text": "hi"}, Context(self.folder))).text.endswith(" hi")
            except (PluginError, CallInterrupted):
                return  # it may be anything but here

        return call

    def _crashed(self, id: str) -> Callable[[], Awaitable[Any]]:
        async def crash() -> None:
            life = self.kernel._lives.supervisors[id].life
            if life is None or not self.kernel._lives.supervisors[id].is_usable:
                return
            entry = self.kernel._registry.get("tools", f"{id}.die")
            assert entry is not None
            try:
                await entry.value.call({"signal": 0 if life.pid is None else 9}, Context(self.folder))
            except CallInterrupted:
                return

        return crash

    def _upgraded(self, id: str) -> Callable[[], Awaitable[Any]]:
        async def upgrade() -> None:
            self.version += 1
            self.workshop.rewrite(id, str(self.version))
            await self.kernel.refresh(self.workshop.settings())

        return upgrade

    def _enabled(self, id: str, is_enabled: bool) -> Callable[[], Awaitable[Any]]:
        async def enable() -> None:
            self.workshop.set(id, "enabled", is_enabled)
            await self.kernel.refresh(self.workshop.settings())

        return enable

    def _restarted(self, id: str) -> Callable[[], Awaitable[Any]]:
        return partial(self.kernel.refresh, self.workshop.settings(), restart=[id])

    def _passed(self) -> Callable[[], Awaitable[Any]]:
        async def let_pass() -> None:
            self.clock.go.set()
            await anyio.lowlevel.checkpoint()
            self.clock.go = anyio.Event()
            self.clock.time += 100

        return let_pass

    def _do(self, *doings: Callable[[], Awaitable[Any]]) -> None:
        async def one(doing: Callable[[], Awaitable[Any]]) -> None:
            await doing()

        async def work() -> None:
            with anyio.fail_after(60):
                async with anyio.create_task_group() as tasks:
                    for doing in doings:
                        tasks.start_soon(one, doing)

        self.portal.call(work)

    async def _watch(self) -> None:
        while True:
            registered, due = contributed(self.kernel)
            if registered != due:
                self.violations.append((registered, due))
            await anyio.lowlevel.checkpoint()


class WorkerLives(Lives):
    isolation: ClassVar[dict[str, str]] = dict.fromkeys(WORKERS, "process")


def _manifest(id: str) -> str:
    from tests.host.kernel.workshop import TOOLS

    return MORE[id] + TOOLS


def _settings(examples: int, steps: int) -> settings:
    is_long = os.environ.get("TRIVET_LONG") == "1"
    return settings(
        max_examples=examples * (20 if is_long else 1),
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not is_long,
        database=None,
    )


Lives.TestCase.settings = _settings(8, 14)
WorkerLives.TestCase.settings = _settings(3, 10)
TestLivesInThisProcess = Lives.TestCase
TestLivesInWorkers = WorkerLives.TestCase
