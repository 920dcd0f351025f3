"""Lives on their way out: calls at work may finish, within a bound."""

import anyio
from anyio.abc import TaskGroup

from trivet.kernel.life import Life


class Leaving:
    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._lives: set[Life] = set()
        self._drains: set[anyio.CancelScope] = set()

    def begin(self, life: Life, seconds: float) -> None:
        """See it out in a task of its own."""
        self._lives.add(life)
        self._tasks.start_soon(self.see_out, life, seconds)

    async def see_out(self, life: Life, seconds: float) -> None:
        """Wait until its calls are done, `seconds` at most, then until it has left."""
        with anyio.move_on_after(seconds) as drain:
            self._drains.add(drain)
            await life.share.idle()
        self._drains.discard(drain)
        await life.stop()
        self._lives.discard(life)

    def hurry(self) -> None:
        """Calls that are still at work are cut short."""
        for drain in tuple(self._drains):
            drain.cancel()

    async def finish(self) -> None:
        for life in tuple(self._lives):
            await life.stop()
