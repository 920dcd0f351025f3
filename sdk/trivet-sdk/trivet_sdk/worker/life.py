"""The life of a plugin in its worker: imported, activated, served, and left when the host says so."""

import asyncio
import faulthandler
import importlib
import os
import socket
import sys
import traceback
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import anyio.to_thread

from .. import SDK_VERSION
from ..contributions import Contributions
from ..errors import PluginError
from .asks import Asks
from .channel import Channel
from .context import WorkerContext
from .hooks import activated, guards_of
from .incoming import Incoming, Served
from .offering import Offering
from .payload import unpacked
from .protocol import PROTOCOL, Hello
from .requests import Offer, Start
from .services import WorkerServices
from .serving import Serving
from .shelf import Shelf


def live(channel: int, asks: int, pid: int) -> None:
    """Serve the host on these sockets until it lets go. Does not return: threads that hang must not keep the process."""
    faulthandler.enable()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    code = 1
    try:
        code = anyio.run(_serve, socket.socket(fileno=channel), asks, pid)
    except BaseException:  # our own bug, told where the host reads it
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


async def _serve(pipe: socket.socket, asks: int, pid: int) -> int:
    pipe.setblocking(False)
    code = 1
    async with anyio.create_task_group() as tasks:
        life = Life(tasks, asks)
        await asyncio.get_running_loop().create_connection(lambda: life.channel, sock=pipe)
        life.channel.greet(Hello(PROTOCOL, SDK_VERSION, pid))
        code = await life.ended
        tasks.cancel_scope.cancel()
    return code


class Life:
    """`ended` is the exit code: 0 if the host let go, 1 if the plugin broke down."""

    def __init__(self, tasks: anyio.abc.TaskGroup, asks: int) -> None:
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._tasks = tasks
        self._offering = Offering("")
        self._patience = 10.0
        self._offer: asyncio.Future[Offer] = asyncio.get_running_loop().create_future()
        self._leave = anyio.Event()
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._scope = anyio.CancelScope()
        loop = asyncio.get_running_loop()
        self._shelf = Shelf(loop.call_later, os.close)
        serving = Serving(self._offering, lambda: self.channel, self._services, self._shelf, lambda: self._patience)
        methods = {
            **serving.methods(),
            "start": Served(Start, self._start),
            "stop": Served(None, self._stop),
        }
        self.channel = Channel("", methods, tasks, noted=self._noted, lost=lambda reason: self._over(0))
        self._asks = Asks(asks, self.channel.failures)

    def _services(self, relay: int) -> WorkerServices:
        return WorkerServices(self.channel, self._asks, relay)

    def _noted(self, name: str, value: Any) -> None:
        if name == "taken":
            self._shelf.taken(unpacked(value, int))

    def _over(self, code: int) -> None:
        if not self.ended.done():
            self.ended.set_result(code)

    async def _start(self, start: Start, incoming: Incoming) -> Offer:
        self.channel.plugin = self._offering.plugin = start.id
        self._patience = start.patience
        self._tasks.start_soon(self._live, start)
        try:
            return await asyncio.shield(self._offer)
        except asyncio.CancelledError:
            self._scope.cancel()
            raise

    async def _stop(self, nothing: None, incoming: Incoming) -> None:
        self._leave.set()
        try:
            await asyncio.shield(self._left)
        except asyncio.CancelledError:
            self._scope.cancel()
            raise

    async def _live(self, start: Start) -> None:
        # Foreign code from here on, also in the form of `sys.exit()` at import.
        try:
            with self._scope:
                if start.path is not None:
                    sys.path[:] = start.path
                if start.debugger:
                    await anyio.to_thread.run_sync(_listen, start.id, start.debugger)
                plugin = await anyio.to_thread.run_sync(_imported, start.target, abandon_on_cancel=True)
                context = WorkerContext(start, self.channel, self._asks, self._offering)
                await self._through(start.id, plugin, activated(start.id, plugin, context))
            self._finished(None)
        except (Exception, SystemExit, BaseExceptionGroup) as error:
            self._finished(error)

    async def _through(self, id: str, plugin: object, life: AbstractAsyncContextManager[Contributions]) -> None:
        async with life as contributions:
            if not isinstance(contributions, Contributions):
                raise PluginError(id, f"yielded {type(contributions).__name__} instead of Contributions")
            with self._offering.opened(contributions, guards_of(id, plugin)) as offer:
                self._offer.set_result(offer)
                await self._leave.wait()

    def _finished(self, error: BaseException | None) -> None:
        """Tell whoever waits: the starter, the stopper, or nobody, and then the plugin broke down by itself."""
        error = RuntimeError(f"SystemExit({error})") if isinstance(error, SystemExit) else error
        if not self._offer.done():
            self._offer.set_exception(error or PluginError(self._offering.plugin, "ended while it was starting"))
        elif self._leave.is_set():
            if error is None:
                self._left.set_result(None)
            else:
                self._left.set_exception(error)
        else:
            problem = self.channel.failures.told(error or RuntimeError("it ended by itself"))
            self.channel.note("broke", problem)
            self._over(1)


def _listen(plugin: str, port: int) -> None:
    """Let a debugger attach (Debug Adapter Protocol). Raises PluginError."""
    try:
        import debugpy  # type: ignore[import-not-found, unused-ignore]  # only whoever debugs has it
    except ImportError:
        reason = "cannot be debugged: debugpy is not in its environment. Install it there: `pip install debugpy`."
        raise PluginError(plugin, reason) from None
    try:
        debugpy.listen(("127.0.0.1", port))
    except (RuntimeError, OSError) as error:
        raise PluginError(plugin, f"cannot be debugged at port {port}: {error}") from None


def _imported(target: str) -> object:
    module, _, attribute = target.partition(":")
    plugin: object = importlib.import_module(module)
    for name in filter(None, attribute.split(".")):
        plugin = getattr(plugin, name)
    return plugin
