"""Does an executor keep its contract?"""

from collections.abc import Mapping
from pathlib import Path

import anyio

from ..contributions import Executor, Invocation
from ..errors import ToolError
from ..plan import Json
from ..testing.calling import StandaloneCall
from ..tool import Effect, Tool, ToolCall, ToolContext, ToolResult, ToolSpec, result
from ..workspace import Workspace

_MADE = "calls.txt"
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


class _BlockingProbe(_Probe):
    def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:  # type: ignore[override]
        _note(ctx)
        return _done(self.does, arguments, ctx)


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

    Calls go to tools made for this: one that answers, one that blocks, one that refuses, one that breaks, one that hangs.
    """
    called = f"executor '{name or type(executor).__name__}'"
    if not isinstance(executor, Executor):
        return (f"{called} has no `execute`; it needs `async def execute(self, invocation, tool, ctx)`",)
    found: list[str] = []
    async with anyio.TemporaryDirectory[str](prefix="trivet-") as folder:
        for check, when in (
            (_answers, "when a tool answers"),
            (_refusals, "when a tool fails"),
            (_deadline, "when a tool hangs beyond `invocation.timeout`"),
            (_cancellation, "when it is cancelled"),
        ):
            with anyio.move_on_after(timeout) as scope:
                found += await check(executor, Path(folder))
            if scope.cancelled_caught:
                found.append(f"does not come back {when}: {timeout:g} seconds were not enough")
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


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
    key = f"check/{tool.spec.name.removeprefix('check.')}/1"
    call = ToolCall(run="check", step="s1", tool=tool.spec.name, arguments=_ARGUMENTS, key=key, effect=tool.spec.effect)
    context = StandaloneCall(Workspace(folder))
    context.key = key
    return await executor.execute(Invocation(call=call, spec=tool.spec, timeout=timeout), tool, context)


def _repeated(folder: Path, tool: _Probe) -> list[str]:
    made = (folder / _MADE).read_text().splitlines() if (folder / _MADE).exists() else []
    times = made.count(f"check/{tool.does}/1")
    if times > 1:
        return [f"called an effectful tool {times} times for one invocation; repeating is the host's to decide"]
    return [] if times else ["did not call the tool it was given"]
