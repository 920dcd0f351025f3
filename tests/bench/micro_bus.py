"""One event to a hundred subscribers: the bus beside a queue for each."""

import asyncio
import time
from typing import ClassVar

from trivet.kernel.bus import Bus
from trivet_sdk.events import Event

SUBSCRIBERS = 100
EVENTS = 2000


class Ticked(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "bench.ticked"
    number: int


async def queues() -> float:
    """Seconds for one event."""
    boxes: list[asyncio.Queue[Event | None]] = [asyncio.Queue(1024) for _ in range(SUBSCRIBERS)]

    async def listen(box: asyncio.Queue[Event | None]) -> None:
        while await box.get() is not None:
            pass

    async with asyncio.TaskGroup() as tasks:
        for box in boxes:
            tasks.create_task(listen(box))
        await asyncio.sleep(0)
        begun = time.perf_counter()
        for number in range(EVENTS):
            event = Ticked(number=number)
            for box in boxes:
                box.put_nowait(event)
            if number % 64 == 63:
                await asyncio.sleep(0)
        for box in boxes:
            await box.put(None)
    return (time.perf_counter() - begun) / EVENTS


async def bus() -> float:
    """Seconds for one event."""
    ours = Bus()
    heard = 0

    async def listen() -> None:
        nonlocal heard
        with ours.subscribe("bench.*", bound=1024) as events:
            async for event in events:
                heard += 1
                if isinstance(event, Ticked) and event.number == EVENTS - 1:
                    return

    async with asyncio.TaskGroup() as tasks:
        for _ in range(SUBSCRIBERS):
            tasks.create_task(listen())
        await asyncio.sleep(0.01)
        begun = time.perf_counter()
        for number in range(EVENTS):
            ours.emit(Ticked(number=number))
            if number % 64 == 63:
                await asyncio.sleep(0)
    assert heard == EVENTS * SUBSCRIBERS
    return (time.perf_counter() - begun) / EVENTS


def main() -> None:
    reference = min(asyncio.run(queues()) for _ in range(3)) * 1e6
    ours = min(asyncio.run(bus()) for _ in range(3)) * 1e6
    print(f"\none event to {SUBSCRIBERS} subscribers, with bounds")
    print(f"  asyncio.Queue each {reference:.1f} us  bus {ours:.1f} us  {ours / reference:.2f} of the queues")


if __name__ == "__main__":
    main()
