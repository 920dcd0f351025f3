"""A plugin's life in a worker: fulfils `trivet.kernel.bodies.Body`."""

import asyncio
import inspect
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import anyio
import anyio.abc
import anyio.to_thread

from trivet.errors import PluginDied
from trivet.kernel.context import HostContext
from trivet.kernel.discovery import Candidate
from trivet.kernel.workers.bounds import Bounds
from trivet.kernel.workers.environment import reduced
from trivet.kernel.workers.line import Line, Relays
from trivet.kernel.workers.output import Output, logged
from trivet.kernel.workers.process import WorkerProcess, described, sdk_folder
from trivet.kernel.workers.relaying import Relaying
from trivet.kernel.workers.sandboxing import (
    Sandbox,
    may_see_workspaces,
    may_write_workspaces,
    sandbox_of,
    sandboxing,
)
from trivet.kernel.workers.showing import Showing
from trivet.kernel.workers.stand_ins import standing_in
from trivet_sdk.contributions import Contributions
from trivet_sdk.errors import PluginError
from trivet_sdk.manifest import Manifest
from trivet_sdk.worker import arrays
from trivet_sdk.worker.asks import AskServer
from trivet_sdk.worker.channel import Channel, ChannelClosed
from trivet_sdk.worker.offering import INPROCESS, not_in_a_worker
from trivet_sdk.worker.payload import unpacked
from trivet_sdk.worker.protocol import PROTOCOL, Problem
from trivet_sdk.worker.requests import Offer, Start


