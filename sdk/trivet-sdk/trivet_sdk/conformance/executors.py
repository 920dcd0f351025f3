"""Does an executor keep its contract?"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import anyio

from ..contributions import Executor, Invocation
from ..errors import ToolError
from ..plan import Json
from ..testing.calling import StandaloneCall
from ..tool import Effect, Tool, ToolCall, ToolContext, ToolResult, ToolSpec, result
from ..workspace import Workspace
from . import places

_MADE = "calls.txt"
_BEGUN, _END, _ENDED = "begun", "end", "ended"
_AFTERMATH = 0.02
"""Seconds in which a call that went wrong may take another one along."""
_AT_WORK = 2.0
"""Seconds for two calls beside each other, which end at once."""
_SIGNATURES = {
    "place": "has no `place`; it needs `def place(self, invocation)`, which returns an async context manager",
    "execute": "has no `execute`; it needs `async def execute(self, invocation, tool, ctx)`",
}
_ARGUMENTS: dict[str, Json] = {"text": "grün 绿", "rows": [1, 2.5, None, {"a": True}]}


class _Probe:
    """A tool that notes each call in a file, since an executor may make the call in another process."""

    def __init__(self, does: str, effect: Effect = "effectful") -> None:
        self.spec = ToolSpec(name=f"check.{does}", summary="Check.", parameters={"type": "object"}, effect=effect)
        self.does = does

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        _note(ctx)
        if self.does == "hang":
            await anyio.sleep_forever()
        return _done(self.does, arguments, ctx)


class _Calm(_Probe):
    """At work until it is told to end."""

    def __init__(self) -> None:
        super().__init__("wait", "pure")

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        (ctx.workspace.root / _BEGUN).touch()
        await _made(ctx.workspace.root / _END)
        (ctx.workspace.root / _ENDED).touch()
        return result("done")


class _Disorderly(_Probe):
    def __init__(self, error: BaseException) -> None:
        super().__init__("raise", "pure")
        self.error = error

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        _note(ctx)
        raise self.error


class _BlockingDisorderly(_Disorderly):
    def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:  # type: ignore[override]
        _note(ctx)
        raise self.error


class _BlockingProbe(_Probe):
    def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:  # type: ignore[override]
        _note(ctx)
        return _done(self.does, arguments, ctx)


async def _made(path: Path) -> None:
    """Wait for the file: a tool in another process has nothing else to see."""
    while not path.exists():  # noqa: ASYNC110
        await anyio.sleep(0.005)


def _note(ctx: ToolContext) -> None:
    with (ctx.workspace.root / _MADE).open("a") as file:
        file.write(f"{ctx.key}\n")


def _done(does: str, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
    if does == "refuse":
        raise ToolError("the server is busy", is_transient=True)
    if does == "break":
        raise ZeroDivisionError("a bug of the tool")
    return result("done", {"arguments": dict(arguments), "key": ctx.key})


async def check_executor(executor: object, *, name: str = "", timeout: float = 30.0) -> tuple[str, ...]:
    """A sentence for each way in which the executor breaks the contract; none if it keeps it.

    Calls go to tools made for this: one that answers, one that blocks, one that refuses, one that breaks, one that hangs,
    some that try to take others with them.
    """
    called = f"executor '{name or type(executor).__name__}'"
    lacking = [fault for name, fault in _SIGNATURES.items() if not hasattr(executor, name)]
    if not isinstance(executor, Executor):
        return tuple(f"{called} {fault}" for fault in lacking)
    place: object = executor.place(_invocation(_Probe("answer")))
    if not isinstance(place, AbstractAsyncContextManager):
        return (f"{called} returns a {type(place).__name__} from `place` instead of an async context manager",)
    found: list[str] = []
    async with anyio.TemporaryDirectory[str](prefix="trivet-") as folder:
        for check, when in (
            (partial(places.bounds, executor), "when a place is asked for"),
            (partial(places.both, executor), "when calls need two resources"),
            (partial(places.turns, executor), "when runs ask for places"),
            (partial(places.leaving, executor), "when calls leave their places"),
        ):
            found += await _within(timeout, check, when)
            if found:  # who cannot have a place cannot be called
                break
        else:
            for execution, when in (
                (_answers, "when a tool answers"),
                (_refusals, "when a tool fails"),
                (_neighbours, "when a tool goes wrong beside another"),
                (_deadline, "when a tool hangs beyond `invocation.timeout`"),
                (_cancellation, "when it is cancelled"),
            ):
                found += await _within(timeout, partial(execution, executor, Path(folder)), when)
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


async def _within(seconds: float, check: Callable[[], Awaitable[list[str]]], when: str) -> list[str]:
    with anyio.move_on_after(seconds):
        return await check()
    return [f"does not come back {when}: {seconds:g} seconds were not enough"]


async def _answers(executor: Executor, folder: Path) -> list[str]:
    found: list[str] = []
    for tool in (_Probe("answer"), _BlockingProbe("block")):
        kind = "a coroutine tool" if type(tool) is _Probe else "a blocking tool"
        try:
            returned: object = await _execute(executor, tool, folder)
        except Exception as error:  # foreign code: whatever it raises is what is reported
            found.append(f"raises {type(error).__name__} for {kind} that answers: {error}")
            continue
        if not isinstance(returned, ToolResult):
            found.append(f"returns a {type(returned).__name__} for {kind} instead of its ToolResult")
        elif returned != result("done", {"arguments": _ARGUMENTS, "key": f"check/{tool.does}/1"}):
            found.append(f"changes what {kind} gets or returns: hand on arguments, context and result as they are")
        found += _repeated(folder, tool)
    return found


async def _refusals(executor: Executor, folder: Path) -> list[str]:
    found: list[str] = []
    for tool, kind in ((_Probe("refuse"), ToolError), (_BlockingProbe("break"), ZeroDivisionError)):
        try:
            await _execute(executor, tool, folder)
        except kind as error:
            if isinstance(error, ToolError) and not error.is_transient:
                found.append("loses `is_transient` of a ToolError, by which the host knows that trying again may help")
        except Exception as error:  # foreign code, as above
            found.append(f"turns a tool's {kind.__name__} into a {type(error).__name__}; raise what the tool raises")
        else:
            found.append(f"swallows a tool's {kind.__name__}; raise what the tool raises")
        found += _repeated(folder, tool)
    return found


async def _neighbours(executor: Executor, folder: Path) -> list[str]:
    """Whatever a tool raises, one that is at work beside it goes on. Where there is room for one call alone there is no
    such thing."""
    found: list[str] = []
    errors = (RuntimeError("a bug"), asyncio.CancelledError(), BaseExceptionGroup("", [GeneratorExit()]))
    for number, (error, kind) in enumerate(itertools.product(errors, (_Disorderly, _BlockingDisorderly))):
        place = folder / str(number)
        place.mkdir()
        with anyio.move_on_after(_AT_WORK) as waiting:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_kept, executor, _Calm(), place)
                await _made(place / _BEGUN)
                await _kept(executor, kind(error), place)
                await anyio.sleep(_AFTERMATH)
                (place / _END).touch()
        if waiting.cancelled_caught and not (place / _MADE).exists():
            return []
        if not (place / _ENDED).exists():
            what = "a coroutine tool" if kind is _Disorderly else "a blocking tool"
            raised = type(error).__name__
            found.append(f"lets {what} that raises {raised} end another call; whatever a tool does, other calls go on")
    return found


async def _kept(executor: Executor, tool: Tool, folder: Path) -> None:
    try:
        await _execute(executor, tool, folder)
    except BaseException as error:  # foreign code: what comes of this call is not asked here
        if isinstance(error, asyncio.CancelledError) and anyio.current_effective_deadline() == float("-inf"):
            raise


async def _deadline(executor: Executor, folder: Path) -> list[str]:
    try:
        await _execute(executor, _Probe("hang"), folder, timeout=0.1)
    except TimeoutError:
        return []
    except Exception as error:  # foreign code, as above
        return [f"raises {type(error).__name__} at `invocation.timeout`, where it must raise TimeoutError"]
    return ["returns a result for a tool that never came back"]


async def _cancellation(executor: Executor, folder: Path) -> list[str]:
    with anyio.move_on_after(0.2) as scope:
        try:
            await _execute(executor, _Probe("hang"), folder)
        except Exception as error:  # foreign code, as above
            return [f"raises {type(error).__name__} when it is cancelled; let the cancellation through"]
    return [] if scope.cancelled_caught else ["swallows a cancellation; let it through"]


async def _execute(executor: Executor, tool: Tool, folder: Path, timeout: float | None = None) -> ToolResult:
    invocation = _invocation(tool, timeout)
    context = StandaloneCall(Workspace(folder))
    context.key = invocation.call.key
    returned: Any = None
    async with executor.place(invocation):
        returned = await executor.execute(invocation, tool, context)
    made: ToolResult = returned
    return made


def _invocation(tool: Tool, timeout: float | None = None) -> Invocation:
    key = f"check/{tool.spec.name.removeprefix('check.')}/1"
    call = ToolCall(run="check", step="s1", tool=tool.spec.name, arguments=_ARGUMENTS, key=key, effect=tool.spec.effect)
    return Invocation(call=call, spec=tool.spec, timeout=timeout)


def _repeated(folder: Path, tool: _Probe) -> list[str]:
    made = (folder / _MADE).read_text().splitlines() if (folder / _MADE).exists() else []
    times = made.count(f"check/{tool.does}/1")
    if times > 1:
        return [f"called an effectful tool {times} times for one invocation; repeating is the host's to decide"]
    return [] if times else ["did not call the tool it was given"]
