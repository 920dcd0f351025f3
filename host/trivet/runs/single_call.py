"""One call of a tool on its own, outside of any run."""

from collections.abc import Callable
from functools import partial

from trivet.journal.blobs import BlobStore
from trivet.runs.attachments import workspace_of
from trivet.runs.attempts import carried_out
from trivet.runs.calling import broken
from trivet.runs.collaborators import Plugins
from trivet.runs.context import CallContext
from trivet.runs.failures import PluginBroke
from trivet.runs.foreign import cause_of, checked
from trivet.runs.naming import new_id
from trivet.runs.place import NoPlace, Place
from trivet_sdk.contributions import Invocation
from trivet_sdk.errors import ToolError, TrivetError
from trivet_sdk.events import ToolProgressed
from trivet_sdk.goal import Goal
from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolCall, ToolResult


async def called_alone(
    plugins: Plugins,
    executor_name: str,
    blobs: BlobStore,
    name: str,
    arguments: dict[str, Json],
    goal: Goal,
    tell: Callable[[ToolProgressed], None] | None,
) -> ToolResult:
    """Raises ToolError, also where the tool broke, and InvalidArguments."""
    spec = (await plugins.tool(name)).spec
    call = ToolCall(
        run="",
        step="",
        tool=spec.name,
        arguments=arguments,
        key=f"call/{new_id()}",
        effect=spec.effect,
        egress=spec.egress,
    )
    if reason := await plugins.veto(call):
        raise ToolError(f"the call was refused: {reason}")
    secrets = partial(plugins.secrets, spec.name)
    ctx = CallContext(call, workspace_of(goal, blobs), blobs, secrets, None, tell or (lambda progress: None))
    invocation = Invocation(call=call, spec=spec)
    executor = await plugins.executor(executor_name)
    try:
        async with Place(executor, invocation):
            returned = await carried_out(plugins, spec, call.key, lambda tool: executor.execute(invocation, tool, ctx))
        result: ToolResult = checked(returned, ToolResult)
        return result
    except (NoPlace, PluginBroke) as error:
        raise ToolError(str(error)) from error
    except BaseException as error:  # foreign code
        cause = cause_of(error)
        if isinstance(cause, TrivetError):
            raise cause from None
        raise ToolError(broken(cause, f"the tool '{spec.name}'")) from error
    finally:
        ctx.cancel()
