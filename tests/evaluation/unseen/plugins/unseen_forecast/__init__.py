"""Weather forecast for towns, from forecast.json."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_forecast import tools

    return stateless(Contributions(tools=(tools.at, tools.warnings, tools.warmest)))
