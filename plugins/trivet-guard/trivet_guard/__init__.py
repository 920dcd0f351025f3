"""An allow list of hosts for whatever leaves the machine."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless

from .egress import Egress


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    return stateless(Contributions(guards=(Egress(context.settings["hosts"], context.settings["tools"]),)))
