"""Passages of local folders by words and by meaning, and the web."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivet_sdk import Contributions, PluginContext, hookimpl


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    """Quick: an index is opened by the first call that needs it."""
    from trivet_search.shelf import Shelf
    from trivet_search.tools import tools_over
    from trivet_search.web import web_search

    with Shelf(context).opened() as shelf:
        yield Contributions(tools=(*tools_over(shelf), web_search(context)))
