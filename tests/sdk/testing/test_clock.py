"""The clock that tests move."""

import anyio
import anyio.lowlevel

from trivet_sdk.testing import ManualClock


async def test_sleepers_wake_when_the_clock_is_moved_on() -> None:
    clock = ManualClock(100.0)
    woken: list[float] = []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for seconds in (3.0, 1.0, 2.0):
                tasks.start_soon(sleeper, seconds)
            await clock.until_sleepers(3)
            clock.advance(2.0)
            await clock.until_sleepers(1)
            while len(woken) < 2:
                await anyio.lowlevel.checkpoint()
            assert (clock(), sorted(woken)) == (102.0, [1.0, 2.0])
            clock.advance(1.0)
    assert woken[-1] == 3.0


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = ManualClock()
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(clock.sleep, 1.0)
            await clock.until_sleepers(1)
            tasks.cancel_scope.cancel()
    clock.advance(1.0)
    await clock.sleep(0)
