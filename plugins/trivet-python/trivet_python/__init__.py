"""The code interpreter: Python in a sandbox, one session for each run."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivet_sdk import Contributions, PluginContext, hookimpl


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    from trivet_python.building import Environment
    from trivet_python.calls import Calls
    from trivet_python.environment import Place, Unreadable
    from trivet_python.interpreters import open_interpreters
    from trivet_python.settings import settings_of
    from trivet_python.tool import python_with
    from trivet_sandbox import SandboxFailed
    from trivet_sdk import PluginError
    from trivet_sdk.events import RunClosed

    try:
        settings = settings_of(context.id, context.settings)
    except (SandboxFailed, Unreadable) as error:
        raise PluginError(context.id, f"cannot start: {error}") from error
    environment = Environment(Place(context.cache_dir / "packages", settings.packages) if settings.packages else None)
    async with (
        context.subscribe(RunClosed.topic) as closed,
        open_interpreters(settings, environment, closed, context.degraded) as interpreters,
    ):
        calls = Calls(context.data_dir / "calls")
        calls.sweep()
        yield Contributions(tools=(python_with(interpreters, calls, context.emit),))
