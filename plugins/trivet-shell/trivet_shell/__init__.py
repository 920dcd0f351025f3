"""Commands of a shell, each in a sandbox of its own."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from trivet_sandbox import Limits, SandboxFailed
    from trivet_sandbox.choice import choice_of
    from trivet_sandbox.limits import MB
    from trivet_sdk import PluginError
    from trivet_shell.tool import run_with

    settings = context.settings
    try:
        sandbox = choice_of(context.id, settings)
    except SandboxFailed as error:
        raise PluginError(context.id, f"cannot start: {error}") from error
    limits = Limits(memory=settings["memory"] * MB)
    tool = run_with(profile=settings["profile"], timeout=settings["timeout"], limits=limits, sandbox=sandbox)
    return stateless(Contributions(tools=(tool,)))
