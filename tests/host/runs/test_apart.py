"""Foreign coroutines in tasks of their own, which begin before their task has had a turn."""

import asyncio
import contextvars
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from trivet.runs.apart import Begun, apart
from trivet.runs.foreign import Deserted

pytestmark = pytest.mark.anyio
VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="outer")


async def turns(work: Any) -> int:
    """Of the event loop, that passed until the work was at its end."""
    passed = 0

    async def count() -> None:
        nonlocal passed
        while True:
            passed += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await work
    counting.cancel()
    return passed


async def now() -> int:
    return 3


async def test_what_waits_for_nothing_costs_no_turn() -> None:
    assert await turns(apart(now())) == 0
    assert await turns(apart(asyncio.sleep(0))) > 0
    assert await apart(now()) == 3


async def test_it_has_one_task_of_its_own_all_along() -> None:
    async def work() -> list[Any]:
        seen = [asyncio.current_task()]
        await asyncio.sleep(0)
        seen.append(asyncio.current_task())
        await asyncio.sleep(0.001)
        return [*seen, asyncio.current_task()]

    first, second, third = await apart(work())
    assert first is second is third
    assert first is not asyncio.current_task()
    assert first.done()


async def test_its_context_is_its_own_and_stays_the_same() -> None:
    async def work() -> str:
        token = VARIABLE.set("inner")
        await asyncio.sleep(0)
        seen = VARIABLE.get()
        VARIABLE.reset(token)  # refuses a token of another context
        VARIABLE.set("left behind")
        return seen

    assert await apart(work()) == "inner"
    assert VARIABLE.get() == "outer"


async def test_timeouts_and_groups_of_its_own_may_span_the_first_step() -> None:
    async def work() -> str:
        async with asyncio.timeout(0.01), anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 5)
            await asyncio.sleep(5)
        return "never"

    with pytest.raises(TimeoutError):
        await apart(work())
    assert await apart(now()) == 3


@pytest.mark.parametrize("turns_before", [0, 1, 2])
async def test_a_stop_reaches_what_it_waits_for_even_before_its_task_had_a_turn(turns_before: int) -> None:
    inner: list[asyncio.Task[None]] = []
    heard = []

    async def work() -> None:
        inner.append(asyncio.create_task(asyncio.sleep(5)))
        try:
            await inner[0]
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    begun = Begun(work())
    outer = asyncio.create_task(begun.end())
    for _ in range(turns_before):
        await asyncio.sleep(0)
    outer.cancel()
    if not turns_before:  # `end` has not begun, so nobody has told the work
        begun._task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await outer
    await asyncio.wait(inner, timeout=1)
    assert (heard, inner[0].cancelled()) == (["cancelled"], True)


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), ValueError("no"), GeneratorExit()])
async def test_what_it_raises_at_once_is_raised_here_and_nowhere_else(error: BaseException) -> None:
    async def work() -> None:
        raise error

    with pytest.raises(type(error)):
        await apart(work())
    await asyncio.sleep(0)


async def test_one_that_cancels_itself_has_deserted() -> None:
    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(5)

    async def at_once() -> None:
        raise asyncio.CancelledError

    for each in (work, at_once):
        with pytest.raises(Deserted):
            await apart(each())


async def test_other_awaitables_and_generators_within_work_as_well() -> None:
    class Later:
        def __await__(self) -> Any:
            return asyncio.sleep(0, 7).__await__()

    @asynccontextmanager
    async def scope() -> AsyncIterator[int]:
        await asyncio.sleep(0)
        yield 1

    async def work() -> int:
        async with scope() as found:
            return found + int(await apart(Later()))

    assert await apart(work()) == 8
