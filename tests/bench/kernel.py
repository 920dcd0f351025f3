"""The event bus and the hook calls, each beside a named reference in the same run: `python tests/bench/kernel.py`.

Prints CPU microseconds and the ratio to the reference. Targets: 20 us an event for 100 subscribers, 60 us a hook call
for 100 plugins.
"""

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, get_args

import anyio
import anyio.lowlevel
import pluggy

from trivet.kernel.bus import Bus, Overflow
from trivet.kernel.hooks import Hooks
from trivet_sdk import Event, ToolCall, hookimpl
from trivet_sdk import hooks as specifications

LISTENERS = 100
EVENTS = 3000
BURST = 100
"""Events between two turns of the subscribers."""


class Ticked(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "clock.ticked"
    number: int


async def bus(policy: Overflow) -> float:
    """Seconds of CPU an event, to all subscribers."""
    shared = Bus()

    async def listen(*, task_status: anyio.abc.TaskStatus[None]) -> None:
        with shared.subscribe("clock.*", policy=policy) as events:
            task_status.started()
            seen = 0
            async for _ in events:
                seen += 1
                if seen == EVENTS:
                    return

    async with anyio.create_task_group() as tasks:
        for _ in range(LISTENERS):
            await tasks.start(listen)
        begun = time.process_time()
        for number in range(EVENTS):
            await shared.publish(Ticked(number=number))
            if number % BURST == BURST - 1:
                await anyio.lowlevel.checkpoint()
    return (time.process_time() - begun) / EVENTS


async def queues() -> float:
    """The reference: an asyncio.Queue for each subscriber."""
    every = [asyncio.Queue[Ticked]() for _ in range(LISTENERS)]

    async def listen(queue: asyncio.Queue[Ticked]) -> None:
        for _ in range(EVENTS):
            await queue.get()

    async with anyio.create_task_group() as tasks:
        for queue in every:
            tasks.start_soon(listen, queue)
        await anyio.lowlevel.checkpoint()
        begun = time.process_time()
        for number in range(EVENTS):
            event = Ticked(number=number)
            for queue in every:
                queue.put_nowait(event)
            if number % BURST == BURST - 1:
                await anyio.lowlevel.checkpoint()
    return (time.process_time() - begun) / EVENTS


class Indifferent:
    @hookimpl
    def veto_tool_call(self, call: ToolCall) -> str | None:
        return None


def hooks() -> tuple[float, float]:
    """Seconds of CPU a call over 100 plugins: ours, and pluggy's own multicall."""
    ours = Hooks(lambda plugin, sentence: None)
    manager = pluggy.PluginManager(specifications.PROJECT)
    manager.add_hookspecs(specifications)
    for number in range(LISTENERS):
        ours.register(f"plugin{number}", Indifferent())
        manager.register(Indifferent())
    call = ToolCall(run="r", step="s1", tool="a.b", arguments={}, key="r/s1/0", effect="pure")
    return spent(lambda: ours.veto(call)), spent(lambda: manager.hook.veto_tool_call(call=call))


def spent(work: Callable[[], object], times: int = 2000) -> float:
    work()
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times


def main() -> None:
    reference = asyncio.run(queues())
    print(f"{'event to 100 subscribers':<34} {'us':>8}   of asyncio.Queue ({reference * 1e6:.1f} us)")
    for policy in get_args(Overflow):
        seconds = asyncio.run(bus(policy))
        print(f"{policy:<34} {seconds * 1e6:8.1f}   {seconds / reference:.2f}")
    ours, theirs = hooks()
    print(
        f"{'hook call over 100 plugins':<34} {ours * 1e6:8.1f}   {ours / theirs:.2f} of pluggy ({theirs * 1e6:.1f} us)"
    )


if __name__ == "__main__":
    main()