class WorkerBody:
    """One life; for the next, make another. `python` is the interpreter of an environment of the plugin's own; without one
    the worker shares this process's interpreter and `path`. `entry` is `[plugins.<id>]` of the settings."""

    def __init__(
        self,
        candidate: Candidate,
        manifest: Manifest,
        context: HostContext,
        *,
        python: Path | None = None,
        path: tuple[str, ...] | None = None,
        bounds: Bounds | None = None,
        entry: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.pid: int | None = None
        self._candidate = candidate
        self._manifest = manifest
        self._context = context
        self._python = python
        self._path = path
        self._bounds = bounds or Bounds()
        self._entry = entry
        self._why = ""
        self._process: WorkerProcess | None = None
        self._channel: Channel | None = None
        self._is_leaving = False
        self._ended = anyio.Event()
        self._errors: Output | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Contributions]:
        """Raises PluginError if the plugin cannot live in a worker, does not start, or broke its contract."""
        self._refuse()
        failure: Exception | None = None
        async with anyio.create_task_group() as tasks:
            try:
                contributions = await self._started(tasks)
                yield contributions
                await self._stopped()
            except Exception as error:
                failure = error  # re-raised below as it is, not in the group that a task group would make of it
            finally:
                self._is_leaving = True
                with anyio.CancelScope(shield=True):
                    await self._gone()
                tasks.cancel_scope.cancel()
        if failure is not None:
            raise failure

    async def ended(self) -> str:
        await self._ended.wait()
        return self._why

    def kill(self, reason: str) -> None:
        self._why = self._why or reason
        if self._channel is not None:
            self._channel.close(self._why)
        if self._process is not None:
            self._process.kill()

    # Start and stop

    def _refuse(self) -> None:
        id = self._manifest.id
        for kind in INPROCESS:
            for declaration in getattr(self._manifest.contributes, kind):
                raise PluginError(id, not_in_a_worker(kind, declaration.name))
        if self._candidate.embedded is not None and not inspect.ismodule(self._candidate.embedded):
            raise PluginError(id, "was handed over as an object of this program, which no worker can import")

    async def _started(self, tasks: anyio.abc.TaskGroup) -> Contributions:
        id, context = self._manifest.id, self._context
        python = str(self._python or sys.executable)
        sandbox = await anyio.to_thread.run_sync(self._sandboxed)
        self._errors = Output(logged(context.log, "stderr"))
        self._process = process = WorkerProcess(self._exited)
        environment = reduced(os.environ, self._manifest.permissions)
        shares = self._python is None
        sdk = sdk_folder() if shares else ""
        try:
            stdout = Output(logged(context.log, "stdout"))
            await process.start(python, self._bounds.memory, environment, sdk, stdout, self._errors, sandbox)
        except OSError as error:
            process.gone.set()
            raise PluginError(id, f"cannot be started in a worker: {error.strerror or error}: {python}") from None
        relays = Relays(id)
        relaying = Relaying(context, relays, lambda offer: self._stand_in(offer, line))
        self._channel = channel = Channel(
            id,
            relaying.methods(),
            tasks,
            noted=partial(self._noted, relaying),
            lost=self._lost,
            stubborn=self._stubborn,
            patience=self._bounds.patience,
        )
        line = Line(
            id, channel, relays, tool_patience=self._bounds.tool_patience, showing=self._showing(process, sandbox)
        )
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: channel, sock=process.channel)
        asks = AskServer(relaying.answers(), channel.failures, self._lost)
        await loop.create_connection(lambda: asks, sock=process.asks)
        try:
            offer = await self._introduced(channel, shares=shares)
        except ChannelClosed as closed:
            await process.wait()
            raise PluginDied(id, f"{closed.reason} while it was starting{self._last_words()}") from None
        await process.known.wait()
        self.pid = process.pid
        tasks.start_soon(self._watch, channel)
        return self._stand_in(offer, line)

    def _sandboxed(self) -> Sandbox | None:
        """The sandbox that it lives in, if it lives in one. Raises PluginError."""
        manifest, context = self._manifest, self._context
        found = sandboxing(manifest, self._entry, context.worker_sandbox, context.home)
        if found.bubblewrap is None:
            context.log.info("lives in no sandbox", reason=found.reason)
            return None
        return sandbox_of(
            found.bubblewrap,
            manifest,
            self._candidate,
            home=context.home,
            own=(context.data_dir, context.cache_dir),
            python=self._python,
            path=self._search_path(),
            weights=context.weights_places(),
        )

    def _showing(self, process: WorkerProcess, sandbox: Sandbox | None) -> Showing | None:
        asked = self._manifest.permissions
        if sandbox is None or not may_see_workspaces(asked):
            return None
        return Showing(self._manifest.id, process, may_write=may_write_workspaces(asked), is_seen=sandbox.shows)

    def _search_path(self) -> tuple[str, ...]:
        return self._path if self._path is not None else tuple(each or os.getcwd() for each in sys.path)

    async def _introduced(self, channel: Channel, *, shares: bool) -> Offer:
        context = self._context
        hello = await channel.greeted()
        if hello.protocol != PROTOCOL:
            raise PluginError(
                self._manifest.id,
                f"speaks worker protocol {hello.protocol} (SDK {hello.sdk}), and this host speaks {PROTOCOL}. "
                "Bring its environment up to date with `trivet plugins update`.",
            )
        start = Start(
            context.id,
            self._candidate.target,
            self._search_path() if shares else None,
            dict(context.settings),
            str(context.data_dir),
            str(context.cache_dir),
            tuple(declaration.name for declaration in self._manifest.contributes.events),
            self._bounds.tool_patience,
            self._bounds.debugger,
        )
        offer: Offer = await channel.request("start", start, Offer, doing="start", leave=0)
        return offer

    async def _stopped(self) -> None:
        assert self._channel is not None
        if not self._channel.is_closed:
            self._is_leaving = True
            try:
                await self._channel.request("stop", None, None, doing="stop", leave=0)
            except ChannelClosed as closed:
                raise PluginDied(self._manifest.id, f"{closed.reason} while it was stopping") from None

    async def _gone(self) -> None:
        """Let go of the process, and wait until nothing of it is left."""
        process = self._process
        if process is None:
            return
        if self._channel is not None:
            self._channel.close(self._why or "was stopped")
        process.kill()
        with anyio.move_on_after(10.0):
            await process.wait()

    # What happens meanwhile

    def _exited(self, status: int | None) -> None:
        self._why = self._why or described(status)
        if self._channel is not None:
            self._channel.close(self._why)
        if not self._is_leaving:
            self._ended.set()

    def _lost(self, reason: str) -> None:
        """The pipe ended, and its process will have, too; or the worker did what the rules do not allow."""
        if reason:
            self._context.log.warning("broke the worker protocol", reason=reason)
            self.kill(f"{reason}, and was ended")
        else:
            asyncio.get_running_loop().call_later(2.0, self.kill, "let go of its pipe, and was ended")

    def _stubborn(self, doing: str, seconds: float) -> None:
        self.kill(f"did not stop '{doing}' within {seconds:g} seconds of being cancelled, and was ended")

    def _noted(self, relaying: Relaying, name: str, value: Any) -> None:
        match name:
            case "stubborn":
                self._stubborn(f"{self._manifest.id}.{unpacked(value, str)}", self._bounds.tool_patience)
            case "broke":
                problem = unpacked(value, Problem)
                said = f"{problem.name}: {problem.text}" if problem.kind == "" else problem.text
                self.kill(f"broke down: {said}")
            case _:
                relaying.noted(name, value)

    async def _watch(self, channel: Channel) -> None:
        """The heartbeat. In slices, so that a machine that slept does not count as a worker that hangs."""
        slices = 5
        while not channel.is_closed:
            heard = channel.heard
            channel.ping()
            for _ in range(slices):
                await anyio.sleep(self._bounds.silence / slices)
                if channel.heard != heard:
                    break
            else:
                if not channel.is_closed:
                    self.kill(f"said nothing for {self._bounds.silence:g} seconds, and was ended")

    def _stand_in(self, offer: Offer, line: Line) -> Contributions:
        return standing_in(offer, line, self._open_array, has_secrets=bool(self._manifest.permissions.secrets))

    def _open_array(self, head: arrays.Array) -> Any:
        assert self._process is not None
        assert self._channel is not None
        try:
            return arrays.opened(self._process.pid or 0, head)
        finally:
            self._channel.note("taken", head.descriptor)

    def _last_words(self) -> str:
        """The last line that it wrote to stderr: mostly the exception that ended it."""
        words = [line for line in self._errors.last if line.strip()] if self._errors is not None else []
        return f": {words[-1]}" if words else ""
