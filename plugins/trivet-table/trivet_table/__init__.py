"""Tables of a workspace: asked, joined, converted and written, through an in-memory DuckDB."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from trivet_sdk.provenance import Provenance
    from trivet_table.tools import TOOLS  # DuckDB is loaded at the first use of a tool: 130 ms

    provenance = Provenance(context.settings.get("untrusted", ()))
    return stateless(Contributions(tools=tuple(provenance.over(tool, "path", "other", "paths") for tool in TOOLS)))
