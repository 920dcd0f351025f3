"""Commands of a shell, each in a sandbox of its own."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from trivet_sandbox import Limits
    from trivet_sandbox.limits import MB
    from trivet_shell.tool import run_with

    settings = context.settings
    limits = Limits(memory=settings["memory"] * MB)
    return stateless(
        Contributions(tools=(run_with(profile=settings["profile"], timeout=settings["timeout"], limits=limits),))
    )
