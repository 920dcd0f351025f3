"""Arithmetic, units and dates: the smallest complete plugin, to read before writing your own.

`tools` holds the functions that become tools, `trivet.toml` says what the plugin brings, and this module is what the
entry point names: the place where the host asks for it.
"""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    """Called at the first use of a tool, so whatever is heavy is imported here and not above."""
    from trivet_calculate import tools

    return stateless(
        Contributions(tools=(tools.evaluate, tools.convert, tools.days_between, tools.add_to_date, tools.weekday))
    )
