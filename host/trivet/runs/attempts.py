"""A call whose plugin ends under it: made again where its effect allows, else nobody knows what became of it."""

from collections.abc import Awaitable, Callable

from trivet.errors import CallInterrupted
from trivet.runs import effects
from trivet.runs.apart import apart
from trivet.runs.collaborators import Plugins
from trivet.runs.foreign import cause_of, said
from trivet_sdk.errors import PluginError, ToolError
from trivet_sdk.tool import Tool, ToolResult, ToolSpec

AGAIN = 1
"""Times that a call is made again whose plugin ended under it. It may well have died of this very call."""


async def carried_out(
    plugins: Plugins,
    spec: ToolSpec,
    key: str,
    execute: Callable[[Tool], Awaitable[ToolResult]],
    again: Callable[[], Awaitable[None]] | None = None,
) -> ToolResult:
    """Have the call made by the plugin's present life, and again by the next one if it was cut short: always if it had
    not begun, under the same key if it is pure or idempotent, and if it is effectful only where the tool itself knows
    that it did not happen. `again` is told before.

    Raises CallInterrupted if it may not be made again, ToolError if the tool is no longer what was planned with, and what
    the call raises.
    """
    left = AGAIN
    before: CallInterrupted | None = None
    while True:
        try:
            tool = await plugins.tool(spec.name)
        except PluginError:
            if before is None or spec.effect == "effectful":
                raise
            raise before from None  # the plugin is not there any more, and this call is why
        if (risk := effects.new_risk(spec, tool.spec)) is not None:
            raise ToolError(f"'{spec.name}' was replaced while this was planned and is now {risk}. Plan anew.")
        try:
            if before is not None and (repeated := getattr(tool, "repeated", None)) is not None:
                tool = repeated()  # should the plugin end under it as well, that is the same failure
            return await execute(tool)
        except CallInterrupted as cut:
            if cut.has_begun:
                if not left:
                    raise
                left -= 1
                before = cut
                if spec.effect == "effectful" and (result := await _reconciled(plugins, spec, key, cut)) is not None:
                    return result
                if again is not None:
                    await again()


async def _reconciled(plugins: Plugins, spec: ToolSpec, key: str, cut: CallInterrupted) -> ToolResult | None:
    """What an effectful call came to, as the tool says; None if it did not happen. Raises CallInterrupted if that cannot
    be found out."""
    # Foreign code: what it cannot tell stays unknown.
    try:
        reconcile = getattr(await plugins.tool(spec.name), "reconcile", None)
        if reconcile is not None:
            result: ToolResult | None = await apart(reconcile(key))
            return result
    except BaseException as error:
        more = f" Asked for it, the tool said: {said(cause_of(error))}."
        raise CallInterrupted(cut.plugin, cut.because, cut.doing, more=more) from cut
    raise cut
