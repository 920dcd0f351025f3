"""Files of a workspace: listed, searched, read, written and summarized, never outside of it."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from trivet_files.tools import TOOLS  # not needed to know what the plugin brings

    return stateless(Contributions(tools=TOOLS))
