"""One event to a hundred subscribers: the bus beside a bare shared log with cursors, and beside a queue for each.

The bare log is the least that can be done: a list, an index for each reader, no bounds, no policies, no patterns.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import ClassVar, get_args

from trivet.kernel.bus import Bus, Overflow
from trivet_sdk.events import Event

SUBSCRIBERS = 100
EVENTS = 2000
BURST = 64
"""Events between two turns of the subscribers."""
ROUNDS = 5


class Ticked(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "bench.ticked"
    number: int


class BareLog:
    def __init__(self) -> None:
        self._events: list[Event] = []
        self._news = asyncio.Event()

    def emit(self, event: Event) -> None:
        self._events.append(event)
        self._news.set()
        self._news = asyncio.Event()

    async def read(self) -> AsyncIterator[Event]:
        cursor = len(self._events)
        while True:
            while cursor < len(self._events):
                event = self._events[cursor]
                cursor += 1
                yield event
            await self._news.wait()


async def measured(emit: Callable[[Event], None], listen: Callable[[], Awaitable[None]]) -> float:
    """CPU seconds for one event to all."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(SUBSCRIBERS):
            tasks.create_task(listen())  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        begun = time.process_time()
        for number in range(EVENTS):
            emit(Ticked(number=number))
            if number % BURST == BURST - 1:
                await asyncio.sleep(0)
    return (time.process_time() - begun) / EVENTS


async def queues() -> float:
    boxes: list[asyncio.Queue[Event]] = [asyncio.Queue(1024) for _ in range(SUBSCRIBERS)]
    free = iter(boxes)

    async def listen() -> None:
        box = next(free)
        for _ in range(EVENTS):
            await box.get()

    def emit(event: Event) -> None:
        for box in boxes:
            box.put_nowait(event)

    return await measured(emit, listen)


async def bare() -> float:
    log = BareLog()

    async def listen() -> None:
        heard = 0
        async for _ in log.read():
            heard += 1
            if heard == EVENTS:
                return

    return await measured(log.emit, listen)


async def bus(policy: Overflow) -> float:
    ours = Bus()

    async def listen() -> None:
        heard = 0
        with ours.subscribe("bench.*", bound=1024, policy=policy) as events:
            async for _ in events:
                heard += 1
                if heard == EVENTS:
                    return

    return await measured(ours.emit, listen)


def ratio(rounds: int = ROUNDS) -> float:
    """Of the bus to the bare log, the best of each over interleaved rounds."""
    pairs = [(asyncio.run(bare()), asyncio.run(bus("drop_oldest"))) for _ in range(rounds)]
    return min(ours for _, ours in pairs) / min(reference for reference, _ in pairs)


def main() -> None:
    reference = min(asyncio.run(bare()) for _ in range(ROUNDS)) * 1e6
    each = min(asyncio.run(queues()) for _ in range(ROUNDS)) * 1e6
    print(f"\none event to {SUBSCRIBERS} subscribers, us of CPU, and of a bare shared log with cursors")
    print(f"  {'bare log':<22} {reference:6.1f}")
    print(f"  {'asyncio.Queue each':<22} {each:6.1f}  {each / reference:.2f}")
    for policy in get_args(Overflow):
        ours = min(asyncio.run(bus(policy)) for _ in range(ROUNDS)) * 1e6
        print(f"  bus, {policy:<17} {ours:6.1f}  {ours / reference:.2f}")


if __name__ == "__main__":
    main()
