"""Coroutines of foreign code in tasks of their own: what they do to their task, they do not do to the run."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import anyio

from trivet.runs.foreign import Deserted

GRACE = 0.6
"""Seconds that a cancelled coroutine may take to clean up; then it is left behind. A stop request is noticed within 0.1
seconds, and all must be at its end after one."""

abandoned: set["asyncio.Task[None]"] = set()
"""Tasks that ignored their cancellation. Kept, since a coroutine that is thrown away while it ignores everything makes
Python complain on stderr; whoever ends the process looks here, see `trivet.cli.departure`."""


async def apart(work: Awaitable[Any]) -> Any:
    """What the work returns. Raises what it raises, Deserted where it cancels itself.

    It begins at once, and costs no turn of the event loop if it is at its end before it waits for anything. Cancelled,
    this waits `GRACE` seconds for the work to notice; work that has come to its end by then has happened.
    """
    begun = Begun(work)
    if not begun.is_at_end:
        await begun.end()
    return begun.outcome()


class Begun:
    """Work that has taken its first step, and may be at its end."""

    __slots__ = ("_carrier", "_task")

    def __init__(self, work: Awaitable[Any]) -> None:
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()
        self._carrier = _Carrier(work if asyncio.iscoroutine(work) else _awaited(work), loop)
        self._task = loop.create_task(self._carrier, context=context)
        context.run(_begin, self._carrier, self._task, loop)

    @property
    def is_at_end(self) -> bool:
        return self._carrier.is_at_end

    async def end(self) -> None:
        try:
            await self._carrier.ended
        except asyncio.CancelledError:
            await _stopped(self._task)
            is_told_again = anyio.current_effective_deadline() == float(
                "-inf"
            )  # as scopes do, and `Task.cancel` does not
            if not (self._carrier.is_there and is_told_again):
                raise

    def outcome(self) -> Any:
        """What the work returned. Raises what it raised, Deserted where it cancelled itself."""
        error = self._carrier.error
        if isinstance(error, asyncio.CancelledError):
            raise Deserted("cancelled itself") from error
        if error is not None:
            raise error
        return self._carrier.value


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


class _Carrier(Coroutine[Any, Any, None]):
    """What a task runs for some work: it keeps how the work ended, since asyncio would let SystemExit and KeyboardInterrupt
    out of the loop, and it can be ahead of its task by the work's first step."""

    def __init__(self, work: Coroutine[Any, Any, Any], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._ahead: list[Any] = []
        """What the first step waits for, until the task knows it."""
        self.ended = loop.create_future()
        """Told a turn of the loop before the task's callbacks are."""
        self.is_at_end = False
        self.is_there = False
        self.value: Any = None
        self.error: BaseException | None = None

    def begin(self) -> None:
        """The first step. Nothing is raised."""
        with suppress(StopIteration):
            self._ahead.append(self._step(self._work.send, None))

    def send(self, value: Any) -> Any:
        if self._ahead:
            return self._ahead.pop()
        return self._step(self._work.send, value)

    def throw(self, error: Any, value: Any = None, trace: Any = None) -> Any:
        if (
            self._ahead
        ):  # cancelled before the task knew what it waits for, which would have been cancelled in its place
            awaited = self._ahead.pop()
            if isinstance(error, asyncio.CancelledError) and asyncio.isfuture(awaited) and awaited.cancel():
                return awaited
        return self._step(self._work.throw, error)

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Any:
        raise TypeError("a task runs it")

    def _step(self, step: Callable[[Any], Any], given: Any) -> Any:
        """Raises StopIteration at the end, whatever the work raised."""
        if self.is_at_end:
            raise StopIteration
        try:
            return step(given)
        except StopIteration as end:
            self.value = end.value
            self.is_there = True
        except BaseException as error:
            self.error = error
        self.is_at_end = True
        if not self.ended.done():
            self.ended.set_result(None)
        raise StopIteration


def _begin(carrier: _Carrier, task: "asyncio.Task[None]", loop: asyncio.AbstractEventLoop) -> None:
    """The first step of the work, within its own task, as Python 3.12's eager tasks take it."""
    outer = asyncio.current_task(loop)
    assert outer is not None
    asyncio._leave_task(loop, outer)
    asyncio._enter_task(loop, task)
    try:
        carrier.begin()
    finally:
        asyncio._leave_task(loop, task)
        asyncio._enter_task(loop, outer)


async def _stopped(task: "asyncio.Task[None]") -> None:
    with anyio.CancelScope(shield=True):
        try:
            for _ in range(2):  # once may be swallowed by a loop that tries everything again
                task.cancel()
                if (await asyncio.wait((task,), timeout=GRACE / 2))[0]:
                    return
        except asyncio.CancelledError:  # whoever waits here is itself waited for, and told again
            if task.done():
                return
    # From here on the event loop does not know it any more, and does not wait for it when it closes.
    asyncio._unregister_task(task)
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    abandoned.add(task)
    task.add_done_callback(abandoned.discard)
