"""Does an executor give places as its contract says? No tool is called here: places are taken and given back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
from anyio.abc import TaskGroup

from ..contributions import Executor, Invocation
from ..tool import ToolCall, ToolSpec

ONE, OTHER = "check-one", "check-other"
"""Resources that no settings name, so that there is one of each."""
MANY = 12
"""Calls of the run that asks for more than its turn."""
TURNS = 3
"""Places after which another run must have had one."""
PATIENCE = 1.0
"""Seconds to wait for a place that must be free."""
_TURNS_OF_THE_LOOP = 20
"""To see whether a place is given that must not be."""


class _Call:
    def __init__(self) -> None:
        self.given = anyio.Event()
        self.ends = anyio.Event()
        self.ended = anyio.Event()
        self.scope = anyio.CancelScope()


class _Calls:
    """Calls that do nothing but hold their places, in tasks of their own; `given` is in the order of their places."""

    def __init__(self, executor: Executor, tasks: TaskGroup) -> None:
        self.given: list[str] = []
        self._executor = executor
        self._tasks = tasks
        self._calls: dict[str, _Call] = {}

    async def ask(self, step: str, *resources: str, run: str = "check") -> None:
        """Returns when a place would have been given, had there been one."""
        self._calls[step] = call = _Call()
        self._tasks.start_soon(self._hold, call, _invocation(step, *resources, run=run))
        for _ in range(_TURNS_OF_THE_LOOP):
            await anyio.lowlevel.checkpoint()

    async def gets(self, step: str) -> bool:
        """Whether it has its place soon."""
        with anyio.move_on_after(PATIENCE):
            await self._calls[step].given.wait()
        return self.has(step)

    def has(self, step: str) -> bool:
        return self._calls[step].given.is_set()

    async def end(self, step: str) -> None:
        self._calls[step].ends.set()
        await self._calls[step].ended.wait()

    async def cancel(self, step: str) -> None:
        self._calls[step].scope.cancel()
        await self._calls[step].ended.wait()

    def let_pass(self) -> None:
        """From now on nobody stays."""
        for call in self._calls.values():
            call.ends.set()

    async def all_ended(self) -> None:
        self.let_pass()
        for call in self._calls.values():
            await call.ended.wait()

    async def _hold(self, call: _Call, wanted: Invocation) -> None:
        with call.scope:
            async with self._executor.place(wanted):
                self.given.append(wanted.call.step)
                call.given.set()
                await call.ends.wait()
        call.ended.set()


@asynccontextmanager
async def _calls_at(executor: Executor) -> AsyncIterator[_Calls]:
    async with anyio.create_task_group() as tasks:
        calls = _Calls(executor, tasks)
        yield calls
        with anyio.move_on_after(PATIENCE):  # so that each check is of one way of leaving
            await calls.all_ended()
        tasks.cancel_scope.cancel()


async def bounds(executor: Executor) -> list[str]:
    async with _calls_at(executor) as calls:
        await calls.ask("s1", ONE)
        if not await calls.gets("s1"):
            return ["has no place for a call although nobody else has one"]
        await calls.ask("s2", ONE)
        if calls.has("s2"):
            return [
                "gives two calls at once a place that occupy the same resource; there is one of it unless settings say more"
            ]
        if not await _passes(calls):
            return ["keeps a call waiting whose resource is free, because others wait for another resource"]
        await calls.end("s1")
        return [] if await calls.gets("s2") else ["gives nobody the place that a call has given back"]


async def _passes(calls: _Calls) -> bool:
    """Whether a call that needs something else gets past the one that waits; true as well where there is room for one alone."""
    await calls.ask("s3", OTHER)
    if await calls.gets("s3"):
        await calls.end("s3")
        return True
    await calls.cancel("s2")
    await calls.cancel("s3")
    await calls.ask("s4", OTHER)
    is_alone = not await calls.gets("s4")
    await calls.cancel("s4")
    await calls.ask("s2", ONE)
    return is_alone


async def both(executor: Executor) -> list[str]:
    """Two resources, asked for in either order."""

    async def hold(number: int) -> None:
        resources = (ONE, OTHER) if number % 2 else (OTHER, ONE)
        async with executor.place(_invocation(f"s{number}", *resources)):
            await anyio.lowlevel.checkpoint()

    with anyio.move_on_after(PATIENCE) as waiting:
        async with anyio.create_task_group() as tasks:
            for number in range(MANY):
                tasks.start_soon(hold, number)
    if waiting.cancelled_caught:
        return ["lets calls wait for each other for ever that need the same two resources"]
    return []


async def turns(executor: Executor) -> list[str]:
    steps = [f"s{number}" for number in range(MANY)]
    async with _calls_at(executor) as calls:
        for step in steps:
            await calls.ask(step, ONE, run="many")
        await calls.ask("lone", ONE, run="one")
        calls.let_pass()
        for step in (*steps, "lone"):
            if not await calls.gets(step):
                return ["forgets calls that wait for a place while others come and go"]
        given = calls.given
    found = []
    if (before := given.index("lone") - 1) > TURNS:
        found.append(f"lets {before} waiting calls of one run go before the only one of another; runs take turns")
    if [step for step in given if step != "lone"] != steps:
        found.append("lets calls of one run overtake each other that wait for the same; who comes first goes first")
    return found


async def leaving(executor: Executor) -> list[str]:
    """However a call leaves, its place is free again."""
    found: list[str] = []
    async with _calls_at(executor) as calls:
        await calls.ask("s1", ONE)
        await calls.ask("s2", ONE)
        await calls.cancel("s2")
        await calls.end("s1")
        await calls.ask("s3", ONE)
        if not await calls.gets("s3"):
            return ["loses a place when a call is cancelled that waits for one"]
        await calls.cancel("s3")
        await calls.ask("s4", ONE)
        if not await calls.gets("s4"):
            return ["loses the place of a call that is cancelled"]
        await calls.end("s4")
        if fault := await _failing(executor):
            found.append(fault)
        await calls.ask("s5", ONE)
        if not await calls.gets("s5"):
            found.append("loses the place of a call that fails")
    return found


async def _failing(executor: Executor) -> str:
    try:
        async with executor.place(_invocation("s9", ONE)):
            raise ZeroDivisionError("the call failed")
    except ZeroDivisionError:
        return ""
    except Exception as error:  # foreign code: whatever it raises is what is reported
        return f"turns what is raised inside of `place` into a {type(error).__name__}"
    return "swallows what is raised inside of `place`"  # type: ignore[unreachable]  # a scope may swallow it


def _invocation(step: str, *resources: str, run: str = "check") -> Invocation:
    spec = ToolSpec(
        name="check.place", summary="Check.", parameters={"type": "object"}, effect="pure", resources=resources
    )
    call = ToolCall(run=run, step=step, tool=spec.name, arguments={}, key=f"{run}/{step}/0", effect="pure")
    return Invocation(call=call, spec=spec)
