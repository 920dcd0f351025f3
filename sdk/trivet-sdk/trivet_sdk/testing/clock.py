"""A clock that stands still until a test moves it."""

import heapq
import itertools

import anyio
import anyio.lowlevel


class ManualClock:
    """Call it for the time in seconds; hand it, or its `sleep`, to code that takes its clock as an argument.

    clock = ManualClock()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(restart_after, 60.0, clock.sleep)
        await clock.until_sleepers(1)
        clock.advance(60.0)
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._sleepers: list[tuple[float, int, anyio.Event]] = []
        self._order = itertools.count()
        self._arrival = anyio.Event()

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on, and wake those whose time has come, earliest first."""
        self.now += seconds
        while self._sleepers and self._sleepers[0][0] <= self.now:
            heapq.heappop(self._sleepers)[2].set()

    async def sleep(self, seconds: float) -> None:
        """Return once the clock was moved on by this much."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        entry = (self.now + seconds, next(self._order), anyio.Event())
        heapq.heappush(self._sleepers, entry)
        self._arrival.set()
        try:
            await entry[2].wait()
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)

    async def until_sleepers(self, count: int) -> None:
        """Return once so many are asleep, so that `advance` wakes them and is not too early."""
        while len(self._sleepers) < count:
            self._arrival = anyio.Event()
            await self._arrival.wait()
