"""Calls that come in over a channel: checked, begun in their order, served in tasks, each ended once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any

from anyio.abc import TaskGroup

from ..errors import PluginError
from .failures import Failures
from .frames import BrokenFrame, FrameTooLarge, megabytes
from .incoming import Incoming, Methods
from .payload import unpacked
from .protocol import Call, Failed, Item, Message, Problem, Result

MOST = 4096
"""Calls of the other side that may be open at once."""


class Reception:
    """`send` puts a message on the wire, `has_room` waits until it may. `plugin` is told whose worker this is, late, since a
    worker itself learns it by a call."""

    def __init__(
        self,
        methods: Methods,
        tasks: TaskGroup,
        failures: Failures,
        send: Callable[[Message], None],
        has_room: Callable[[str], Awaitable[None]],
        plugin: Callable[[], str],
    ) -> None:
        self._methods = methods
        self._tasks = tasks
        self._failures = failures
        self._send = send
        self._has_room = has_room
        self._plugin = plugin
        self._open: dict[int, Incoming] = {}
        self._received = 0

    def call(self, call: Call) -> None:
        """Begin to serve it. Raises BrokenFrame for what may not be called."""
        if call.id != self._received + 1:
            raise BrokenFrame(f"made call {call.id} where call {self._received + 1} was due")
        self._received = call.id
        served = self._methods.get(call.method)
        if served is None:
            raise BrokenFrame(f"called '{call.method}', which is nothing that can be called")
        if len(self._open) >= MOST:
            raise BrokenFrame(f"has more than {MOST} calls open at once")
        incoming = Incoming(call.id, call.method, call.credit)
        try:
            work = served.begin(unpacked(call.value, served.kind), incoming)
        except Exception as error:  # what cannot be read, or a foreign object that breaks at once
            work = _raising(error)
        self._open[call.id] = incoming
        self._tasks.start_soon(self._serve, incoming, work)

    def credit(self, id: int, items: int) -> None:
        if (incoming := self._open.get(id)) is not None:  # one that has ended meanwhile needs none
            incoming.credited(items)

    def cancel(self, id: int) -> None:
        if (incoming := self._open.get(id)) is not None:
            incoming.scope.cancel()

    def close(self) -> None:
        for incoming in self._open.values():
            incoming.scope.cancel()

    async def _serve(self, incoming: Incoming, work: Any) -> None:
        end: Message = Failed(incoming.id, Problem(kind="", name="CancelledError"))
        try:
            with incoming.scope:
                if hasattr(work, "__aiter__"):
                    await self._pour(incoming, work)
                    value = None
                else:
                    value = await work
                await self._has_room(incoming.method)
                end = Result(incoming.id, value)
        except asyncio.CancelledError:
            if self._tasks.cancel_scope.cancel_called:
                raise
        except (Exception, SystemExit, BaseExceptionGroup) as error:  # foreign code: every failure is an answer
            end = self._failed(incoming, error)
            with suppress(Exception):  # the channel has closed meanwhile, and nobody hears it
                await self._has_room(incoming.method)
        finally:
            del self._open[incoming.id]
        self._end(incoming, end)

    async def _pour(self, incoming: Incoming, work: AsyncGenerator[Any, None]) -> None:
        async with aclosing(work):
            async for item in work:
                await incoming.permit()
                await self._has_room(incoming.method)
                self._send(Item(incoming.id, item))

    def _end(self, incoming: Incoming, end: Message) -> None:
        """Send the one end of a call; where it cannot be sent as it is, say why instead."""
        try:
            self._send(end)
        except Exception as error:  # too large, or a foreign object that cannot be encoded
            self._send(self._failed(incoming, error))

    def _failed(self, incoming: Incoming, error: BaseException) -> Failed:
        if isinstance(error, FrameTooLarge):
            cure = "Put large things into the blob store (`ctx.blobs.put`) and return their address."
            error = PluginError(
                self._plugin(), f"cannot answer '{incoming.method}': {too_large('the result', error)} {cure}"
            )
        return Failed(incoming.id, self._failures.told(error))


async def _raising(error: Exception) -> None:
    raise error


def too_large(what: str, error: FrameTooLarge) -> str:
    return f"{what} has {megabytes(error.size)}, and one message holds at most {megabytes(error.bound)}."
