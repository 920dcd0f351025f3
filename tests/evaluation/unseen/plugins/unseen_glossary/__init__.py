"""Translations kept in memory.tmx, English and German."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_glossary import tools

    return stateless(Contributions(tools=(tools.lookup, tools.add_term, tools.untranslated)))
