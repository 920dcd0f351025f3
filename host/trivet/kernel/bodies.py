"""Bodies: what a plugin's life lives in. Here the one in the host's own process; `workers` has the other."""

import importlib
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import anyio
import anyio.from_thread
import anyio.lowlevel

from trivet.kernel.blueprint import Blueprint
from trivet.kernel.context import HostContext
from trivet.kernel.discovery import Candidate
from trivet.kernel.hooks import Hooks
from trivet_sdk.context import PluginContext
from trivet_sdk.contributions import Contributions


class Body(Protocol):
    """What a plugin's life lives in: this process, or a worker of its own."""

    pid: int | None
    """Of the worker."""

    def open(self) -> AbstractAsyncContextManager[Contributions]:
        """Entering starts the plugin, leaving stops it in peace. Both happen in one task."""
        ...

    async def ended(self) -> str:
        """Wait until it has died by itself; says of what in a sentence: exit code or signal, heartbeat lost, protocol
        broken. In process it never returns, since what ends there raises."""
        ...

    def kill(self, reason: str) -> None:
        """End it at once, with all its descendants. In process there is nothing that could be killed."""
        ...


class InProcess:
    """Imported into the host."""

    pid: int | None = None

    def __init__(self, candidate: Candidate, context: PluginContext, hooks: Hooks) -> None:
        self._candidate = candidate
        self._context = context
        self._hooks = hooks

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Contributions]:
        plugin = self._candidate.embedded
        if plugin is None:
            plugin = await imported(self._candidate.target)
        self._hooks.register(self._candidate.id, plugin)
        try:
            async with self._hooks.activate(self._candidate.id, self._context) as contributions:
                yield contributions
        finally:
            self._hooks.unregister(self._candidate.id)

    async def ended(self) -> str:
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    def kill(self, reason: str) -> None:
        pass


def body_of(blueprint: Blueprint, context: HostContext, hooks: Hooks) -> Body:
    """The body that settings and manifest ask for. Raises PluginError."""
    if blueprint.is_inside:
        return InProcess(blueprint.candidate, context, hooks)
    from trivet.kernel.workers import WorkerBody  # a fifth of the kernel's import, for those who have a worker
    from trivet.kernel.workers.bounds import Bounds, debugger_of, isolation_of, memory_of

    isolation_of(blueprint.manifest, blueprint.isolation)  # raises for a word that means nothing
    entry = blueprint.entry
    bounds = Bounds(
        memory=memory_of(blueprint.id, entry.get("memory")), debugger=debugger_of(blueprint.id, entry.get("debugger"))
    )
    return WorkerBody(
        blueprint.candidate, blueprint.manifest, context, python=blueprint.python, bounds=bounds, entry=entry
    )


async def imported(target: str) -> object:
    """Import `package.module` or `package.module:object` in a thread of its own.

    A thread that nobody waits for at exit: a plugin that sleeps at import is cancelled by its deadline and then
    abandoned, and must not keep the program alive.
    """
    module, _, attribute = target.partition(":")
    token = anyio.lowlevel.current_token()
    done = anyio.Event()
    outcome: list[object] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            plugin: object = importlib.import_module(module)
            for name in filter(None, attribute.split(".")):
                plugin = getattr(plugin, name)
            outcome.append(plugin)
        except BaseException as error:  # also SystemExit: it is the plugin that ends, not the host
            failure.append(error)
        try:
            anyio.from_thread.run_sync(done.set, token=token)
        except RuntimeError:
            return  # the loop is gone: nobody waits any more

    threading.Thread(target=work, name=f"import {target}", daemon=True).start()
    await done.wait()
    if failure:
        error = failure[0]
        raise error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}({error})")
    return outcome[0]
