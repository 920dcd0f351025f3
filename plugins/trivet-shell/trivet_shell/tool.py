"""The tool."""

from functools import partial
from typing import Annotated, Literal

import anyio
import anyio.to_thread
from msgspec import Meta

from trivet_sandbox import Limits, Result, SandboxFailed
from trivet_sandbox.choice import Choice, stamp_of
from trivet_sandbox.excerpt import output_of
from trivet_sdk import DataPart, TextPart, Tool, ToolContext, ToolError, ToolResult, tool
from trivet_sdk.changes import removed, seen, told, written
from trivet_sdk.provenance import Provenance
from trivet_shell.command import Command

Profile = Literal["write", "read", "none"]
_SPARE = 1.0
"""Seconds before the call's deadline in which a command is ended, so that what it said can be told."""


def run_with(*, profile: Profile, timeout: float, limits: Limits, sandbox: Choice) -> Tool:
    is_bare = sandbox.bare is not None

    @tool(effect="effectful", egress=is_bare, untrusted_output=is_bare)
    async def run(command: Annotated[str, Meta(min_length=1, max_length=20_000)], ctx: ToolContext) -> ToolResult:
        """Run one command of the shell (sh) in a sandbox, in the folder of the workspace.

        It finds the programs of /usr, no network, no other files. Its result is what it prints; a command that ends with
        another status than 0 has failed.

        Args:
            command: The command, as one would type it.
        """
        seconds = timeout
        if ctx.deadline is not None:
            seconds = max(0.1, min(seconds, ctx.deadline - anyio.current_time() - _SPARE))
        before = await anyio.to_thread.run_sync(seen, ctx.workspace)
        is_untrusted = profile != "none" and await anyio.to_thread.run_sync(
            Provenance().is_among, ctx.workspace, before
        )
        result = await _ran(
            Command(command),
            partial(
                Command.run,
                workspace=None if profile == "none" else ctx.workspace.root,
                timeout=seconds,
                is_writable=profile == "write",
                limits=limits,
                sandbox=sandbox,
            ),
        )
        after = await anyio.to_thread.run_sync(seen, ctx.workspace)
        changed, gone = written(before, after), removed(before, after)
        said = "\n".join((*output_of(result), *told(changed, gone)))
        if failure := _failure(result, seconds):
            raise ToolError("\n".join(filter(None, (*stamp_of(result), said, failure))), is_untrusted=is_untrusted)
        value = {"stdout": result.stdout, "stderr": result.stderr, "files": list(changed)}
        if result.isolation != "full":
            value["isolation"] = result.isolation
        text = "\n".join((*stamp_of(result), said or "It printed nothing, and ended with status 0."))
        return ToolResult(parts=(TextPart(text), DataPart(value)), artifacts=changed, is_untrusted=is_untrusted)

    return run


async def _ran(command: Command, run: "partial[Result | None]") -> Result:
    """Ends the command when it is cancelled. Raises ToolError."""
    found: list[Result | None] = []
    failure = ""
    async with anyio.create_task_group() as tasks:

        async def end_with_us() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                command.end()

        tasks.start_soon(end_with_us)
        try:
            found.append(await anyio.to_thread.run_sync(run, command))
        except SandboxFailed as error:
            failure = f"No command can be run: {error}"
        tasks.cancel_scope.cancel()
    if failure:
        raise ToolError(failure)
    (result,) = found
    assert result is not None, "only whoever cancels us ends it"
    return result


def _failure(result: Result, seconds: float) -> str:
    """Empty if it ended with status 0."""
    if result.status == "timeout":
        return f"The command did not end within {seconds:g} seconds, and was ended with all that it had started."
    if result.status != "ok":
        return result.error.strip()
    return "" if result.value == "0" else f"The command ended with status {result.value}."
