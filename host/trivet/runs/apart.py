"""Coroutines of foreign code in tasks of their own: what they do to their task, they do not do to the run."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import Any

import anyio

from trivet.runs.foreign import Deserted

GRACE = 0.6
"""Seconds that a cancelled coroutine may take to clean up; then it is left behind. A stop request is noticed within 0.1
seconds, and all must be at its end after one."""

abandoned: set["asyncio.Task[None]"] = set()
"""Tasks that ignored their cancellation. Kept, since a coroutine that is thrown away while it ignores everything makes
Python complain on stderr; whoever ends the process looks here, see `trivet.cli.departure`."""


class _Outcome:
    __slots__ = ("error", "is_there", "value")

    def __init__(self) -> None:
        self.is_there = False
        self.value: Any = None
        self.error: BaseException | None = None


async def apart(work: Awaitable[Any]) -> Any:
    """What the work returns. Raises what it raises, Deserted where it cancels itself.

    Cancelled, it waits `GRACE` seconds for the work to notice; work that has come to its end by then has happened.
    """
    loop = asyncio.get_running_loop()
    outcome = _Outcome()
    ended = loop.create_future()
    task = loop.create_task(_contained(work, outcome, ended))
    task.add_done_callback(partial(_tell, ended))  # should it be cancelled before it begins
    try:
        await ended
    except asyncio.CancelledError:
        await _stopped(task)
        is_told_again = anyio.current_effective_deadline() == float("-inf")  # as scopes do, and `Task.cancel` does not
        if not (outcome.is_there and is_told_again):
            raise
    if outcome.error is not None:
        if isinstance(outcome.error, asyncio.CancelledError):
            raise Deserted("cancelled itself") from outcome.error
        raise outcome.error
    if not outcome.is_there:
        raise Deserted("cancelled itself")
    return outcome.value


def _tell(ended: "asyncio.Future[None]", task: "asyncio.Task[None] | None" = None) -> None:
    if not ended.done():
        ended.set_result(None)


async def _contained(work: Awaitable[Any], outcome: _Outcome, ended: "asyncio.Future[None]") -> None:
    try:
        outcome.value = await work
        outcome.is_there = True
    except BaseException as error:  # asyncio would let SystemExit and KeyboardInterrupt out of the loop
        outcome.error = error
    _tell(ended)  # a turn of the loop before the task's callbacks


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
