"""Files of a workspace: listed, searched, read, written, edited and summarized, never outside of it."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from trivet_files.changes import Changes  # not needed to know what the plugin brings
    from trivet_files.tools import tools_of
    from trivet_sdk.provenance import Provenance

    provenance = Provenance(context.settings.get("untrusted", ()))
    return stateless(Contributions(tools=tools_of(Changes(context.data_dir / "undo"), provenance)))
