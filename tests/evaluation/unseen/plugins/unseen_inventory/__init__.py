"""Stock of a warehouse in warehouse.db."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_inventory import tools

    return stateless(Contributions(tools=(tools.stock, tools.below, tools.take_out)))
