"""A pool of threads for blocking tools.

Not anyio's: that one is shared with everything else, and its threads keep the process alive. Here a tool that ignores
its cancellation is left behind in a daemon thread, and neither the run nor the interpreter's exit waits for it.
"""

import asyncio
import contextvars
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

import anyio

GRACE = 1.0
"""Seconds that calls may go on when the pool closes; they were told to stop before."""

_Job = tuple[contextvars.Context, Callable[..., Any], tuple[Any, ...], asyncio.Future[Any]]


class _Worker(threading.Thread):
    def __init__(self, pool: "ThreadPool") -> None:
        super().__init__(name="trivet tool", daemon=True)
        self.jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._pool = pool

    def run(self) -> None:
        while (job := self.jobs.get()) is not None:
            context, function, arguments, future = job
            value: Any = None
            error: BaseException | None = None
            try:
                value = context.run(function, *arguments)
            except BaseException as raised:  # foreign code: SystemExit, too, is only this call's failure
                error = raised
            del context, function, arguments, job
            try:
                self._pool.loop.call_soon_threadsafe(self._pool.finished, self, future, value, error)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more


class ThreadPool:
    """Belongs to one event loop. How many calls are at work is for the executor to bound; each has a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._all_done = anyio.Event()
        self._is_closed = False

    async def run(
        self, function: Callable[..., Any], *arguments: Any, left: Callable[[str], object] | None = None
    ) -> Any:
        """Call it in a thread. Cancelled, this returns at once, and the thread goes on alone: `left` is told where it is."""
        if self._idle:
            worker = self._idle.pop()
        else:
            worker = _Worker(self)
            worker.start()
        future: asyncio.Future[Any] = self.loop.create_future()
        self._busy.add(worker)
        worker.jobs.put((contextvars.copy_context(), function, arguments, future))
        try:
            return await future
        except asyncio.CancelledError:
            if left is not None and (frame := sys._current_frames().get(worker.ident or 0)) is not None:
                left("".join(traceback.format_stack(frame)))
            raise

    async def aclose(self) -> None:
        """Let the threads end, those at work as soon as they are done; wait `GRACE` seconds for these, since a library that
        is torn down in the midst of its work may take the process with it."""
        self._is_closed = True
        for worker in self._idle:
            worker.jobs.put(None)
        self._idle.clear()
        if self._busy:
            with anyio.CancelScope(shield=True), anyio.move_on_after(GRACE):
                await self._all_done.wait()

    def finished(self, worker: _Worker, future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
        self._busy.discard(worker)
        if self._is_closed:
            worker.jobs.put(None)
            if not self._busy:
                self._all_done.set()
        else:
            self._idle.append(worker)
        if future.done():
            return
        if error is None:
            future.set_result(value)
        elif isinstance(error, Exception) and not isinstance(error, StopIteration):
            future.set_exception(error)
        else:
            future.set_exception(RuntimeError(f"{type(error).__name__}: {error}"))
