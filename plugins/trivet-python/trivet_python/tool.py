"""The tool: one program in the session of its run."""

import math
from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import anyio.to_thread

from trivet_python.building import Environment
from trivet_python.calls import Calls
from trivet_python.events import ProgramRan
from trivet_python.interpreters import Interpreters, Ran
from trivet_python.telling import failure_of, text_of, value_of
from trivet_sandbox import Result, SandboxFailed
from trivet_sandbox.choice import stamp_of
from trivet_sdk import BlobPart, DataPart, Event, TextPart, Tool, ToolContext, ToolError, ToolResult, tool
from trivet_sdk.changes import removed, seen, written
from trivet_sdk.formats import Program
from trivet_sdk.provenance import Provenance

_SPARE = 1.0
"""Seconds before the call's deadline in which a program is ended, so that what it said can be told."""


def python_with(interpreters: Interpreters, calls: Calls, emit: Callable[[Event], None]) -> Tool:
    is_bare = interpreters.settings.sandbox.bare is not None

    # Without a sandbox a program may do anything, so that each call is asked about.
    @tool(effect="effectful" if is_bare else "idempotent", egress=is_bare, untrusted_output=is_bare)
    async def python(code: Program, ctx: ToolContext) -> ToolResult:
        """Run a Python program in a sandbox; what it defines is there for the next one.

        Programs of a run share one interpreter, like the cells of a notebook: the value of a last expression is the result,
        and so is what is printed. They begin in the folder of the workspace. Attachments are in /attachments. There is no
        network. Figures of matplotlib are kept without being saved.

        Args:
            code: The program.
        """
        return await _made(code, ctx, interpreters, calls, emit)

    return python


async def _made(
    code: str, ctx: ToolContext, interpreters: Interpreters, calls: Calls, emit: Callable[[Event], None]
) -> ToolResult:
    begun = calls.begun(ctx.run, ctx.key, code)
    if begun is not None and begun.result is not None:
        return begun.result
    if begun is not None:
        raise ToolError(
            "This program was interrupted when trivet stopped, and is not run again by itself: it may have written files"
            " already. Look at the workspace, then go on with a new program; what earlier ones defined is lost."
        )
    notes: tuple[str, ...] = ()
    if calls.had_any(ctx.run):
        notes = ("This is a new interpreter: what earlier programs of this run defined is lost.",)
    await _packages(interpreters.environment, ctx)
    calls.begin(ctx.run, ctx.key, code)
    before = await anyio.to_thread.run_sync(seen, ctx.workspace)
    # Which files it reads nobody can tell, and what it prints may be of any of them.
    is_untrusted = await anyio.to_thread.run_sync(Provenance().is_among, ctx.workspace, before)
    timeout = interpreters.settings.timeout
    if ctx.deadline is not None:
        timeout = max(0.1, min(timeout, ctx.deadline - anyio.current_time() - _SPARE))
    try:
        ran = await interpreters.run(ctx.run, ctx.workspace, code, timeout)
    except SandboxFailed as error:
        calls.forget(ctx.run, ctx.key, code)
        raise ToolError(f"No program can be run: {error}") from error
    after = await anyio.to_thread.run_sync(seen, ctx.workspace)
    result = ran.result
    emit(ProgramRan(
        run=ctx.run, step=ctx.step, status=result.status, isolation=result.isolation, seconds=result.seconds,
    ))  # fmt: skip
    notes = (*stamp_of(result), *(notes if ran.is_first else ()), *_attachments(ran, ctx))
    if ran.is_first and interpreters.environment.failure:
        notes = (*notes, f"{interpreters.environment.failure[:1].upper()}{interpreters.environment.failure[1:]}.")
    changed, gone = written(before, after), removed(before, after)
    if result.status != "ok":
        calls.forget(ctx.run, ctx.key, code)
        raise ToolError(failure_of(result, changed, gone, notes), is_untrusted=is_untrusted)
    figures = [each async for each in _figures(result, ctx)]
    text = TextPart(text_of(result, changed, gone, notes))
    told = ToolResult(
        parts=(text, DataPart(value_of(result, changed)), *figures), artifacts=changed, is_untrusted=is_untrusted
    )
    calls.end(ctx.run, ctx.key, code, told)
    return told


async def _packages(environment: Environment, ctx: ToolContext) -> None:
    """Wait until they are installed. Raises ToolError if that takes longer than the call may."""
    patience = math.inf if ctx.deadline is None else max(0.1, ctx.deadline - anyio.current_time() - _SPARE)
    with anyio.move_on_after(patience):
        while not environment.ready.is_set():
            ctx.progress(0, None, f"Installing packages: {environment.now or 'waiting for another trivet to do so'}")
            with anyio.move_on_after(1.0):
                await environment.ready.wait()
    if not environment.ready.is_set():
        raise ToolError(
            f"The packages are still being installed ({environment.now}). Try again later.", is_transient=True
        )


def _attachments(ran: Ran, ctx: ToolContext) -> Iterator[str]:
    """Where they are, if that is not where the tool's description says."""
    if ran.is_first and ctx.workspace.attachments and ran.result.isolation != "full":
        yield f"Attachments are in {ran.attachments}, and /attachments does not exist."


async def _figures(result: Result, ctx: ToolContext) -> AsyncIterator[BlobPart]:
    for number, figure in enumerate(result.figures, 1):
        blob = await ctx.blobs.put(figure, "image/png")
        yield BlobPart(blob=blob, media_type="image/png", size=len(figure), name=f"figure-{number}.png")
